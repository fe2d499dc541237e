package scimapp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
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
		"an unreachable Graph says nothing about a group": {
			assignment: toGroup("g", v1alpha1.GroupReference{DisplayName: "Editors"}), directory: people{fails: unreachable}, asks: 1, fails: true,
		},
		"an unreachable Graph says nothing about a user": {
			assignment: toUser("u", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}), directory: people{fails: unreachable}, asks: 1, fails: true,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := &scope{app: gen.ScimApp("wiki"), directory: &tc.directory}
			s.app.Status.Assignments = tc.pinned
			got, err := resolve(t.Context(), s, tc.assignment)
			if (err != nil) != tc.fails {
				t.Fatalf("resolve failed with %v", err)
			}
			if tc.directory.asked != tc.asks {
				t.Errorf("Graph was asked %d times, want %d", tc.directory.asked, tc.asks)
			}
			if got.problem == nil && got.id != tc.want {
				t.Errorf("object ID = %q, want %q", got.id, tc.want)
			}
			if (got.problem != nil) != (len(tc.problem) > 0) {
				t.Fatalf("problem = %v", got.problem)
			}
			for _, part := range tc.problem {
				if !strings.Contains(got.problem.Error(), part) {
					t.Errorf("the problem %q does not name %q", got.problem, part)
				}
			}
			if got.problem != nil && (fault.ReasonOf(got.problem, "") != tc.reason || fault.ClassOf(got.problem) != fault.Terminal) {
				t.Errorf("the problem is %s of class %s, want %s for a person", fault.ReasonOf(got.problem, ""), fault.ClassOf(got.problem), tc.reason)
			}
		})
	}
}

func TestGrantRequest(t *testing.T) {
	s := &scope{
		app: gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
			app.Spec.Assignments = []v1alpha1.Assignment{
				toUser("jane", v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}), toGroup("editors", v1alpha1.GroupReference{DisplayName: "Editors"}),
			}
			app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll}
			app.Spec.Application = &v1alpha1.ApplicationSpec{Owners: []v1alpha1.ObjectID{"11111111-2222-4333-8444-555555555555"}}
		}),
		endpointURL: "https://scim.wiki.example.com:8443/scim/v2",
	}
	got := (&Reconciler{}).grantRequest(s)
	if got.EndpointURL != s.endpointURL || got.Scope != v1alpha1.ScopeAll {
		t.Errorf("address %q scope %q, want the whole address, and All", got.EndpointURL, got.Scope)
	}
	if d := cmp.Diff([]string{"11111111-2222-4333-8444-555555555555"}, got.Owners); d != "" {
		t.Errorf("owners (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"jane"}, got.Users); d != "" {
		t.Errorf("users (-want +got):\n%s", d)
	}
	if len(got.Groups) > 0 {
		t.Errorf("groups %v are judged before their names are known", got.Groups)
	}
}

func TestPodsThatNeedAGrant(t *testing.T) {
	const own = "scim-operator/scim-endpoint:dev"
	managed := func(m v1alpha1.ManagedEndpoint) v1alpha1.EndpointSpec { return v1alpha1.EndpointSpec{Managed: &m} }
	tests := map[string]struct {
		endpoint v1alpha1.EndpointSpec
		want     grant.Pods
	}{
		"an endpoint with nothing said about it": {},
		"an external endpoint has no pods":       {endpoint: v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}}},
		"the operator's own image by its name":   {endpoint: managed(v1alpha1.ManagedEndpoint{Image: own})},
		"what only bounds the pod": {endpoint: managed(v1alpha1.ManagedEndpoint{PodTemplate: &v1alpha1.PodTemplate{
			NodeSelector: map[string]string{"disk": "ssd"}, Resources: &corev1.ResourceRequirements{}, Affinity: &corev1.Affinity{},
			ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}},
		}})},
		"what others act on, in one order": {
			endpoint: managed(v1alpha1.ManagedEndpoint{Image: "registry.example.com/scim:v1", PodTemplate: &v1alpha1.PodTemplate{
				Labels: map[string]string{"team": "docs", "app": "wiki"}, Annotations: map[string]string{"b": "1", "a": "2"}, PriorityClassName: "high",
				Tolerations: []corev1.Toleration{{Key: "dedicated"}, {Operator: corev1.TolerationOpExists}},
			}}),
			want: grant.Pods{
				Image: "registry.example.com/scim:v1", Labels: []string{"app", "team"}, Annotations: []string{"a", "b"},
				Tolerations: []string{"dedicated", ""}, PriorityClassName: "high",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := &scope{app: gen.ScimApp("wiki", gen.WithEndpoint(tc.endpoint))}
			if d := cmp.Diff(tc.want, (&Reconciler{EndpointImage: own}).grantRequest(s).Pods); d != "" {
				t.Errorf("pods (-want +got):\n%s", d)
			}
		})
	}
}

func TestGroupNamesAreReadOnlyWhereAGrantAsksForThem(t *testing.T) {
	byID := gen.EntraTenant("contoso", gen.WithGrant("docs"), gen.WithGrant("more", func(g *v1alpha1.Grant) {
		g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, ObjectIDs: []v1alpha1.ObjectID{"x"}}
	}))
	if grantsByPrefix(byID) {
		t.Error("names are read for grants that list object IDs")
	}
	byName := gen.EntraTenant("contoso", gen.WithGrant("docs"), gen.WithGrant("more", func(g *v1alpha1.Grant) {
		g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, DisplayNamePrefixes: []string{"app-wiki-"}}
	}))
	if !grantsByPrefix(byName) {
		t.Error("names are not read for a grant by prefix")
	}
}
