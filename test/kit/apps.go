package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// AddApps makes further apps like the sample's, each with an endpoint of its own, and changes their specs.
func (w *World) AddApps(t testing.TB, names []string, change func(*v1alpha1.ScimAppSpec)) {
	t.Helper()
	for _, name := range names {
		w.kubelet.serve(name, w.startEndpoint(t))
		app := w.Manifests(t).App
		app.Name, app.Spec.Application.DisplayName = name, name
		change(&app.Spec)
		if err := w.Client.Create(context.WithoutCancel(t.Context()), app); err != nil {
			t.Fatal(err)
		}
	}
}

// AppCalled reads one ScimApp of the world past all caches.
func (w *World) AppCalled(t testing.TB, name string) *v1alpha1.ScimApp {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	if err := w.Client.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace, Name: name}, app); err != nil {
		t.Fatal(err)
	}
	return app
}

// errNoJob is what JobOf gives before there is one.
var errNoJob = errors.New("there is no such job in Entra")

// JobOf is the job of the ScimApp, found by the mark of its application: status may be lost.
func (w *World) JobOf(name string) (tenant.OverviewJob, error) {
	state := w.Sim.State()
	for _, principal := range state.Principals {
		if tags := fmt.Sprint(principal.Tags); !strings.Contains(tags, "/"+w.Namespace+"/"+name+"]") && !strings.Contains(tags, "/"+w.Namespace+"/"+name+" ") {
			continue
		}
		for _, job := range state.Jobs {
			if job.ServicePrincipalID == principal.ID {
				return job, nil
			}
		}
	}
	return tenant.OverviewJob{}, errNoJob
}

// CycleOf runs a provisioning cycle of the ScimApp's job, whatever comes of it, and has the operator look at it.
func (w *World) CycleOf(t testing.TB, name string) *entrasim.CycleReport {
	t.Helper()
	job, err := w.JobOf(name)
	if err != nil {
		t.Fatal(err)
	}
	w.LookAt(t, name)        // what was written last is in status then, with its time
	w.Pass(t, 2*time.Second) // a cycle that begins in the second of a write does not count as one after it
	report, err := w.Sim.RunCycle(t.Context(), job.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.LookAt(t, name)
	return report
}

// LookAt has the operator make a pass over the ScimApp by an annotation, and waits until that has ended.
func (w *World) LookAt(t testing.TB, name string) {
	t.Helper()
	before := w.cluster.Logs.passesOver("scimapp", w.Namespace, name)
	Change(t, w, w.AppCalled(t, name), func(app *v1alpha1.ScimApp) {
		metav1.SetMetaDataAnnotation(&app.ObjectMeta, "scim-operator.io/reconcile", time.Now().Format(time.RFC3339Nano))
	})
	Eventually(t, "the operator makes a pass over "+name, func() error {
		return enough(w.cluster.Logs.passesOver("scimapp", w.Namespace, name) - before - 1)
	})
}

// ExpectCalled waits until the ScimApp's present generation has the condition with the status and, unless that is empty,
// the reason.
func (w *World) ExpectCalled(t testing.TB, name, condition string, status metav1.ConditionStatus, reason string) {
	t.Helper()
	Eventually(t, "ScimApp "+name+" is "+condition+"="+string(status)+" "+reason, func() error {
		return holds(w.AppCalled(t, name), condition, status, reason)
	})
}

// InCluster is the name of a ClusterAttributeMapping of this world.
func (w *World) InCluster(name string) string { return name + w.suffix }

// KillOperators ends all operators of the world at once.
func (w *World) KillOperators() {
	for _, o := range w.operators {
		o.Kill()
	}
}

// LoseStatus takes the object's status away, as a backup that holds only manifests does.
func (w *World) LoseStatus(t testing.TB, obj client.Object) {
	t.Helper()
	if err := w.Client.Status().Patch(t.Context(), obj, client.RawPatch(types.MergePatchType, []byte(`{"status":null}`))); err != nil {
		t.Fatal(err)
	}
}
