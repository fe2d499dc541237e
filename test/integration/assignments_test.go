package integration

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestAChangedRoleIsGivenBeforeTheOldOneIsTaken(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	old := assignmentOf(t, w, "Wiki Editors")
	before := w.Sim.JournalCounts(0).Last
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { entry(s, "editors").AppRole = "reader" })
	w.ExpectReady(t)
	kit.Eventually(t, "the old assignment is gone", func() error { return absent(w, old.ID) })

	changed := assignmentOf(t, w, "Wiki Editors")
	if changed.RoleID == old.RoleID || changed.RoleID != assignmentOf(t, w, "Wiki Readers").RoleID {
		t.Errorf("the editors have role %s, want that of the readers", changed.RoleID)
	}
	var order []string
	for _, e := range w.Sim.Journal() {
		if e.Sequence > before && strings.Contains(e.Path, "/appRoleAssignedTo") {
			order = append(order, e.Method)
		}
	}
	created, deleted := slices.Index(order, http.MethodPost), slices.Index(order, http.MethodDelete)
	if created < 0 || deleted < created || !slices.Contains(order[created:deleted], http.MethodGet) {
		t.Errorf("the requests about assignments were %v; want the new one made, then read back, then the old one deleted", order)
	}
}

func TestARemovedEntryTakesOnlyOursAway(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	readers := assignmentOf(t, w, "Wiki Readers")
	user := w.Sim.Tenant().Users()[0]
	if _, err := w.Sim.Tenant().Assign(readers.ResourceID, user.ID, readers.RoleID); err != nil {
		t.Fatal(err)
	}
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.Assignments = slices.DeleteFunc(s.Assignments, func(a v1alpha1.Assignment) bool { return a.Name == "readers" })
	})
	w.ExpectReady(t)
	kit.Eventually(t, "the readers are not assigned any more", func() error { return absent(w, readers.ID) })
	w.Look(t)
	want := []string{"Wiki Editors", user.DisplayName}
	if diff := cmp.Diff(want, assigned(w)); diff != "" {
		t.Errorf("assigned are (-want +got):\n%s", diff)
	}
}

func TestANameIsPinnedToTheGroupThatItOnceMeant(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	before, writes := w.Sim.State().Assignments, len(o.Writes())
	meant := assignmentOf(t, w, "Wiki Editors").PrincipalID
	rename(t, w, meant, "Wiki Authors")
	other := slices.IndexFunc(w.Sim.Tenant().Groups(), func(g *directory.Group) bool { return !strings.HasPrefix(g.DisplayName, "Wiki ") })
	rename(t, w, w.Sim.Tenant().Groups()[other].ID, "Wiki Editors")
	w.Look(t)
	w.Look(t)

	after := w.Sim.State().Assignments
	ids := func(as []assignment) (out []string) {
		for _, a := range as {
			out = append(out, a.ID+" "+a.PrincipalID)
		}
		return out
	}
	if diff := cmp.Diff(ids(before), ids(after)); diff != "" {
		t.Errorf("the assignments changed (-before +after):\n%s", diff)
	}
	if now := o.Writes(); len(now) != writes {
		t.Errorf("the operator wrote %v", now[writes:])
	}
	w.ExpectReason(t, v1alpha1.ReasonProvisioning)
}

func TestAWrongEntryDoesNotHoldTheOthersUp(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.Assignments = append(s.Assignments,
			v1alpha1.Assignment{Name: "nobody", Group: &v1alpha1.GroupReference{DisplayName: "Wiki Nobody"}},
			v1alpha1.Assignment{Name: "first", User: &v1alpha1.UserReference{UserPrincipalName: w.Sim.Tenant().Users()[0].UserPrincipalName}})
	})
	message := w.ExpectStalled(t, v1alpha1.ReasonPrincipalNotFound)
	for _, words := range []string{"spec.assignments[nobody].group.displayName", `"Wiki Nobody"`, "objectID"} {
		if !strings.Contains(message, words) {
			t.Errorf("the message does not say %q: %s", words, message)
		}
	}
	if got := assigned(w); !slices.Contains(got, w.Sim.Tenant().Users()[0].DisplayName) || len(got) != 3 {
		t.Errorf("assigned are %v; want the two groups and the user", got)
	}
}

var errStillAssigned = errors.New("it is still assigned")

type assignment = tenant.OverviewAssignment

func entry(s *v1alpha1.ScimAppSpec, name string) *v1alpha1.Assignment {
	return &s.Assignments[slices.IndexFunc(s.Assignments, func(a v1alpha1.Assignment) bool { return a.Name == name })]
}

func assignmentOf(t *testing.T, w *kit.World, principal string) assignment {
	t.Helper()
	all := w.Sim.State().Assignments
	i := slices.IndexFunc(all, func(a assignment) bool { return a.Principal == principal })
	if i < 0 {
		t.Fatalf("%s is not assigned, but %v", principal, all)
	}
	return all[i]
}

func assigned(w *kit.World) []string {
	var names []string
	for _, a := range w.Sim.State().Assignments {
		names = append(names, a.Principal)
	}
	return names
}

// absent gives nil when there is no assignment of that ID.
func absent(w *kit.World, id string) error {
	if slices.ContainsFunc(w.Sim.State().Assignments, func(a assignment) bool { return a.ID == id }) {
		return errStillAssigned
	}
	return nil
}

func rename(t *testing.T, w *kit.World, group, name string) {
	t.Helper()
	if _, err := w.Sim.Tenant().PatchGroup(group, []byte(`{"displayName":"`+name+`"}`)); err != nil {
		t.Fatal(err)
	}
}
