package patch

import (
	"maps"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Result is what a PATCH asks for.
type Result struct {
	// Doc is the changed document, without members; it is validated and may equal the given one (P-4).
	Doc map[string]any
	// Members are the membership changes, in order; the store applies them without reading the group (G-1).
	Members []MemberChange
}

// Apply runs the operations in order on a copy of the document and validates the outcome (P-2, P-5). Errors name
// the operation.
func Apply(rt *schema.ResourceType, d dialect.Dialect, doc map[string]any, operations []Operation) (Result, error) {
	a := &applier{rt: rt, dialect: d, doc: resource.Clone(doc)}
	for i, operation := range operations {
		if err := a.operation(operation); err != nil {
			return Result{}, scimerr.Prefix(err, "Operations[%d]", i)
		}
	}
	resource.Prune(a.doc, d.EmptyStringClears)
	if err := resource.Validate(rt, a.doc); err != nil {
		return Result{}, err
	}
	if err := resource.CheckImmutable(rt, doc, a.doc); err != nil {
		return Result{}, err
	}
	return Result{Doc: a.doc, Members: a.members}, nil
}

// MembersOnly returns the membership changes of a PATCH that does nothing but add, remove or replace members by id: it
// needs neither the group's document nor its members (G-1). ok is false for any other PATCH, a wrong one included.
func MembersOnly(rt *schema.ResourceType, d dialect.Dialect, operations []Operation) (changes []MemberChange, ok bool) {
	a := &applier{rt: rt, dialect: d, doc: map[string]any{}}
	for _, operation := range operations {
		if err := a.operation(operation); err != nil || a.touched {
			return nil, false
		}
	}
	for _, m := range a.members {
		if m.Kind == RemoveMatchingMembers {
			return nil, false
		}
	}
	return a.members, true
}

type applier struct {
	rt      *schema.ResourceType
	dialect dialect.Dialect
	doc     map[string]any
	members []MemberChange
	// touched is true when an operation was about more than members.
	touched bool
}

func (a *applier) operation(operation Operation) error {
	if operation.Op == Add && !operation.HasValue {
		return invalidValue("add needs a value")
	}
	if operation.Path == "" {
		return a.withoutPath(operation)
	}
	path, err := filter.ParsePath(a.rt, a.dialect, operation.Path)
	if err != nil {
		return err
	}
	if isReadOnly(path.Path) {
		return scimerr.BadRequest(scimerr.Mutability, "%s is readOnly", path.Path)
	}
	return a.at(operation, path)
}

// withoutPath applies each key of the value as an operation of its own. Keys may be names, dotted names, full URN
// notation, URN objects and value paths (P-28, E-12); what is none of these, or is readOnly, is ignored (S-7, S-13).
func (a *applier) withoutPath(operation Operation) error {
	if operation.Op == Remove {
		return scimerr.BadRequest(scimerr.NoTarget, "remove needs a path")
	}
	object, ok := operation.Value.(map[string]any)
	if !ok {
		return invalidValue("an operation without a path needs an object as its value")
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		path, err := filter.ParsePath(a.rt, a.dialect, a.dialect.CurrentURN(key))
		if err != nil || isReadOnly(path.Path) {
			continue
		}
		part := Operation{Op: operation.Op, Path: key, Value: object[key], HasValue: true}
		if err := a.at(part, path); err != nil {
			return scimerr.Prefix(err, "%s", path.Path)
		}
	}
	return nil
}

func isReadOnly(path schema.Path) bool {
	return path.Attribute != nil && path.Attribute.Mutability == schema.ReadOnly ||
		path.Sub != nil && path.Sub.Mutability == schema.ReadOnly
}

// at dispatches one operation on a resolved path.
func (a *applier) at(operation Operation, path filter.PatchPath) error {
	target := path.Path
	isMembers := a.rt.Name == schema.Group && target.Extension == nil && target.Attribute != nil && target.Attribute.Name == "members"
	a.touched = a.touched || !isMembers
	switch {
	case isMembers:
		return a.changeMembers(operation, path)
	case target.Attribute == nil:
		return a.wholeExtension(operation, target.Extension)
	case target.Is("schemas", ""), target.Attribute.Mutability == schema.WriteOnly:
		// schemas follows from the data, and passwords are not kept: both are taken without effect.
		return nil
	case operation.Op == Remove:
		return a.remove(operation, path)
	case path.Filter != nil:
		return a.setElements(operation, path)
	case target.Sub != nil:
		return a.setSub(operation, target)
	}
	return a.set(operation, target)
}

// wholeExtension applies each key of an extension object, or removes the extension (P-9, P-35).
func (a *applier) wholeExtension(operation Operation, extension *schema.Schema) error {
	if operation.Op == Remove || operation.Op == Replace && operation.Value == nil {
		delete(a.doc, extension.ID)
		return nil
	}
	object, ok := operation.Value.(map[string]any)
	if !ok {
		return invalidValue("%s needs an object as its value", extension.ID)
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		path, err := filter.ParsePath(a.rt, a.dialect, extension.ID+":"+key)
		if err != nil || isReadOnly(path.Path) {
			continue
		}
		part := Operation{Op: operation.Op, Path: key, Value: object[key], HasValue: true}
		if err := a.at(part, path); err != nil {
			return err
		}
	}
	return nil
}

// container returns the object that holds the path's attribute, made if it is missing.
func (a *applier) container(path schema.Path) map[string]any {
	if path.Extension == nil {
		return a.doc
	}
	object, ok := a.doc[path.Extension.ID].(map[string]any)
	if !ok {
		object = map[string]any{}
		a.doc[path.Extension.ID] = object
	}
	return object
}

func invalidValue(format string, args ...any) error {
	return scimerr.BadRequest(scimerr.InvalidValue, format, args...)
}
