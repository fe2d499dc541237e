package patch

import (
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// remove clears an attribute, a sub-attribute, or elements (P-31 to P-35). What is already unassigned is a success.
func (a *applier) remove(operation Operation, path filter.PatchPath) error {
	target := path.Path
	if target.Attribute.Required && target.Sub == nil {
		return scimerr.BadRequest(scimerr.Mutability, "%s is required and cannot be removed", target)
	}
	holder := a.container(target)
	if !target.Attribute.MultiValued {
		removeSingle(holder, target)
		return nil
	}
	list, _ := holder[target.Attribute.Name].([]any)
	kept, err := a.removeElements(operation, path, list)
	if err != nil {
		return err
	}
	assign(holder, target.Attribute.Name, kept)
	return nil
}

func removeSingle(holder map[string]any, target schema.Path) {
	if target.Sub == nil {
		delete(holder, target.Attribute.Name)
		return
	}
	if object, ok := holder[target.Attribute.Name].(map[string]any); ok {
		delete(object, target.Sub.Name)
	}
}

// removeElements returns the elements that stay.
func (a *applier) removeElements(operation Operation, path filter.PatchPath, list []any) ([]any, error) {
	if path.Filter == nil && path.Path.Sub == nil {
		if operation.Value == nil {
			return nil, nil
		}
		return a.withoutNamed(path.Path.Attribute, list, operation.Value)
	}
	selected := make(map[int]bool, len(list))
	if path.Filter == nil {
		for i := range list {
			selected[i] = true
		}
	} else {
		for _, i := range matches(path.Filter, list) {
			selected[i] = true
		}
		if len(selected) == 0 && !a.dialect.CreateMissingElement {
			return nil, scimerr.BadRequest(scimerr.NoTarget, "no element of %s matches the filter", path.Path.Attribute.Name)
		}
	}
	return removeSelected(list, selected, path.Path.Sub), nil
}

func removeSelected(list []any, selected map[int]bool, sub *schema.Attribute) []any {
	kept := make([]any, 0, len(list))
	for i, element := range list {
		if selected[i] && sub == nil {
			continue
		}
		if object, ok := element.(map[string]any); ok && selected[i] {
			delete(object, sub.Name)
		}
		kept = append(kept, element)
	}
	return kept
}

// withoutNamed keeps the elements that the value does not name (P-32). A named element need not have the type of
// the one it names: Entra sends only value.
func (a *applier) withoutNamed(attribute *schema.Attribute, list []any, value any) ([]any, error) {
	normalized, err := resource.Value(attribute, a.dialect, value)
	if err != nil {
		return nil, err
	}
	named, _ := normalized.([]any)
	kept := make([]any, 0, len(list))
	for _, element := range list {
		if !namesElement(attribute, named, element) {
			kept = append(kept, element)
		}
	}
	return kept, nil
}

func namesElement(attribute *schema.Attribute, named []any, element any) bool {
	for _, n := range named {
		object, ok := n.(map[string]any)
		existing, okExisting := element.(map[string]any)
		if ok && okExisting && object["type"] == nil && object["value"] != nil {
			n = map[string]any{"value": object["value"], "type": existing["type"]}
		}
		if resource.SameElement(attribute, n, element) {
			return true
		}
	}
	return false
}
