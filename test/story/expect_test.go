package story

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// smallWorld has two groups that give roles, and people in, between and outside of them.
func smallWorld() *world {
	w := &world{users: map[string]*directory.User{}, groups: map[string]*directory.Group{}, entitled: map[string][]string{}, assigned: map[string]string{}}
	for _, id := range []string{"anna", "ben", "chen", "dora", "eva", "finn", "gita"} {
		w.users[id] = &directory.User{ID: id, UserPrincipalName: id + "@contoso.com", DisplayName: id, Surname: id, Mail: id + "@contoso.com"}
	}
	w.users["finn"].AccountEnabled = new(false)
	w.groups["E"] = &directory.Group{ID: "E", DisplayName: "Editors", Members: []string{"anna", "ben", "finn", "nested"}}
	w.groups["R"] = &directory.Group{ID: "R", DisplayName: "Readers", Members: []string{"ben", "chen"}}
	w.groups["nested"] = &directory.Group{ID: "nested", DisplayName: "Nested", Members: []string{"gita"}}
	return w
}

func smallApp() *v1alpha1.ScimApp {
	return &v1alpha1.ScimApp{
		Spec: v1alpha1.ScimAppSpec{Assignments: []v1alpha1.Assignment{
			{Name: "editors", AppRole: "editor"}, {Name: "readers", AppRole: "reader"}, {Name: "dora"},
		}},
		Status: v1alpha1.ScimAppStatus{Assignments: []v1alpha1.AssignmentStatus{
			{Name: "editors", PrincipalID: "E"}, {Name: "readers", PrincipalID: "R"}, {Name: "dora", PrincipalID: "dora"},
		}},
	}
}

func TestEntitled(t *testing.T) {
	w := smallWorld()
	if err := w.entitle(smallApp()); err != nil {
		t.Fatal(err)
	}
	// finn is disabled, gita is in a nested group only, eva is in none.
	want := map[string][]string{"anna": {"editor"}, "ben": {"editor", "reader"}, "chen": {"reader"}, "dora": nil}
	if diff := cmp.Diff(want, w.entitled); diff != "" {
		t.Errorf("entitled (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"E": "editor", "R": "reader"}, w.assigned); diff != "" {
		t.Errorf("assigned (-want +got):\n%s", diff)
	}
}

func TestAnAssignmentWithoutAPrincipalIsAFailure(t *testing.T) {
	app := smallApp()
	app.Status.Assignments = app.Status.Assignments[:2]
	if err := smallWorld().entitle(app); err == nil || !strings.Contains(err.Error(), "dora") {
		t.Errorf("error = %v; want one that names the assignment", err)
	}
}

func TestCastNeedsEveryPart(t *testing.T) {
	w := smallWorld()
	if err := w.entitle(smallApp()); err != nil {
		t.Fatal(err)
	}
	// There is one reader, and four are needed.
	if _, err := chooseCast(w); err == nil || !strings.Contains(err.Error(), "reader") {
		t.Errorf("error = %v; want one that says who is missing", err)
	}
	for _, id := range []string{"hugo", "ida", "jon"} {
		w.users[id] = &directory.User{ID: id, Mail: "x", Surname: "x"}
		w.entitled[id] = []string{"reader"}
	}
	c, err := chooseCast(w)
	if err != nil {
		t.Fatal(err)
	}
	if c.loses.ID != "ben" || c.joins.ID != "eva" && c.joins.ID != "gita" || c.namesake.ID != "nested" {
		t.Errorf("loses %s, joins %s, namesake %s", c.loses.ID, c.joins.ID, c.namesake.ID)
	}
}
