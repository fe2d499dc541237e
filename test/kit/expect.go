package kit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
)

// AppName is the ScimApp of the samples.
const AppName = "wiki"

const pollInterval = 100 * time.Millisecond

// Eventually polls until the condition holds, and fails the test with what the condition last said when it does not.
func Eventually(t testing.TB, what string, condition func() error) {
	t.Helper()
	if err := await(t.Context(), nil, condition); err != nil {
		t.Fatalf("it did not come about that %s: %v", what, err)
	}
}

// await polls until the condition holds or stop is closed.
func await(ctx context.Context, stop <-chan struct{}, condition func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := condition()
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-stop:
			return nil
		case <-ctx.Done():
			return err
		}
	}
}

// App reads the ScimApp past all caches.
func (w *World) App(t testing.TB) *v1alpha1.ScimApp {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	if err := w.Client.Get(t.Context(), w.appKey(), app); err != nil {
		t.Fatal(err)
	}
	return app
}

func (w *World) appKey() client.ObjectKey {
	return client.ObjectKey{Namespace: w.Namespace, Name: AppName}
}

// ExpectReady waits until the ScimApp's present generation is Ready.
func (w *World) ExpectReady(t testing.TB) *v1alpha1.ScimApp {
	t.Helper()
	return w.ExpectCondition(t, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

// ExpectStalled waits until the ScimApp's present generation is Stalled for the reason, and gives the message.
func (w *World) ExpectStalled(t testing.TB, reason string) string {
	t.Helper()
	app := w.ExpectCondition(t, v1alpha1.ConditionStalled, metav1.ConditionTrue, reason)
	return meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionStalled).Message
}

// ExpectCondition waits until the condition is about the present generation and has the status and, unless that is
// empty, the reason.
func (w *World) ExpectCondition(t testing.TB, condition string, status metav1.ConditionStatus, reason string) *v1alpha1.ScimApp {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	Eventually(t, fmt.Sprintf("the ScimApp is %s=%s %s", condition, status, reason), func() error {
		app = &v1alpha1.ScimApp{}
		if err := w.Client.Get(t.Context(), w.appKey(), app); err != nil {
			return err
		}
		return holds(app, condition, status, reason)
	})
	if err := conditions.Check(app.Status.Conditions, app.Generation); err != nil {
		t.Errorf("the conditions are unsound: %v%s", err, summary(app.Status.Conditions))
	}
	if err := kstatusAgrees(app, app.Status.Conditions); err != nil {
		t.Error(err)
	}
	return app
}

func holds(app *v1alpha1.ScimApp, condition string, status metav1.ConditionStatus, reason string) error {
	c := meta.FindStatusCondition(app.Status.Conditions, condition)
	switch {
	case c == nil:
		return fmt.Errorf("there is no condition %s; %s", condition, summary(app.Status.Conditions))
	case c.ObservedGeneration != app.Generation || app.Status.ObservedGeneration != app.Generation:
		return fmt.Errorf("generation %d is not looked at yet; %s", app.Generation, summary(app.Status.Conditions))
	case c.Status != status || reason != "" && c.Reason != reason:
		return fmt.Errorf("%s", summary(app.Status.Conditions))
	}
	return nil
}

func summary(conds []metav1.Condition) string {
	var b strings.Builder
	for _, c := range conds {
		fmt.Fprintf(&b, "\n  %s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
	}
	return b.String()
}

// OrKilled waits until the condition holds or the operator was killed, whichever comes first.
func (o *Operator) OrKilled(t testing.TB, what string, condition func() error) {
	t.Helper()
	if err := await(t.Context(), o.gate.died, condition); err != nil {
		t.Fatalf("it did not come about that %s, nor was the operator killed: %v", what, err)
	}
}

// Ready gives nil when the ScimApp's present generation is Ready.
func (w *World) Ready(t testing.TB) error {
	app := &v1alpha1.ScimApp{}
	if err := w.Client.Get(t.Context(), w.appKey(), app); err != nil {
		return err
	}
	return holds(app, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

// ExpectReason waits until the ScimApp's present generation is Ready for that reason.
func (w *World) ExpectReason(t testing.TB, reason string) *v1alpha1.ScimApp {
	t.Helper()
	return w.ExpectCondition(t, v1alpha1.ConditionReady, metav1.ConditionTrue, reason)
}

// FindEvent gives nil when there is an event of that reason in the app's namespace that matches.
func (w *World) FindEvent(t testing.TB, reason string, matches func(eventsv1.Event) bool) error {
	t.Helper()
	events := &eventsv1.EventList{}
	w.list(t.Context(), t, events, client.InNamespace(w.Namespace))
	var notes []string
	for _, e := range events.Items {
		if e.Reason == reason && matches(e) {
			return nil
		}
		notes = append(notes, e.Type+" "+e.Reason+": "+e.Note)
	}
	return fmt.Errorf("there are only the events\n%s", strings.Join(notes, "\n"))
}
