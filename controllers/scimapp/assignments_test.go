package scimapp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/principals"
	"github.com/scim-operator/scim-operator/test/gen"
)

func entry(name, principal, role string) v1alpha1.AssignmentStatus {
	return v1alpha1.AssignmentStatus{Name: name, Kind: "Group", Reference: name + " by name", PrincipalID: principal, AppRoleID: role}
}

func withID(st v1alpha1.AssignmentStatus, id string) v1alpha1.AssignmentStatus {
	st.AssignmentID = id
	return st
}

func renamed(st v1alpha1.AssignmentStatus) v1alpha1.AssignmentStatus {
	st.Name = supersededName(st)
	return st
}

func TestPin(t *testing.T) {
	editors, jane := entry("editors", "g-1", "editor"), entry("jane", "u-1", "basic")
	reader := entry("editors", "g-1", "reader")
	liveEditors := entra.Assignment{ID: "a-1", PrincipalID: "g-1", AppRoleID: "editor"}
	tests := map[string]struct {
		wanted, before []v1alpha1.AssignmentStatus
		live           []entra.Assignment
		want           []v1alpha1.AssignmentStatus
	}{
		"nothing at all": {},
		"what is wanted is recorded before it exists, so that it is known as ours": {
			wanted: []v1alpha1.AssignmentStatus{editors}, want: []v1alpha1.AssignmentStatus{editors},
		},
		"what exists gets its ID": {
			wanted: []v1alpha1.AssignmentStatus{editors, jane}, live: []entra.Assignment{liveEditors},
			want: []v1alpha1.AssignmentStatus{withID(editors, "a-1"), jane},
		},
		"what is still wanted is there once": {
			wanted: []v1alpha1.AssignmentStatus{editors}, before: []v1alpha1.AssignmentStatus{withID(editors, "a-0")}, live: []entra.Assignment{liveEditors},
			want: []v1alpha1.AssignmentStatus{withID(editors, "a-1")},
		},
		"another role leaves the old one under another name until it is deleted": {
			wanted: []v1alpha1.AssignmentStatus{editors}, before: []v1alpha1.AssignmentStatus{withID(reader, "a-9")},
			want: []v1alpha1.AssignmentStatus{editors, renamed(withID(reader, "a-9"))},
		},
		"two changes in a row leave two": {
			wanted: []v1alpha1.AssignmentStatus{editors}, before: []v1alpha1.AssignmentStatus{reader, renamed(entry("editors", "g-1", "auditor"))},
			want: []v1alpha1.AssignmentStatus{editors, renamed(reader), renamed(entry("editors", "g-1", "auditor"))},
		},
		"an entry that was taken off the list stays ours until it is deleted": {
			wanted: []v1alpha1.AssignmentStatus{jane}, before: []v1alpha1.AssignmentStatus{editors, jane},
			want: []v1alpha1.AssignmentStatus{jane, editors},
		},
		"an entry that has to wait for its role keeps its name, and so its object ID": {
			before: []v1alpha1.AssignmentStatus{reader}, want: []v1alpha1.AssignmentStatus{reader},
		},
		"a new name for the same pair replaces the old name": {
			wanted: []v1alpha1.AssignmentStatus{entry("writers", "g-1", "editor")}, before: []v1alpha1.AssignmentStatus{editors},
			want: []v1alpha1.AssignmentStatus{entry("writers", "g-1", "editor")},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := pin(tc.wanted, tc.before, tc.live)
			if d := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("status.assignments (-want +got):\n%s", d)
			}
			if d := cmp.Diff(got, pin(tc.wanted, got, tc.live), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("the next pass changes them again (-first +second):\n%s", d)
			}
			seen := map[string]bool{}
			for _, st := range got {
				if seen[st.Name] {
					t.Errorf("two entries are named %s, which the API server refuses", st.Name)
				}
				seen[st.Name] = true
			}
		})
	}
}

// nameTaken is a directory in which another group has the name that was asked for before.
type nameTaken struct{ entra.Directory }

func (nameTaken) GroupsByDisplayName(context.Context, string) ([]entra.Principal, error) {
	return []entra.Principal{{ID: "g-2", Kind: entra.PrincipalGroup, SecurityEnabled: true}}, nil
}

// The role of a renamed group's entry changes: the entry must not be resolved by name again while the role replicates,
// for another group may have the name by now.
func TestAWaitingRoleDoesNotUnpinTheGroup(t *testing.T) {
	s := &scope{app: gen.ScimApp("wiki"), directory: nameTaken{}}
	s.app.Status.Assignments = []v1alpha1.AssignmentStatus{{Name: "editors", Kind: "Group", Reference: "Editors", PrincipalID: "g-1", AppRoleID: "old"}}
	s.app.Spec.Assignments = []v1alpha1.Assignment{{Name: "editors", Group: &v1alpha1.GroupReference{DisplayName: "Editors"}, AppRole: "new"}}
	for range 3 {
		var err error
		if s.principals, _, err = principals.All(t.Context(), s.directory, s.app, false); err != nil {
			t.Fatal(err)
		}
		wanted, problems := wantedAssignments(s)
		if len(problems) == 0 {
			t.Fatal("the role is there at once, so the test shows nothing")
		}
		s.app.Status.Assignments = pin(wanted, s.app.Status.Assignments, nil)
		if id := s.principals[0].ID; id != "g-1" {
			t.Fatalf("the entry was resolved to %s, want the group that it was pinned to", id)
		}
	}
}

func TestSupersededName(t *testing.T) {
	a := supersededName(entry("editors", "g-1", "reader"))
	if a != supersededName(entry("other", "g-1", "reader")) {
		t.Error("the name depends on more than who holds what")
	}
	if a == supersededName(entry("editors", "g-1", "editor")) || a == supersededName(entry("editors", "g-2", "reader")) {
		t.Error("two assignments have one name")
	}
	if !strings.Contains(a, ".") || len(a) > 80 {
		t.Errorf("%s may collide with an entry's own name, or is longer than the CRD allows", a)
	}
}

func TestWantedAssignments(t *testing.T) {
	roles := []entra.AppRole{
		{ID: "basic", DisplayName: "User", IsEnabled: true, AllowedMemberTypes: []string{"User"}},
		{ID: "r-1", Value: "editor", IsEnabled: true, AllowedMemberTypes: []string{"User"}},
		{ID: "r-2", Value: "retired", AllowedMemberTypes: []string{"User"}},
	}
	subject := func(name, id, role string, problem error) principals.Principal {
		return principals.Principal{Assignment: v1alpha1.Assignment{Name: name, AppRole: role}, Reference: "ref", ID: id, Problem: problem}
	}
	missing := errors.New("there is no such group")
	s := &scope{app: gen.ScimApp("wiki"), servicePrincipal: entra.ServicePrincipal{AppRoles: roles}}
	s.principals = []principals.Principal{
		subject("plain", "u-1", "", nil), subject("with-role", "u-2", "editor", nil), subject("gone", "", "editor", missing),
		subject("early", "u-3", "author", nil), subject("off", "u-4", "retired", nil),
	}
	wanted, problems := wantedAssignments(s)
	want := []v1alpha1.AssignmentStatus{
		{Name: "plain", Kind: "Group", Reference: "ref", PrincipalID: "u-1", AppRoleID: "basic"},
		{Name: "with-role", Kind: "Group", Reference: "ref", PrincipalID: "u-2", AppRoleID: "r-1"},
	}
	if d := cmp.Diff(want, wanted); d != "" {
		t.Errorf("wanted (-want +got):\n%s", d)
	}
	if len(problems) != 3 || !errors.Is(problems[0].err, missing) {
		t.Fatalf("problems = %v, want three", problems)
	}
	for i, name := range []string{"early", "off"} {
		problem := problems[i+1].err
		if !strings.Contains(problem.Error(), fmt.Sprintf("spec.assignments[%s].appRole", name)) || fault.ClassOf(problem) != fault.Waiting {
			t.Errorf("the role of %s gives %v of class %s, want a wait that names the field", name, problem, fault.ClassOf(problem))
		}
	}
}

func TestPairs(t *testing.T) {
	got := pairs([]v1alpha1.AssignmentStatus{entry("a", "u-1", "r-1"), entry("b", "u-2", "r-2")})
	if d := cmp.Diff([]diff.Pair{{PrincipalID: "u-1", AppRoleID: "r-1"}, {PrincipalID: "u-2", AppRoleID: "r-2"}}, got); d != "" {
		t.Errorf("pairs (-want +got):\n%s", d)
	}
}
