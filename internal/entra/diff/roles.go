package diff

import (
	"slices"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Role is a declared app role.
type Role struct {
	Value       string
	DisplayName string
	Description string
}

// roleNamespace is the UUID namespace (RFC 9562 section 5.5) of the IDs that we give to roles.
var roleNamespace = uuid.MustParse("2c3a9f5e-6f0b-5d0e-9b57-3a4f9a1c7d10")

// RoleID is the ID that we give to the role with that value in that application. It is computed, so that a role of ours is
// known as ours after every loss of state.
func RoleID(applicationID, value string) string {
	return uuid.NewSHA1(roleNamespace, []byte(applicationID+"/"+value)).String()
}

// mergeRoles gives the whole list to write, and false when it is as it should be. Roles that we did not make stay. One of
// ours that is no longer declared is disabled first, as Graph demands, and left out once nobody holds it.
func mergeRoles(have entra.Application, want []Role, inUse func(roleID string) bool) ([]entra.AppRole, bool) {
	out := make([]entra.AppRole, 0, len(have.AppRoles)+len(want))
	differ := false
	for _, role := range have.AppRoles {
		wanted := slices.IndexFunc(want, func(w Role) bool { return w.Value == role.Value && role.Value != "" })
		switch ours := role.Value != "" && role.ID == RoleID(have.ID, role.Value); {
		case wanted >= 0:
			updated := declared(role, want[wanted])
			differ = differ || !sameRole(updated, role)
			out = append(out, updated)
		case ours && role.IsEnabled:
			role.IsEnabled = false
			differ = true
			out = append(out, role)
		case ours && !inUse(role.ID):
			differ = true
		default:
			out = append(out, role)
		}
	}
	for _, w := range want {
		if slices.ContainsFunc(have.AppRoles, func(r entra.AppRole) bool { return r.Value == w.Value }) {
			continue
		}
		differ = true
		out = append(out, declared(entra.AppRole{ID: RoleID(have.ID, w.Value), AllowedMemberTypes: []string{"User"}}, w))
	}
	return out, differ
}

func declared(role entra.AppRole, want Role) entra.AppRole {
	role.Value, role.DisplayName, role.Description, role.IsEnabled = want.Value, want.DisplayName, want.Description, true
	if role.Description == "" {
		role.Description = want.DisplayName
	}
	return role
}

func sameRole(a, b entra.AppRole) bool {
	return a.ID == b.ID && a.Value == b.Value && a.DisplayName == b.DisplayName && a.Description == b.Description && a.IsEnabled == b.IsEnabled
}

// Enabled gives the enabled role with that value that users can hold.
func Enabled(roles []entra.AppRole, value string) (entra.AppRole, bool) {
	i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.Value == value && assignable(r) })
	if i < 0 {
		return entra.AppRole{}, false
	}
	return roles[i], true
}

// defaultAccess is Graph's role ID for an application that declares no role at all.
const defaultAccess = "00000000-0000-0000-0000-000000000000"

// BasicAccess gives the ID of the role for an assignment that names none: the template's own role "User", else
// "msiam_access", else any without a value, else the default access.
func BasicAccess(roles []entra.AppRole) string {
	for _, name := range []string{"User", "msiam_access"} {
		if i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.DisplayName == name && r.Value == "" && assignable(r) }); i >= 0 {
			return roles[i].ID
		}
	}
	if i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.Value == "" && assignable(r) }); i >= 0 {
		return roles[i].ID
	}
	return defaultAccess
}

func assignable(r entra.AppRole) bool {
	return r.IsEnabled && slices.Contains(r.AllowedMemberTypes, "User")
}
