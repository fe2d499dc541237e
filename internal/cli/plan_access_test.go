package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// ours is a role that the operator made.
func ours(value string, enabled bool) entra.AppRole {
	return entra.AppRole{
		ID: diff.RoleID("registration", value), Value: value, DisplayName: value, Description: value, IsEnabled: enabled, AllowedMemberTypes: []string{"User"},
	}
}

func TestRolesAndAssignmentsThatDifferAreTold(t *testing.T) {
	readers := entra.Assignment{ID: "1", PrincipalID: "readers", PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Wiki Readers", AppRoleID: ours("reader", true).ID}
	jane := entra.Assignment{PrincipalID: "jane", PrincipalKind: entra.PrincipalUser, AppRoleID: ours("editor", true).ID}
	made := []v1alpha1.AssignmentStatus{{PrincipalID: "readers", AppRoleID: readers.AppRoleID}}
	for name, test := range map[string]struct {
		roles        []entra.AppRole
		live, wanted []entra.Assignment
		status       []v1alpha1.AssignmentStatus
		declared     []v1alpha1.AppRole
		want         []string
	}{
		"a new role and its first holder": {
			wanted: []entra.Assignment{jane}, declared: []v1alpha1.AppRole{{Value: "editor", DisplayName: "Editor"}},
			want: []string{"app role editor: made", "assignment of user jane as editor: made (spec.assignments[entry])"},
		},
		"a role with another name": {
			roles: []entra.AppRole{ours("editor", true)}, declared: []v1alpha1.AppRole{{Value: "editor", DisplayName: "Author"}},
			want: []string{"app role editor: changed to what is declared"},
		},
		"a role and an assignment that are no longer declared": {
			roles: []entra.AppRole{ours("reader", true)}, live: []entra.Assignment{readers}, status: made,
			want: []string{
				"app role reader: disabled, since it is not declared any more",
				"assignment of group Wiki Readers as reader: deleted, since it is not declared any more",
			},
		},
		"a disabled role that nobody has": {
			roles: []entra.AppRole{ours("reader", false)},
			want:  []string{"app role reader: deleted, since nobody has it"},
		},
		"a disabled role that somebody has": {
			roles: []entra.AppRole{ours("reader", false)}, live: []entra.Assignment{readers},
		},
		"what somebody else made stays": {
			roles: []entra.AppRole{{ID: "theirs", Value: "reader", IsEnabled: true}}, live: []entra.Assignment{readers},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := access{live: test.live, wanted: test.wanted, registration: entra.Application{ID: "registration", AppRoles: test.roles}}
			a.roles = append(a.roles, ours("editor", true), ours("reader", true))
			for range test.wanted {
				a.entries = append(a.entries, "entry")
			}
			report := newPlanReport(plannedApp{}, provisioned{})
			app := v1alpha1.ScimApp{Spec: v1alpha1.ScimAppSpec{Application: &v1alpha1.ApplicationSpec{AppRoles: test.declared}}}
			app.Status.Assignments = test.status
			report.addAccess(a, wantedApplication(&app, provisioned{}), plannedApp{app: app})
			want := test.want
			if want == nil {
				want = []string{}
			}
			if diff := cmp.Diff(want, report.Lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
