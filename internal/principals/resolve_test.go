package principals_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/principals"
	"github.com/scim-operator/scim-operator/test/gen"
)

// people is a directory that can only be asked for people and groups, and counts the questions.
type people struct {
	entra.Directory
	users  map[string]entra.Principal
	groups map[string][]entra.Principal
	ids    map[string]entra.Principal // by kind and object ID
	fails  error
	asked  int
}

func (p *people) User(_ context.Context, id string) (entra.Principal, error) {
	return p.byID("user " + id)
}

func (p *people) Group(_ context.Context, id string) (entra.Principal, error) {
	return p.byID("group " + id)
}

func (p *people) byID(key string) (entra.Principal, error) {
	p.asked++
	if found, ok := p.ids[key]; ok || p.fails != nil {
		return found, p.fails
	}
	return entra.Principal{}, fault.NewRetryable(entra.ReasonNotFound, &entra.Error{Operation: "could not read", Status: 404})
}

func (p *people) UserByPrincipalName(_ context.Context, upn string) (entra.Principal, error) {
	p.asked++
	if user, ok := p.users[upn]; ok || p.fails != nil {
		return user, p.fails
	}
	return entra.Principal{}, fault.NewRetryable(entra.ReasonNotFound, &entra.Error{Operation: "could not read the user", Status: 404})
}

func (p *people) GroupsByDisplayName(_ context.Context, name string) ([]entra.Principal, error) {
	p.asked++
	return p.groups[name], p.fails
}

func group(id string) entra.Principal {
	return entra.Principal{ID: id, Kind: entra.PrincipalGroup, SecurityEnabled: true}
}

func toGroup(name string, ref v1alpha1.GroupReference) v1alpha1.Assignment {
	return v1alpha1.Assignment{Name: name, Group: &ref}
}

func toUser(name string, ref v1alpha1.UserReference) v1alpha1.Assignment {
	return v1alpha1.Assignment{Name: name, User: &ref}
}

func TestResolve(t *testing.T) {
	const id = "0c5e1111-2222-3333-4444-555566667777"
	denied := fault.NewTerminal(entra.ReasonPermissionMissing, errors.New("Group.Read.All is missing"))
	unreachable := fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("connection refused"))
	tests := map[string]struct {
		assignment v1alpha1.Assignment
		pinned     []v1alpha1.AssignmentStatus
		directory  people
		want       string   // the object ID
		asks       int      // how often Graph is asked
		problem    []string // parts of what is wrong with the manifest
		reason     string
		fails      bool
	}{
		"an object ID is looked up once, to see what it is": {
			assignment: toGroup("g", v1alpha1.GroupReference{ObjectID: id}), directory: people{ids: map[string]entra.Principal{"group " + id: group(id)}}, want: id, asks: 1,
		},
		"an object ID that was looked up before is not looked up again": {
			assignment: toGroup("g", v1alpha1.GroupReference{ObjectID: id}),
			pinned:     []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", PrincipalID: id}}, want: id,
		},
		"an object ID wins over the name beside it": {
			assignment: toUser("u", v1alpha1.UserReference{ObjectID: id, UserPrincipalName: "jane@example.com"}),
			directory:  people{ids: map[string]entra.Principal{"user " + id: {ID: id}}}, want: id, asks: 1,
		},
		"a group is not assigned as a user, which another grant allows": {
			assignment: toUser("u", v1alpha1.UserReference{ObjectID: id}), directory: people{ids: map[string]entra.Principal{"group " + id: group(id)}}, asks: 1,
			problem: []string{"spec.assignments[u].user.objectID", "no user", id}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"a pin of a group does not serve a user": {
			assignment: toUser("g", v1alpha1.UserReference{ObjectID: id}), pinned: []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", PrincipalID: id}}, asks: 1,
			problem: []string{"no user"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"a mail group's object ID cannot be assigned": {
			assignment: toGroup("g", v1alpha1.GroupReference{ObjectID: id}), directory: people{ids: map[string]entra.Principal{"group " + id: {ID: id}}}, asks: 1,
			problem: []string{"not security-enabled"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"a group is found by its name": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}),
			directory:  people{groups: map[string][]entra.Principal{"Editors": {group("g-1")}}}, want: "g-1", asks: 1,
		},
		"a user is found by name": {
			assignment: toUser("u", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}),
			directory:  people{users: map[string]entra.Principal{"jane@example.com": {ID: "u-1"}}}, want: "u-1", asks: 1,
		},
		"a name that was resolved before keeps its ID, though another group has the name now": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}),
			pinned:     []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", Reference: "Editors", PrincipalID: "g-1"}},
			directory:  people{groups: map[string][]entra.Principal{"Editors": {group("g-2")}}}, want: "g-1",
		},
		"another name in the manifest is resolved anew": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Writers"}),
			pinned:     []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", Reference: "Editors", PrincipalID: "g-1"}},
			directory:  people{groups: map[string][]entra.Principal{"Writers": {group("g-2")}}}, want: "g-2", asks: 1,
		},
		"another entry's pin does not count": {
			assignment: toGroup("other", v1alpha1.GroupReference{DisplayName: "Editors"}),
			pinned:     []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", Reference: "Editors", PrincipalID: "g-1"}},
			directory:  people{groups: map[string][]entra.Principal{"Editors": {group("g-2")}}}, want: "g-2", asks: 1,
		},
		"an entry that gave the object ID before is resolved when it gives a name": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}),
			pinned:     []v1alpha1.AssignmentStatus{{Name: "g", Kind: "Group", PrincipalID: "g-9"}},
			directory:  people{groups: map[string][]entra.Principal{"Editors": {group("g-1")}}}, want: "g-1", asks: 1,
		},
		"a group that is not there is the manifest's problem": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}), asks: 1,
			problem: []string{"spec.assignments[g].group.displayName", "Editors", "objectID"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"a user that is not there is the manifest's problem": {
			assignment: toUser("u", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}), asks: 1,
			problem: []string{"spec.assignments[u].user.userPrincipalName", "jane@example.com", "objectID"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"two groups of one name are told with their IDs": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}),
			directory:  people{groups: map[string][]entra.Principal{"Editors": {group("g-1"), group("g-2")}}}, asks: 1,
			problem: []string{"2 groups", "g-1, g-2", "objectID"}, reason: v1alpha1.ReasonPrincipalAmbiguous,
		},
		"a mail group cannot be assigned": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}),
			directory:  people{groups: map[string][]entra.Principal{"Editors": {{ID: "g-1"}}}}, asks: 1,
			problem: []string{"not security-enabled", "g-1"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"what a person has to mend is a problem of the entry alone": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}), directory: people{fails: denied}, asks: 1,
			problem: []string{"Group.Read.All"}, reason: entra.ReasonPermissionMissing,
		},
		"an entry that names nobody, as only a file can have": {
			assignment: v1alpha1.Assignment{Name: "x"}, problem: []string{"spec.assignments[x]", "set exactly one"}, reason: v1alpha1.ReasonPrincipalNotFound,
		},
		"credentials that Entra refuses say nothing about a group": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}), directory: people{fails: fault.NewTerminal(entra.ReasonCredentialsInvalid, errors.New("refused"))}, asks: 1, fails: true,
		},
		"an unreachable Graph says nothing about a group": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}), directory: people{fails: unreachable}, asks: 1, fails: true,
		},
		"an unreachable Graph says nothing about a user": {
			assignment: toUser("u", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}), directory: people{fails: unreachable}, asks: 1, fails: true,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) { app.Spec.Assignments = []v1alpha1.Assignment{tc.assignment} })
			app.Status.Assignments = tc.pinned
			all, _, err := principals.All(t.Context(), &tc.directory, app, false)
			if (err != nil) != tc.fails {
				t.Fatalf("the resolution failed with %v", err)
			}
			if tc.directory.asked != tc.asks {
				t.Errorf("Graph was asked %d times, want %d", tc.directory.asked, tc.asks)
			}
			if tc.fails {
				return
			}
			got := all[0]
			if got.Problem == nil && got.ID != tc.want {
				t.Errorf("object ID = %q, want %q", got.ID, tc.want)
			}
			if (got.Problem != nil) != (len(tc.problem) > 0) {
				t.Fatalf("problem = %v", got.Problem)
			}
			for _, part := range tc.problem {
				if !strings.Contains(got.Problem.Error(), part) {
					t.Errorf("the problem %q does not name %q", got.Problem, part)
				}
			}
			if got.Problem != nil && (fault.ReasonOf(got.Problem, "") != tc.reason || fault.ClassOf(got.Problem) != fault.Terminal) {
				t.Errorf("the problem is %s of class %s, want %s for a person", fault.ReasonOf(got.Problem, ""), fault.ClassOf(got.Problem), tc.reason)
			}
		})
	}
}

func TestGroupsAsGrantsSeeThem(t *testing.T) {
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Spec.Assignments = []v1alpha1.Assignment{
			toUser("jane", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}), toGroup("editors", v1alpha1.GroupReference{DisplayName: "Editors"}),
			toGroup("gone", v1alpha1.GroupReference{ObjectID: "g-9"}), toGroup("unknown", v1alpha1.GroupReference{DisplayName: "Nobody"}),
		}
	})
	app.Status.Assignments = []v1alpha1.AssignmentStatus{{Name: "gone", Kind: "Group", PrincipalID: "g-9"}}
	for name, tc := range map[string]struct {
		named    bool
		want     []grant.Group
		problems []string
	}{
		"without their names": {false, []grant.Group{{Name: "editors", ObjectID: "g-1"}, {Name: "gone", ObjectID: "g-9"}}, []string{"unknown"}},
		"with their names":    {true, []grant.Group{{Name: "editors", ObjectID: "g-1", DisplayName: "Editors of today"}}, []string{"gone", "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			directory := &people{
				users:  map[string]entra.Principal{"jane@example.com": {ID: "u-1"}},
				groups: map[string][]entra.Principal{"Editors": {group("g-1")}},
				ids:    map[string]entra.Principal{"group g-1": {ID: "g-1", DisplayName: "Editors of today", SecurityEnabled: true}},
			}
			all, groups, err := principals.All(t.Context(), directory, app, tc.named)
			if err != nil || len(all) != len(app.Spec.Assignments) {
				t.Fatalf("%d of %d assignments, error %v", len(all), len(app.Spec.Assignments), err)
			}
			if d := cmp.Diff(tc.want, groups); d != "" {
				t.Errorf("groups (-want +got):\n%s", d)
			}
			var problems []string
			for _, p := range all {
				if p.Problem != nil {
					problems = append(problems, p.Assignment.Name)
				}
			}
			if d := cmp.Diff(tc.problems, problems); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatIsWrongWithTheTenantIsNotAnEntrysFault(t *testing.T) {
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Spec.Assignments = []v1alpha1.Assignment{toGroup("editors", v1alpha1.GroupReference{DisplayName: "Editors"})}
	})
	app.Status.Assignments = []v1alpha1.AssignmentStatus{{Name: "editors", Kind: "Group", Reference: "Editors", PrincipalID: "g-1"}}
	for want, fails := range map[string]error{
		"spec.credentials: refused":                               fault.NewTerminal(entra.ReasonCredentialsInvalid, errors.New("spec.credentials: refused")),
		"resolving spec.assignments[editors]: connection refused": fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("connection refused")),
	} {
		if _, _, err := principals.All(t.Context(), &people{fails: fails}, app, true); err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
