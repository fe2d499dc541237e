package kit

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// conflicts lets an edit lose to the operator's writes for some twelve seconds, as these may come every few milliseconds
// of the world's fast clock.
var conflicts = wait.Backoff{Duration: 5 * time.Millisecond, Factor: 1.3, Jitter: 0.5, Steps: 25}

// Change edits an object of the world as a person does, over whatever the operator writes meanwhile.
func Change[T client.Object](t testing.TB, w *World, obj T, change func(T)) {
	t.Helper()
	err := retry.RetryOnConflict(conflicts, func() error {
		if err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(obj), obj); err != nil {
			return err
		}
		change(obj)
		return w.Client.Update(t.Context(), obj)
	})
	if err != nil {
		t.Fatalf("changing %s: %v", obj.GetName(), err)
	}
}

// ChangeApp edits the ScimApp.
func (w *World) ChangeApp(t testing.TB, change func(*v1alpha1.ScimAppSpec)) {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	app.Namespace, app.Name = w.Namespace, AppName
	Change(t, w, app, func(app *v1alpha1.ScimApp) { change(&app.Spec) })
}

// ChangeUsers edits the mapping of users.
func (w *World) ChangeUsers(t testing.TB, change func(*v1alpha1.AttributeMappingSpec)) {
	t.Helper()
	w.changeMapping(t, "wiki-users", change)
}

// ChangeGroups edits the mapping of groups.
func (w *World) ChangeGroups(t testing.TB, change func(*v1alpha1.AttributeMappingSpec)) {
	t.Helper()
	w.changeMapping(t, "wiki-groups", change)
}

func (w *World) changeMapping(t testing.TB, name string, change func(*v1alpha1.AttributeMappingSpec)) {
	t.Helper()
	m := &v1alpha1.AttributeMapping{}
	m.Namespace, m.Name = w.Namespace, name
	Change(t, w, m, func(m *v1alpha1.AttributeMapping) { change(&m.Spec) })
}

// ChangeTenant edits the EntraTenant.
func (w *World) ChangeTenant(t testing.TB, change func(*v1alpha1.EntraTenant)) {
	t.Helper()
	directory := &v1alpha1.EntraTenant{}
	directory.Name = w.Tenant
	Change(t, w, directory, change)
}

// Look has the operator make a pass over the ScimApp by an annotation, and waits until that has ended.
func (w *World) Look(t testing.TB) {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	app.Namespace, app.Name = w.Namespace, AppName
	w.AwaitPass(t, 1, func() {
		Change(t, w, app, func(app *v1alpha1.ScimApp) {
			metav1.SetMetaDataAnnotation(&app.ObjectMeta, "scim-operator.io/reconcile", time.Now().Format(time.RFC3339Nano))
		})
	})
}

// AwaitPass waits for that many passes over the ScimApp that end after the act.
func (w *World) AwaitPass(t testing.TB, n int, act func()) {
	t.Helper()
	before := w.passes()["scimapp"]
	act()
	Eventually(t, "the operator makes a pass", func() error { return enough(w.passes()["scimapp"] - before - n) })
}

// AwaitFullPass waits until each object of the world has had a pass that ends after the act.
func (w *World) AwaitFullPass(t testing.TB, act func()) {
	t.Helper()
	before := w.passes()
	act()
	Eventually(t, "the operator makes a pass over each object", func() error {
		for name, now := range w.passes() {
			if err := enough(now - before[name] - 1); err != nil {
				return err
			}
		}
		return nil
	})
}

type missing int

func enough(n int) error {
	if n < 0 {
		return missing(-n)
	}
	return nil
}

func (missing) Error() string { return "passes are missing" }

// passes counts the passes over each object of the world.
func (w *World) passes() map[string]int {
	logs := w.cluster.Logs
	return map[string]int{
		"scimapp": logs.passesOver("scimapp", w.Namespace, AppName), "tenant": logs.passesOver("entratenant", "", w.Tenant),
		"users":  logs.passesOver("attributemapping", w.Namespace, "wiki-users"),
		"groups": logs.passesOver("attributemapping", w.Namespace, "wiki-groups"),
	}
}

// Cycle runs a provisioning cycle of the job.
func (w *World) Cycle(t testing.TB) *entrasim.CycleReport {
	t.Helper()
	report, err := w.Sim.RunCycle(t.Context(), w.Job(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	if report.Error != nil || len(report.Failures) > 0 {
		t.Fatalf("the cycle failed: %+v", report)
	}
	return report
}

// Job is the one job that there is.
func (w *World) Job(t testing.TB) tenant.OverviewJob {
	t.Helper()
	jobs := w.Sim.State().Jobs
	if len(jobs) != 1 {
		t.Fatalf("Entra has %d jobs", len(jobs))
	}
	return jobs[0]
}

// Delete deletes the ScimApp and waits until it is gone.
func (w *World) Delete(t testing.TB) {
	t.Helper()
	app := w.App(t)
	if err := w.Client.Delete(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	Eventually(t, "the ScimApp is gone", func() error { return w.Gone(t, app) })
}

// Pass lets that much of the world's time go by.
func (w *World) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	select {
	case <-w.clock.After(d):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

var errStillThere = errors.New("it is still there")

// Gone gives nil when the object does not exist any more.
func (w *World) Gone(t testing.TB, obj client.Object) error {
	err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(obj), obj)
	if err == nil {
		return errStillThere
	}
	return client.IgnoreNotFound(err)
}
