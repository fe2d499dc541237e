package mapping

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidwall/sjson"
)

// Plan is what has to be written so that a job maps as it is wanted.
type Plan struct {
	// Schema is the whole schema to PUT; nil when nothing changes.
	Schema json.RawMessage
	// Changes are what it changes, User first.
	Changes []Change
	// Warnings stop nothing: they are for whoever reads the plan.
	Warnings Findings
	// People is how many are in scope, for Lines. NewPlan does not know: whoever does sets it. 0 is not known.
	People int
}

// Empty says that there is nothing to write.
func (p Plan) Empty() bool { return len(p.Changes) == 0 }

// NewPlan compares a job's live schema with what is desired. template is the default schema of the job's template, from which
// declared mappings start; it may be nil where d has no Mappings. Both are synchronizationSchema resources as Graph sent them.
// Compared is the meaning, not the spelling: order, version, annotations, blanks and missing or null members do not count. An object
// type that d has mappings for gets what their base says with these laid over; one without keeps what is live.
// The error is Findings where the mappings are at fault.
func NewPlan(live, template []byte, d Desired) (Plan, error) {
	findings := Validate(d)
	if err := findings.asError(); err != nil {
		return Plan{}, err
	}
	if err := checkSchema(live); err != nil {
		return Plan{}, fmt.Errorf("reading the job's schema: %w", err)
	}
	p := planner{desired: d, schema: withoutAnnotations(live), template: template}
	for _, object := range []Object{User, Group} {
		wantsRoles := object == User && d.mapsRoles()
		if !d.mapped(object) && !wantsRoles {
			continue
		}
		found, err := p.planObject(object)
		if err != nil {
			return Plan{}, err
		}
		findings = append(findings, found...)
	}
	if err := findings.asError(); err != nil {
		return Plan{}, err
	}
	if len(p.changes) == 0 {
		return Plan{Warnings: findings}, nil
	}
	return Plan{Schema: p.schema, Changes: p.changes, Warnings: findings}, nil
}

// planner holds the schema while it is edited.
type planner struct {
	desired  Desired
	schema   []byte
	template []byte
	changes  []Change
}

// planObject edits what the schema says about one object. With findings that are errors the schema is not to be used.
func (p *planner) planObject(object Object) (Findings, error) {
	live, err := locate(p.schema, object)
	if err != nil {
		return nil, err
	}
	base, declared := live, p.desired.declaration(object)
	if declared.owns() {
		if err := checkSchema(p.template); err != nil {
			return nil, fmt.Errorf("reading the default schema of the job's template: %w", err)
		}
		if base, err = locate(p.template, object); err != nil {
			return nil, fmt.Errorf("reading the default schema of the job's template: %w", err)
		}
	}
	wanted, found, err := p.wanted(declared, base)
	if err != nil {
		return nil, err
	}
	found = append(found, p.check(declared, wanted, live, base)...)
	definitions, unknown := wanted.definitions(declared, live, base)
	if found = append(found, unknown...); found.asError() != nil {
		return found, nil
	}
	for _, edit := range []func() error{
		func() error { return p.head(declared, live, base) },
		func() error { return p.defineSources(declared, live) },
		func() error { return p.defineTargets(declared, live, definitions) },
		func() error { return p.rewrite(declared, live, wanted) },
		func() error { return p.forgetTargets(declared, wanted, live, base) },
	} {
		if err := edit(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// check finds what only the schemas can tell.
func (p *planner) check(declared declaration, wanted wishes, live, base place) Findings {
	defined := declared.sources(live, base)
	found := wanted.checkSources(declared.object, defined)
	if !declared.owns() {
		return found
	}
	found = append(found, declared.checkScopeAttributes(defined, p.desired.Operators)...)
	return append(found, declared.checkMatching(wanted.matchers())...)
}

// rewrite makes the elements of the live object mapping mean what is wanted: those that mean it already stay untouched, and so does
// the order of those that stay.
func (p *planner) rewrite(declared declaration, live place, wanted wishes) error {
	object, seen := declared.object, map[string]bool{}
	var surplus []int
	for i, element := range live.elements {
		have := readFlow(element)
		wish, ok := wanted.find(have.target)
		if !ok || seen[have.target] {
			if !declared.owns() && !isOwnRoleFlow(have) {
				continue // whose we do not own we leave alone, even a target mapped twice
			}
			surplus = append(surplus, i)
			p.mappingChange(object, have, flow{})
			continue
		}
		seen[have.target] = true
		if !wish.owned || have.equal(wish.flow) {
			continue
		}
		p.mappingChange(object, have, wish.flow)
		raw, err := wish.flow.writeOver([]byte(element.Raw))
		if err != nil {
			return err
		}
		if p.schema, err = edit(p.schema, fmt.Sprintf("%s.%d", live.mappings, i), raw); err != nil {
			return err
		}
	}
	for _, wish := range wanted {
		if seen[wish.flow.target] {
			continue
		}
		p.mappingChange(object, flow{}, wish.flow)
		raw, err := wish.flow.writeOver(wish.element)
		if err != nil {
			return err
		}
		if p.schema, err = appendTo(p.schema, live.mappings, raw); err != nil {
			return err
		}
	}
	return p.remove(live.mappings, surplus)
}

// remove deletes the elements at these ascending indices.
func (p *planner) remove(path string, indices []int) (err error) {
	for _, i := range slices.Backward(indices) {
		if p.schema, err = sjson.DeleteBytes(p.schema, fmt.Sprintf("%s.%d", path, i)); err != nil {
			return fmt.Errorf("removing an element of %s of the schema: %w", path, err)
		}
	}
	return nil
}

func (p *planner) change(object Object, aspect Aspect, target, old, wanted string) {
	p.changes = append(p.changes, Change{Object: object, Aspect: aspect, Target: target, Old: old, New: wanted})
}

func (p *planner) mappingChange(object Object, old, wanted flow) {
	target := old.target
	if target == "" {
		target = wanted.target
	}
	p.change(object, AspectAttribute, target, old.String(), wanted.String())
}

// ownRole is the value of Roles that stands for exactly this flow; empty for none.
func ownRole(f flow) Roles {
	for roles, own := range roleMappings {
		if wanted, err := own.flow(nil); err == nil && f.equal(wanted) {
			return roles
		}
	}
	return ""
}

func isOwnRoleFlow(f flow) bool { return ownRole(f) != "" }
