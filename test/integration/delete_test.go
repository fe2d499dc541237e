package integration

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestRetainPausesTheJobAndTheSameManifestTakesItUp(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	before := w.Sim.State()
	w.Delete(t)

	left := w.Sim.State()
	if len(left.Applications) != 1 || len(left.Assignments) != 2 || left.DeletedItems != 0 {
		t.Errorf("left are %d applications, %d assignments and %d deleted objects; want 1, 2 and 0",
			len(left.Applications), len(left.Assignments), left.DeletedItems)
	}
	if job := w.Job(t); job.Schedule != "Paused" || job.Pauses != 1 {
		t.Errorf("the job is %s after %d pauses, want Paused after one", job.Schedule, job.Pauses)
	}

	app := w.Manifests(t).App
	if err := w.Client.Create(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	w.ExpectReady(t)
	after := w.Sim.State()
	if after.Applications[0].ID != before.Applications[0].ID || len(after.Applications) != 1 {
		t.Errorf("the application was %+v and is now %+v", before.Applications, after.Applications)
	}
	if job := w.Job(t); job.ID != before.Jobs[0].ID || job.Schedule != "Active" || job.Starts != 2 || job.SchemaWrites != 1 {
		t.Errorf("the job was %+v and is now %+v; want the same, started once more and its schema left alone", before.Jobs[0], job)
	}
	w.Cycle(t)
}

func TestDeleteTakesTheApplicationAway(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
	w.ExpectReady(t)
	w.Delete(t)

	state := w.Sim.State()
	if len(state.Applications) != 0 || len(state.Principals) != 0 || len(state.Jobs) != 0 || state.DeletedItems != 2 {
		t.Errorf("left are applications %v, principals %v, jobs %v, and %d objects that can be restored; want none, and the two halves restorable",
			state.Applications, state.Principals, state.Jobs, state.DeletedItems)
	}
	token := &corev1.SecretList{}
	if err := w.Client.List(t.Context(), token, client.InNamespace(w.OperatorNamespace), client.MatchingLabels{v1alpha1.LabelApp: kit.AppName}); err != nil {
		t.Fatal(err)
	}
	if len(token.Items) != 0 {
		t.Errorf("the token was left behind in Secret %s", token.Items[0].Name)
	}
}

func TestADeletionEndsWithoutATenant(t *testing.T) {
	for name, takeAway := range map[string]func(*testing.T, *kit.World){
		"the Secret of the credentials is gone": func(t *testing.T, w *kit.World) {
			if err := w.Client.Delete(t.Context(), w.Manifests(t).Secret); err != nil {
				t.Fatal(err)
			}
		},
		"somebody took the finalizer off the EntraTenant and deleted it": func(t *testing.T, w *kit.World) {
			tenant := w.Manifests(t).Tenant
			if err := w.Client.Delete(t.Context(), tenant); err != nil {
				t.Fatal(err)
			}
			w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Finalizers = nil })
			w.ExpectStalled(t, v1alpha1.ReasonTenantNotFound) // the operator's cache knows it too
		},
	} {
		for _, policy := range []v1alpha1.DeletionPolicy{v1alpha1.DeletionPolicyRetain, v1alpha1.DeletionPolicyDelete} {
			t.Run(name+", policy "+string(policy), func(t *testing.T) {
				t.Parallel()
				w, _ := ready(t)
				w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.DeletionPolicy = policy })
				app := w.ExpectReady(t)
				takeAway(t, w)
				w.Delete(t)
				kit.Eventually(t, "an event says what is left in Entra", func() error {
					return w.FindEvent(t, "LeftInEntra", func(e eventsv1.Event) bool {
						return e.Type == corev1.EventTypeWarning && strings.Contains(e.Note, app.Status.Application.ApplicationID) &&
							strings.Contains(e.Note, app.Status.Job.ID)
					})
				})
				if state := w.Sim.State(); len(state.Applications) != 1 || len(state.Jobs) != 1 {
					t.Errorf("Entra has applications %v and jobs %v", state.Applications, state.Jobs)
				}
			})
		}
	}
}

func TestATenantIsHeldWhileAnAppUsesIt(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	if err := w.Client.Delete(t.Context(), w.Manifests(t).Tenant); err != nil {
		t.Fatal(err)
	}
	w.Look(t)
	tenant := w.Manifests(t).Tenant
	if err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(tenant), tenant); err != nil {
		t.Fatalf("the EntraTenant went while a ScimApp used it: %v", err)
	}
	w.Delete(t)
	if job := w.Job(t); job.Schedule != "Paused" {
		t.Errorf("the job is %s: the operator could no longer pause it", job.Schedule)
	}
	kit.Eventually(t, "the EntraTenant goes after its last ScimApp", func() error { return w.Gone(t, tenant) })
}
