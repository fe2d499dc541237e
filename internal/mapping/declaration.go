package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// declaration is what all mappings of one object say together.
type declaration struct {
	object   Object
	mappings []Mapping
	base     Base
	state    State
	actions  []Action
	scope    []ScopeGroup
	scopeBy  Ref
}

// declaration joins the mappings of the object. Validate has found where two of them disagree.
func (d Desired) declaration(object Object) declaration {
	joined := declaration{object: object, base: BaseEntraDefault}
	for _, m := range d.Mappings {
		if m.Object != object {
			continue
		}
		joined.mappings = append(joined.mappings, m)
		if m.Base != "" {
			joined.base = m.Base
		}
		if m.State != "" {
			joined.state = m.State
		}
		if len(m.Actions) > 0 {
			joined.actions = m.Actions
		}
		if len(m.Scope) > 0 {
			joined.scope, joined.scopeBy = m.Scope, m.Ref
		}
	}
	return joined
}

// said is one thing that only one mapping of an object may say.
type said struct {
	field string
	value func(Mapping) string
}

var saidOnce = []said{
	{"base", func(m Mapping) string { return string(m.Base) }},
	{"state", func(m Mapping) string { return string(m.State) }},
	{"actions", func(m Mapping) string { return actionWords(m.Actions) }},
	{"scope", func(m Mapping) string { return scopeWords(m.Scope) }},
}

// disagreements finds what two mappings of one object say differently.
func disagreements(d Desired) Findings {
	var found Findings
	for i, m := range d.Mappings {
		for _, other := range d.Mappings[:i] {
			if other.Object != m.Object {
				continue
			}
			for _, once := range saidOnce {
				mine, theirs := once.value(m), once.value(other)
				if mine == "" || theirs == "" || mine == theirs {
					continue
				}
				found = append(found, Finding{Mapping: other.Ref, Other: m.Ref, Path: "spec." + once.field, Severity: SeverityError, Rule: "disagreement",
					Message: fmt.Sprintf("both map object %s and say different things about %s: %s, and %s", m.Object, once.field, theirs, mine),
					Remedy:  fmt.Sprintf("leave %s to one of them", once.field)})
			}
		}
	}
	return found
}

// repeatedDefinitions finds attributes that are declared by two mappings of one object, or twice by one.
func repeatedDefinitions(d Desired) Findings {
	var found Findings
	type key struct {
		object Object
		field  string
		name   string
	}
	owners := map[key]Ref{}
	note := func(m Mapping, field string, i int, k key) {
		first, taken := owners[k]
		if !taken {
			owners[k] = m.Ref
			return
		}
		first, second := parties(first, m.Ref)
		found = append(found, Finding{Mapping: first, Other: second, Target: k.name, Path: fmt.Sprintf("spec.%s[%d]", field, i), Severity: SeverityError,
			Rule: "declared-twice", Message: "the attribute is declared twice under " + field, Remedy: "keep one of the two"})
	}
	for _, m := range d.Mappings {
		for i, a := range m.TargetAttributes {
			note(m, "targetAttributes", i, key{m.Object, "targetAttributes", strings.ToLower(a.Name)})
		}
		for i, a := range m.SourceAttributes {
			note(m, "sourceAttributes", i, key{m.Object, "sourceAttributes", a.Name})
		}
	}
	return found
}

// actionWords lists actions in their own order; empty for none.
func actionWords(actions []Action) string {
	var words []string
	for _, action := range allActions {
		if slices.Contains(actions, action) {
			words = append(words, string(action))
		}
	}
	return strings.Join(words, ", ")
}

// allActions are the actions in the order in which Graph writes the flow types that they stand for.
var allActions = []Action{ActionCreate, ActionUpdate, ActionDelete}

// flowTypes are Graph's names of the actions.
var flowTypes = map[Action]string{ActionCreate: "Add", ActionUpdate: "Update", ActionDelete: "Delete"}

// readActions reads flowTypes in either spelling; others are what stands for no action.
func readActions(flows string) (actions []Action, others []string) {
	for part := range strings.SplitSeq(flows, ",") {
		part = strings.TrimSpace(part)
		i := slices.IndexFunc(allActions, func(a Action) bool { return strings.EqualFold(flowTypes[a], part) })
		switch {
		case i >= 0:
			actions = append(actions, allActions[i])
		case part != "" && !strings.EqualFold(part, "None"):
			others = append(others, part)
		}
	}
	return actions, others
}

// writeActions spells the actions as the flowTypes are spelled that they replace: with a blank after the comma, or without.
func writeActions(actions []Action, like string) string {
	separator := ", "
	if strings.Contains(like, ",") && !strings.Contains(like, ", ") {
		separator = ","
	}
	var flows []string
	for _, action := range allActions {
		if slices.Contains(actions, action) {
			flows = append(flows, flowTypes[action])
		}
	}
	return strings.Join(flows, separator)
}
