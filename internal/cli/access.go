package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
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
}

func readAccess(ctx context.Context, d entra.Directory, app v1alpha1.ScimApp, found provisioned) (access, error) {
	a := access{roles: slices.Clone(found.principal.AppRoles), registration: found.registration}
	var err error
	if a.live, err = d.ListAssignments(ctx, found.principal.ID); err != nil {
		return a, err
	}
	return a, a.want(ctx, d, app, found.principal.AppRoles)
}

// want resolves the declared assignments. A role that the application does not have yet gets the ID that the operator will
// give it.
func (a *access) want(ctx context.Context, d entra.Principals, app v1alpha1.ScimApp, have []entra.AppRole) error {
	for _, entry := range app.Spec.Assignments {
		principal, err := principalOf(ctx, d, entry)
		if err != nil {
			return fmt.Errorf("spec.assignments[%s]: %w", entry.Name, err)
		}
		id := diff.BasicAccess(have)
		if entry.AppRole != "" {
			named, ok := diff.Enabled(a.roles, entry.AppRole)
			if !ok {
				named = entra.AppRole{
					ID: diff.RoleID(a.registration.ID, entry.AppRole), Value: entry.AppRole, DisplayName: entry.AppRole,
					IsEnabled: true, AllowedMemberTypes: []string{"User"},
				}
				a.roles = append(a.roles, named)
			}
			id = named.ID
		}
		a.entries = append(a.entries, entry.Name)
		a.wanted = append(a.wanted, entra.Assignment{
			PrincipalID: principal.ID, PrincipalKind: principal.Kind, PrincipalDisplayName: referenceOf(entry), AppRoleID: id,
		})
	}
	return nil
}

// referenceOf is how an entry names its principal.
func referenceOf(entry v1alpha1.Assignment) string {
	switch {
	case entry.User != nil && entry.User.UserPrincipalName != "":
		return entry.User.UserPrincipalName
	case entry.Group != nil && entry.Group.DisplayName != "":
		return entry.Group.DisplayName
	}
	return ""
}

// principalOf finds who is meant. An object ID is taken at its word: the operator proves it.
func principalOf(ctx context.Context, d entra.Principals, a v1alpha1.Assignment) (entra.Principal, error) {
	switch {
	case a.User != nil && a.User.ObjectID != "":
		return entra.Principal{ID: string(a.User.ObjectID), Kind: entra.PrincipalUser}, nil
	case a.User != nil:
		return d.UserByPrincipalName(ctx, a.User.UserPrincipalName)
	case a.Group.ObjectID != "":
		return entra.Principal{ID: string(a.Group.ObjectID), Kind: entra.PrincipalGroup}, nil
	}
	found, err := d.GroupsByDisplayName(ctx, a.Group.DisplayName)
	if err != nil {
		return entra.Principal{}, err
	}
	if len(found) != 1 {
		return entra.Principal{}, fmt.Errorf("%d groups are named %q; set objectID to the one that is meant", len(found), a.Group.DisplayName)
	}
	return found[0], nil
}

// plan is what the operator would do to the assignments: it takes away only what it gave.
func (a *access) plan(ours []v1alpha1.AssignmentStatus) diff.AssignmentPlan {
	var want, owned []diff.Pair
	for _, w := range a.wanted {
		want = append(want, pair(w))
	}
	for _, st := range ours {
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
