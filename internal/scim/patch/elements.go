package patch

import (
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// setElements adds or replaces at the elements that the path's filter selects, and builds the element when there is
// none (P-16 to P-19, P-24 to P-26).
func (a *applier) setElements(operation Operation, path filter.PatchPath) error {
	holder, attribute := a.container(path.Path), path.Path.Attribute
	list, _ := holder[attribute.Name].([]any)
	matched := matches(path.Filter, list)
	if len(matched) == 0 {
		element, err := a.buildElement(operation, path)
		if err != nil || element == nil {
			return err
		}
		assign(holder, attribute.Name, appendElements(attribute, list, []any{element}))
		return nil
	}
	for _, i := range matched {
		element, err := a.changedElement(operation, path, list[i])
		if err != nil {
			return err
		}
		list[i] = element
		if isPrimary(element) {
			clearOtherPrimaries(list, i)
		}
	}
	assign(holder, attribute.Name, a.collapse(attribute, withoutNil(list)))
	return nil
}

func matches(selection filter.Expr, list []any) []int {
	var matched []int
	for i, element := range list {
		if filter.MatchElement(selection, element) {
			matched = append(matched, i)
		}
	}
	return matched
}

// changedElement returns a matched element after the operation; nil when nothing is left of it.
func (a *applier) changedElement(operation Operation, path filter.PatchPath, element any) (any, error) {
	attribute := path.Path.Attribute
	object, ok := element.(map[string]any)
	if !ok {
		return a.oneElement(attribute, operation.Value)
	}
	if path.Path.Sub != nil {
		return object, a.mergeInto(object, attribute, map[string]any{path.Path.Sub.Name: operation.Value})
	}
	given, err := resource.Object(attribute, a.dialect, operation.Value)
	if err != nil || given == nil {
		return nil, err
	}
	if operation.Op == Replace && !a.dialect.MergeMatchedElements {
		object = map[string]any{}
	}
	return object, a.mergeInto(object, attribute, given)
}

// oneElement normalizes the value of a single element of a multi-valued attribute.
func (a *applier) oneElement(attribute *schema.Attribute, v any) (any, error) {
	value, err := resource.Value(attribute, a.dialect, v)
	list, _ := value.([]any)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// buildElement makes the element that the filter describes, with the operation's value in it; nil when the value is
// empty, because clearing what is not there changes nothing.
func (a *applier) buildElement(operation Operation, path filter.PatchPath) (any, error) {
	if operation.Op == Replace && !a.dialect.CreateMissingElement {
		return nil, scimerr.BadRequest(scimerr.NoTarget, "no element of %s matches the filter", path.Path.Attribute.Name)
	}
	attribute := path.Path.Attribute
	if attribute.Type != schema.Complex {
		return a.oneElement(attribute, operation.Value)
	}
	given := map[string]any{}
	if path.Path.Sub != nil {
		given[path.Path.Sub.Name] = operation.Value
	} else {
		object, err := resource.Object(attribute, a.dialect, operation.Value)
		if err != nil {
			return nil, err
		}
		given = object
	}
	filled := map[string]any{}
	if err := a.mergeInto(filled, attribute, given); err != nil || len(filled) == 0 {
		return nil, err
	}
	element, err := elementFromFilter(attribute, path.Filter)
	if err != nil {
		return nil, err
	}
	return element, a.mergeInto(element, attribute, given)
}

// elementFromFilter is possible only for a conjunction of eq terms (P-18).
func elementFromFilter(attribute *schema.Attribute, selection filter.Expr) (map[string]any, error) {
	terms, ok := filter.Equalities(selection)
	if !ok {
		return nil, scimerr.BadRequest(scimerr.NoTarget,
			"no element of %s matches, and one can be made only from a filter of eq terms joined by and", attribute.Name)
	}
	element := map[string]any{}
	for _, term := range terms {
		switch term.Value.(type) {
		case string, bool:
			element[term.Path.Attribute.Name] = term.Value
		default:
			return nil, scimerr.BadRequest(scimerr.NoTarget, "no element of %s matches the filter", attribute.Name)
		}
	}
	return element, nil
}

func withoutNil(list []any) []any {
	kept := make([]any, 0, len(list))
	for _, element := range list {
		if element != nil {
			kept = append(kept, element)
		}
	}
	return kept
}
