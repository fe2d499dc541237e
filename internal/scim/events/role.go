package events

import (
	"cmp"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Source says where a role stems from.
type Source string

// The sources of roles.
const (
	// Direct: the user's own attribute roles has it.
	Direct Source = "direct"
	// FromGroup: the user is in the group of that name, directly or through groups.
	FromGroup Source = "group"
)

// Role is something that a user may do in the app. The same value may come from several sources.
type Role struct {
	// Value is the value of the user's own role, or the displayName of a group.
	Value string `json:"value"`
	// Display is the display name of a role of the user's own.
	Display string `json:"display,omitzero"`
	Source  Source `json:"source"`
	// GroupID is the id of the group.
	GroupID string `json:"groupId,omitzero"`
	// Membership is direct or indirect, as type of a user's groups in SCIM is; only groups have it.
	Membership string `json:"membership,omitzero"`
}

// effectiveRoles joins a user's own roles, in their order, and those that groups give, in the order of their names.
func effectiveRoles(own any, memberships []store.Membership) []Role {
	roles := []Role{}
	list, _ := own.([]any)
	for _, element := range list {
		object, _ := element.(map[string]any)
		if value := text(object["value"]); value != "" {
			roles = append(roles, Role{Value: value, Display: text(object["display"]), Source: Direct})
		}
	}
	through := len(roles)
	for _, m := range memberships {
		if m.Display == "" {
			continue // a group without a name gives nothing that could be named
		}
		membership := "indirect"
		if m.Direct {
			membership = "direct"
		}
		roles = append(roles, Role{Value: m.Display, Source: FromGroup, GroupID: m.ID, Membership: membership})
	}
	slices.SortFunc(roles[through:], func(a, b Role) int {
		return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.GroupID, b.GroupID))
	})
	return roles
}
