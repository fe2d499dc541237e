package patch

import (
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// MemberChangeKind says what a MemberChange does.
type MemberChangeKind int

// The kinds of membership change.
const (
	// AddMembers adds the IDs.
	AddMembers MemberChangeKind = iota
	// RemoveMembers removes the IDs.
	RemoveMembers
	// ReplaceMembers makes the IDs the only members.
	ReplaceMembers
	// RemoveMatchingMembers removes the members that Filter selects, for which the members must be read.
	RemoveMatchingMembers
)

// MemberChange is one change of a group's membership.
type MemberChange struct {
	Kind   MemberChangeKind
	IDs    []string
	Filter filter.Expr
}

// changeMembers translates an operation on members. Members are added and removed, never edited (P-36).
func (a *applier) changeMembers(operation Operation, path filter.PatchPath) error {
	if path.Path.Sub != nil {
		return scimerr.BadRequest(scimerr.Mutability, "a member cannot be changed: add or remove it")
	}
	if path.Filter != nil {
		return a.changeSelectedMembers(operation, path.Filter)
	}
	if operation.Op == Remove && !operation.HasValue {
		a.members = append(a.members, MemberChange{Kind: ReplaceMembers})
		return nil
	}
	value, err := resource.Value(path.Path.Attribute, a.dialect, operation.Value)
	if err != nil {
		return err
	}
	ids, err := MemberIDs(value)
	if err != nil {
		return err
	}
	kind := map[Op]MemberChangeKind{Add: AddMembers, Replace: ReplaceMembers, Remove: RemoveMembers}[operation.Op]
	a.members = append(a.members, MemberChange{Kind: kind, IDs: ids})
	return nil
}

func (a *applier) changeSelectedMembers(operation Operation, selection filter.Expr) error {
	if operation.Op != Remove {
		return scimerr.BadRequest(scimerr.Mutability, "a member cannot be changed: add or remove it")
	}
	change := MemberChange{Kind: RemoveMatchingMembers, Filter: selection}
	if ids, ok := namedIDs(selection); ok {
		change = MemberChange{Kind: RemoveMembers, IDs: ids}
	}
	a.members = append(a.members, change)
	return nil
}

// namedIDs returns the ids of value eq "a" or value eq "b" …, which need no reading of the members.
func namedIDs(e filter.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *filter.Or:
		left, ok := namedIDs(e.Left)
		if !ok {
			return nil, false
		}
		right, ok := namedIDs(e.Right)
		return append(left, right...), ok
	case *filter.Compare:
		id, ok := e.Value.(string)
		return []string{id}, ok && e.Op == filter.Eq && e.Path.Is("value", "")
	}
	return nil, false
}

// MemberIDs returns the ids of a normalized members value. An element without a value is 400 invalidValue.
func MemberIDs(value any) ([]string, error) {
	list, _ := value.([]any)
	ids := make([]string, 0, len(list))
	for _, element := range list {
		object, _ := element.(map[string]any)
		id, _ := object["value"].(string)
		if id == "" {
			return nil, invalidValue("each of members needs a value, the id of a User or Group")
		}
		ids = append(ids, id)
	}
	return ids, nil
}
