package mapping

import (
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"
)

// wish is how one target is to be mapped.
type wish struct {
	flow flow
	// element is what a new attributeMapping starts from: the default's own, so that its other members are kept.
	element []byte
	// owned says that the schema has to have it so: a mapping or Roles asks for it, or it is the default of a mapped object.
	owned bool
	// declared says that a mapping or Roles asks for it; mapping is who asks and zero for Roles.
	declared bool
	mapping  Ref
}

// wishes are all targets of an object, in the order in which they are to stand where the live schema has none.
type wishes []wish

func (w wishes) find(target string) (wish, bool) {
	i := slices.IndexFunc(w, func(have wish) bool { return have.flow.target == target })
	if i < 0 {
		return wish{}, false
	}
	return w[i], true
}

// put replaces the wish for the same target, or adds it.
func (w *wishes) put(wanted wish) {
	i := slices.IndexFunc(*w, func(have wish) bool { return have.flow.target == wanted.flow.target })
	if i < 0 {
		*w = append(*w, wanted)
		return
	}
	(*w)[i] = wanted
}

// override asks for an attribute in place of what the base says about its target.
func (w *wishes) override(a Attribute, mapping Ref, parsed map[string]json.RawMessage) error {
	f, err := a.flow(parsed)
	if err != nil {
		return err
	}
	element := []byte(newElement)
	if base, ok := w.find(a.Target); ok {
		element = base.element
	}
	w.put(wish{flow: f, element: element, owned: true, declared: true, mapping: mapping})
	return nil
}

func (w wishes) matchers() []matcher {
	var matchers []matcher
	for _, wish := range w {
		if wish.flow.precedence > 0 {
			matchers = append(matchers, matcher{wish.flow.target, wish.flow.precedence, wish.mapping})
		}
	}
	return matchers
}

// checkSources finds declared source attributes that Entra does not have. What the base maps is known to exist.
func (w wishes) checkSources(object Object, live, base place) Findings {
	known := append(attributeNames(live.source), computedAttributes[object]...)
	for _, element := range base.elements {
		if source := readFlow(element).source; source != nil {
			known = append(known, source.Attributes()...)
		}
	}
	var found Findings
	for _, wish := range w {
		if !wish.declared || wish.flow.source == nil {
			continue
		}
		for _, name := range wish.flow.source.Attributes() {
			if !slices.Contains(known, name) {
				found = append(found, unknownSource(wish.mapping, wish.flow.target, object, name, known))
			}
		}
	}
	return found
}

// definitions are attribute definitions to add to the target directory, with their names.
type definitions struct {
	names []string
	raw   []json.RawMessage
}

// definitions are those that the live target object lacks, and findings about declared targets that it can not get.
func (w wishes) definitions(live, base place) (definitions, Findings) {
	var missing definitions
	var found Findings
	for _, wish := range w {
		if !wish.owned {
			continue
		}
		target := wish.flow.target
		isRole := wish.declared && wish.mapping == (Ref{})
		raw, ok := missingDefinition(live.target, base.target, target, isRole)
		switch {
		case ok && raw != nil:
			missing.names = append(missing.names, target)
			missing.raw = append(missing.raw, raw)
		case !ok && wish.declared:
			found = append(found, unknownTarget(wish.mapping, target, knownTargets(live.target, base.target)))
		}
	}
	return missing, found
}

func knownTargets(objects ...gjson.Result) []string {
	var names []string
	for _, object := range objects {
		names = append(names, attributeNames(object)...)
	}
	return names
}
