package store

import (
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Field is something a store has an index on.
type Field int

// The indexed fields (F-21).
const (
	FieldID Field = iota
	FieldUserName
	FieldExternalID
	FieldDisplayName
	FieldEmail
	FieldManager
	FieldActive
	// FieldMember selects the groups that have the member.
	FieldMember
	// FieldGroup selects the members of the group.
	FieldGroup
)

// Condition is an equality on an indexed field. Value is a comparison key, or a bool for FieldActive.
type Condition struct {
	Field Field
	Value any
}

// Plan splits a filter into conditions that an index answers and the rest, which must be evaluated on the records
// that satisfy the conditions; rest is nil when the conditions say it all.
func Plan(e filter.Expr) (conditions []Condition, rest filter.Expr) {
	switch e := e.(type) {
	case *filter.And:
		left, restLeft := Plan(e.Left)
		right, restRight := Plan(e.Right)
		return append(left, right...), conjunction(restLeft, restRight)
	case *filter.Compare:
		if c, ok := condition(e); ok {
			return []Condition{c}, nil
		}
	case *filter.ValuePath:
		if c, ok := elementCondition(e); ok {
			return []Condition{c}, e
		}
	}
	return nil, e
}

func conjunction(left, right filter.Expr) filter.Expr {
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	}
	return &filter.And{Left: left, Right: right}
}

func condition(c *filter.Compare) (Condition, bool) {
	if c.Op != filter.Eq {
		return Condition{}, false
	}
	if b, ok := c.Value.(bool); ok && c.Path.Is("active", "") {
		return Condition{FieldActive, b}, true
	}
	s, ok := c.Value.(string)
	if !ok || s == "" {
		return Condition{}, false
	}
	path := c.Path
	switch {
	case path.Is("id", ""):
		return Condition{FieldID, s}, true
	case path.Is("userName", ""):
		return Condition{FieldUserName, schema.Fold(s)}, true
	case path.Is("externalId", ""):
		return Condition{FieldExternalID, s}, true
	case path.Is("displayName", ""):
		return Condition{FieldDisplayName, schema.Fold(s)}, true
	case path.Is("emails", "value"):
		return Condition{FieldEmail, schema.Fold(s)}, true
	case path.Is("members", "value"):
		return Condition{FieldMember, s}, true
	case path.Is("groups", "value"):
		return Condition{FieldGroup, s}, true
	case path.Extension != nil && path.Extension.ID == schema.EnterpriseUserURN &&
		path.Attribute.Name == "manager" && path.Sub.Name == "value":
		return Condition{FieldManager, s}, true
	}
	return Condition{}, false
}

// elementCondition finds an equality on value that every element which satisfies the value path must meet, as in
// Entra's emails[type eq "work"].value eq "x" (F-1). It only narrows; the value path is still evaluated.
func elementCondition(v *filter.ValuePath) (Condition, bool) {
	fields := map[string]Field{"emails": FieldEmail, "members": FieldMember, "groups": FieldGroup}
	field, ok := fields[v.Path.Attribute.Name]
	if !ok || v.Path.Extension != nil {
		return Condition{}, false
	}
	value, ok := requiredValue(v.Filter)
	if ok && field == FieldEmail {
		value = schema.Fold(value)
	}
	return Condition{field, value}, ok
}

func requiredValue(e filter.Expr) (string, bool) {
	switch e := e.(type) {
	case *filter.And:
		if s, ok := requiredValue(e.Left); ok {
			return s, true
		}
		return requiredValue(e.Right)
	case *filter.Compare:
		s, ok := e.Value.(string)
		return s, ok && s != "" && e.Op == filter.Eq && e.Path.Is("value", "")
	}
	return "", false
}
