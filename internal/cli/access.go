package cli

import (
	"context"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/principals"
)

// access is who is assigned to an application, and who is to be.
type access struct {
	live, wanted []entra.Assignment
	// entries are the names in spec.assignments of wanted.
	entries []string
	// roles are those of the application and those that are declared.
	roles []entra.AppRole
	// registration is the half of the application that has the roles.
	registration entra.Application
	// troubled are the entries that lead nowhere. What was assigned for them stays.
	troubled []principals.Principal
}

// readAccess reads who is assigned, and puts beside it who is to be. A role that the application does not have yet gets the ID
// that the operator will give it. Entries that lead nowhere are left out.
func readAccess(ctx context.Context, d entra.Assignments, assigned []principals.Principal, found provisioned) (access, error) {
	a := access{roles: slices.Clone(found.principal.AppRoles), registration: found.registration}
	for _, p := range assigned {
		if p.Problem != nil {
			a.troubled = append(a.troubled, p)
			continue
		}
		a.want(p, diff.BasicAccess(found.principal.AppRoles))
	}
	if !found.isThere() {
		return a, nil
	}
	var err error
	a.live, err = d.ListAssignments(ctx, found.principal.ID)
	return a, err
}

func (a *access) want(p principals.Principal, basic string) {
	id, value := basic, p.Assignment.AppRole
	if value != "" {
		named, ok := diff.Enabled(a.roles, value)
		if !ok {
			named = entra.AppRole{
				ID: diff.RoleID(a.registration.ID, value), Value: value, DisplayName: value, IsEnabled: true, AllowedMemberTypes: []string{"User"},
			}
			a.roles = append(a.roles, named)
		}
		id = named.ID
	}
	a.entries = append(a.entries, p.Assignment.Name)
	a.wanted = append(a.wanted, entra.Assignment{
		PrincipalID: p.ID, PrincipalKind: principals.Kind(p.Assignment), PrincipalDisplayName: p.Reference, AppRoleID: id,
	})
}

// plan is what the operator would do to the assignments: it takes away only what it gave.
func (a *access) plan(ours []v1alpha1.AssignmentStatus) diff.AssignmentPlan {
	var want, owned []diff.Pair
	for _, w := range a.wanted {
		want = append(want, pair(w))
	}
	for _, st := range ours {
		if slices.ContainsFunc(a.troubled, func(p principals.Principal) bool { return p.Keeps(st) }) {
			continue
		}
		owned = append(owned, diff.Pair{PrincipalID: st.PrincipalID, AppRoleID: st.AppRoleID})
	}
	return diff.Assignments(a.live, want, owned)
}

// after are the assignments once the operator has done its part.
func (a *access) after(plan diff.AssignmentPlan) []entra.Assignment {
	out := slices.DeleteFunc(slices.Clone(a.live), func(l entra.Assignment) bool { return slices.Contains(plan.Delete, l) })
	for _, created := range plan.Create {
		out = append(out, a.wanted[a.entryOf(created)])
	}
	return out
}

// entryOf is the place of the first wanted assignment of the pair.
func (a *access) entryOf(p diff.Pair) int {
	return slices.IndexFunc(a.wanted, func(w entra.Assignment) bool { return pair(w) == p })
}

// undeclared counts the assignments that would go if the operator had made them.
func (a *access) undeclared() int {
	n := 0
	for _, l := range a.live {
		if a.entryOf(pair(l)) < 0 {
			n++
		}
	}
	return n
}

func pair(a entra.Assignment) diff.Pair {
	return diff.Pair{PrincipalID: a.PrincipalID, AppRoleID: a.AppRoleID}
}
