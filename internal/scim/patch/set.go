package patch

import (
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// set adds or replaces the value of a whole attribute (P-14, P-15, P-22, P-23, P-27).
func (a *applier) set(operation Operation, path schema.Path) error {
	holder, attribute := a.container(path), path.Attribute
	if attribute.Type == schema.Complex && !attribute.MultiValued {
		return a.mergeComplex(holder, attribute, operation.Value)
	}
	value, err := resource.Value(attribute, a.dialect, operation.Value)
	if err != nil {
		return err
	}
	if attribute.MultiValued && operation.Op == Add {
		added, _ := value.([]any)
		existing, _ := holder[attribute.Name].([]any)
		assign(holder, attribute.Name, a.collapse(attribute, appendElements(attribute, existing, added)))
		return nil
	}
	assign(holder, attribute.Name, value)
	return nil
}

// assign stores a value or, when there is none, clears the attribute.
func assign(holder map[string]any, name string, value any) {
	if list, ok := value.([]any); value == nil || ok && len(list) == 0 {
		delete(holder, name)
		return
	}
	holder[name] = value
}

// mergeComplex sets the given sub-attributes of a single complex attribute and keeps the others; one that is given
// as null or, in the Entra dialect, "" is cleared.
func (a *applier) mergeComplex(holder map[string]any, attribute *schema.Attribute, value any) error {
	given, err := resource.Object(attribute, a.dialect, value)
	if err != nil {
		return err
	}
	if given == nil {
		delete(holder, attribute.Name)
		return nil
	}
	object, ok := holder[attribute.Name].(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	if err := a.mergeInto(object, attribute, given); err != nil {
		return err
	}
	holder[attribute.Name] = object
	return nil
}

// mergeInto sets the given sub-attributes of one object; null, and "" in the Entra dialect, clears one.
func (a *applier) mergeInto(object map[string]any, attribute *schema.Attribute, given map[string]any) error {
	given, err := resource.Object(attribute, a.dialect, given)
	if err != nil {
		return err
	}
	for key, v := range given {
		sub := attribute.Sub(key)
		if sub == nil || !sub.Settable() {
			continue
		}
		value, err := resource.Value(sub, a.dialect, v)
		if err != nil {
			return scimerr.Prefix(err, "%s", attribute.Name)
		}
		assign(object, sub.Name, value)
	}
	return nil
}

// setSub sets a sub-attribute of a single complex attribute, made if it is missing (P-20), or of every element of a
// multi-valued one.
func (a *applier) setSub(operation Operation, path schema.Path) error {
	holder, attribute := a.container(path), path.Attribute
	given := map[string]any{path.Sub.Name: operation.Value}
	if !attribute.MultiValued {
		object, ok := holder[attribute.Name].(map[string]any)
		if !ok {
			object = map[string]any{}
			holder[attribute.Name] = object
		}
		return a.mergeInto(object, attribute, given)
	}
	list, _ := holder[attribute.Name].([]any)
	if len(list) == 0 {
		list = []any{map[string]any{}}
	}
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			if err := a.mergeInto(object, attribute, given); err != nil {
				return err
			}
		}
	}
	holder[attribute.Name] = a.collapse(attribute, list)
	return nil
}

// collapse keeps one of the elements that stand for the same thing, and one for each type where the dialect says so.
func (a *applier) collapse(attribute *schema.Attribute, list []any) []any {
	list = resource.Collapse(attribute, list)
	if a.dialect.OneElementPerType {
		list = resource.OnePerType(attribute, list)
	}
	return list
}

// appendElements adds elements; one that stands for an existing element is merged into it (P-15), and an added
// primary takes that mark from the others (P-6).
func appendElements(attribute *schema.Attribute, list, added []any) []any {
	for _, element := range added {
		position := -1
		for i, have := range list {
			if resource.SameElement(attribute, have, element) {
				position = i
				break
			}
		}
		if position < 0 {
			list = append(list, element)
			position = len(list) - 1
		} else {
			mergeElement(list[position], element)
		}
		if isPrimary(element) {
			clearOtherPrimaries(list, position)
		}
	}
	return list
}

// mergeElement copies what the added element has and the existing one, of the same value, has not or has otherwise.
func mergeElement(existing, added any) {
	have, ok := existing.(map[string]any)
	object, okAdded := added.(map[string]any)
	if !ok || !okAdded {
		return
	}
	for key, v := range object {
		if key != "value" && key != "type" {
			have[key] = v
		}
	}
}

func isPrimary(element any) bool {
	object, ok := element.(map[string]any)
	return ok && object["primary"] == true
}

func clearOtherPrimaries(list []any, position int) {
	for i, element := range list {
		if i != position && isPrimary(element) {
			element.(map[string]any)["primary"] = false
		}
	}
}
