package kit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
)

// leave looks at what a test leaves behind: every object's conditions are sound, kstatus reads them as we mean them, and
// no secret is anywhere, and the simulator answered as Graph does. What another test could stumble over is removed.
func (w *World) leave(t testing.TB) {
	ctx := context.WithoutCancel(t.Context())
	w.checkObjects(ctx, t)
	w.checkSecrets(ctx, t)
	for _, d := range w.Sim.Shape().Departures {
		t.Errorf("the simulator departed from Graph's metadata in %d answers to %s: %s", d.Count, d.Operation, d.Problem)
	}
	if t.Failed() {
		w.dump(ctx, t)
	}
	// There is no garbage collector, and the cluster has addresses for some hundred Services.
	w.lose(ctx, t)
}

// owned gives the objects of our kinds that are there.
func (w *World) owned(ctx context.Context, t testing.TB) []client.Object {
	t.Helper()
	var out []client.Object
	for _, namespace := range w.namespaces() {
		for _, list := range []client.ObjectList{&v1alpha1.ScimAppList{}, &v1alpha1.AttributeMappingList{}} {
			w.list(ctx, t, list, client.InNamespace(namespace))
			out = append(out, objectsOf(t, list)...)
		}
	}
	library := &v1alpha1.ClusterAttributeMappingList{}
	w.list(ctx, t, library)
	out = append(out, slices.DeleteFunc(objectsOf(t, library), func(m client.Object) bool { return !strings.HasSuffix(m.GetName(), w.suffix) })...)
	tenants := &v1alpha1.EntraTenantList{}
	w.list(ctx, t, tenants, client.MatchingFields{"metadata.name": w.Tenant})
	return append(out, objectsOf(t, tenants)...)
}

func (w *World) list(ctx context.Context, t testing.TB, list client.ObjectList, options ...client.ListOption) {
	t.Helper()
	if err := w.Client.List(ctx, list, options...); err != nil {
		t.Fatal(err)
	}
}

func objectsOf(t testing.TB, list client.ObjectList) []client.Object {
	t.Helper()
	var out []client.Object
	err := meta.EachListItem(list, func(item runtime.Object) error {
		out = append(out, item.(client.Object))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *World) checkObjects(ctx context.Context, t testing.TB) {
	t.Helper()
	for _, obj := range w.owned(ctx, t) {
		if !obj.GetDeletionTimestamp().IsZero() {
			continue
		}
		var conds []metav1.Condition
		switch o := obj.(type) {
		case *v1alpha1.ScimApp:
			conds = o.Status.Conditions
		case *v1alpha1.EntraTenant:
			conds = o.Status.Conditions
		case v1alpha1.MappingObject:
			conds = o.MappingStatus().Conditions
		}
		if err := conditions.Check(conds, obj.GetGeneration()); err != nil {
			t.Errorf("%T %s was left behind with unsound conditions: %v", obj, obj.GetName(), err)
			continue
		}
		if err := kstatusAgrees(obj, conds); err != nil {
			t.Errorf("%T %s: %v", obj, obj.GetName(), err)
		}
	}
}

// kstatusAgrees says whether kstatus, which Argo CD, Flux and kubectl wait with, reads the conditions as we mean them.
func kstatusAgrees(obj client.Object, conds []metav1.Condition) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return err
	}
	got, err := status.Compute(&unstructured.Unstructured{Object: content})
	if err != nil {
		return fmt.Errorf("kstatus cannot read it: %w", err)
	}
	want := status.InProgressStatus
	switch {
	case meta.IsStatusConditionTrue(conds, v1alpha1.ConditionReady):
		want = status.CurrentStatus
	case meta.IsStatusConditionTrue(conds, v1alpha1.ConditionStalled):
		want = status.FailedStatus
	}
	if got.Status != want {
		return fmt.Errorf("kstatus takes it for %s (%s), and it is %s", got.Status, got.Message, want)
	}
	return nil
}

// dump shows what a person would look at first.
func (w *World) dump(ctx context.Context, t testing.TB) {
	var b strings.Builder
	for _, obj := range w.owned(ctx, t) {
		obj.SetManagedFields(nil)
		text, err := yaml.Marshal(obj)
		fmt.Fprintf(&b, "--- %T %s (%v)\n%s", obj, obj.GetName(), err, text)
	}
	b.WriteString("--- events\n")
	for _, namespace := range w.namespaces() {
		events := &eventsv1.EventList{}
		w.list(ctx, t, events, client.InNamespace(namespace))
		for _, e := range events.Items {
			fmt.Fprintf(&b, "%s %s %s: %s\n", e.Type, e.Reason, e.Regarding.Name, e.Note)
		}
	}
	for i, o := range w.operators {
		fmt.Fprintf(&b, "--- the last calls of operator %d\n", i+1)
		for _, call := range tail(o.Calls(), 25) {
			fmt.Fprintln(&b, call.Name)
		}
	}
	b.WriteString("--- the simulator's journal\n")
	for _, e := range tail(w.Sim.Journal(), 40) {
		fmt.Fprintf(&b, "%d %s %s %s?%s -> %d %s\n", e.Sequence, e.Time.Format("15:04:05"), e.Method, e.Path, e.Query, e.Status, e.Fault)
	}
	state, err := json.MarshalIndent(w.Sim.State(), "", " ")
	fmt.Fprintf(&b, "--- the simulator (%v)\n%s\n--- the last of the log\n", err, state)
	for _, line := range tail(w.cluster.Logs.Lines(w.suffix), 30) {
		fmt.Fprintln(&b, line)
	}
	t.Log(b.String())
}

func tail[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }
