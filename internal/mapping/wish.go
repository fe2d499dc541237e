package mapping

import (
	"encoding/json"
	"slices"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
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
	// path is the place in that mapping.
	path string
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
func (w *wishes) override(a Attribute, mapping Ref, path string, parsed map[string]json.RawMessage) error {
	f, err := a.flow(parsed)
	if err != nil {
		return err
	}
	element := []byte(newElement)
	if base, ok := w.find(a.Target); ok {
		element = base.element
	}
	w.put(wish{flow: f, element: element, owned: true, declared: true, mapping: mapping, path: path})
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

// remove drops the wish for the target; false where there is none.
func (w *wishes) remove(target string) bool {
	before := len(*w)
	*w = slices.DeleteFunc(*w, func(have wish) bool { return have.flow.target == target })
	return len(*w) < before
}

// checkSources finds what is wrong with the declared sources, given the attributes that the source directory defines.
func (w wishes) checkSources(object Object, defined []sourceDefinition) Findings {
	var attributes []expr.AttributeDefinition
	for _, d := range defined {
		attributes = append(attributes, expr.AttributeDefinition{Name: d.name, Type: d.kind, Multivalued: d.multivalued})
	}
	var found Findings
	for _, wish := range w {
		if !wish.declared || wish.flow.source == nil {
			continue
		}
		for _, fault := range expr.Check(wish.flow.source, attributes) {
			f := wrongExpression(fault)
			if fault.Attribute != "" {
				f = unknownSource(Ref{}, "", object, fault.Attribute, names(defined))
			}
			f.Mapping, f.Target, f.Path = wish.mapping, wish.flow.target, wish.path
			found = append(found, f)
		}
	}
	return found
}

// wanted lays the desired mappings of the object over the base.
func (p *planner) wanted(d declaration, base place) (wishes, Findings, error) {
	all := p.startingWishes(d, base)
	var found Findings
	for _, m := range d.mappings {
		for i, a := range m.Attributes {
			path := attributePath(i)
			if a.Remove {
				if !all.remove(a.Target) {
					found = append(found, Finding{Mapping: m.Ref, Target: a.Target, Path: path, Severity: SeverityWarning, Rule: "nothing-to-remove",
						Message: "Entra's default does not map the target, so there is nothing to remove", Remedy: "take the target off the list"})
				}
				continue
			}
			if err := all.override(a, m.Ref, path, p.desired.Parsed); err != nil {
				return nil, nil, err
			}
		}
	}
	if d.object == User && p.desired.mapsRoles() {
		if err := all.override(roleMappings[p.desired.Roles], Ref{}, "", p.desired.Parsed); err != nil {
			return nil, nil, err
		}
	}
	return all, found, nil
}

// startingWishes are what the base maps.
func (p *planner) startingWishes(d declaration, base place) wishes {
	var all wishes
	if d.base == BaseEmpty {
		return nil
	}
	for _, element := range base.elements {
		f := readFlow(element)
		if !d.owns() && isOwnRoleFlow(f) {
			continue // of another value of Roles, or put again
		}
		all.put(wish{flow: f, element: withoutAnnotations([]byte(element.Raw)), owned: d.owns()})
	}
	return all
}
