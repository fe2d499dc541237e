package scimapp

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

func TestChanges(t *testing.T) {
	ready := condition("Ready", "True", "Provisioning", "the last cycle ended well at 10:00")
	tests := map[string]struct {
		before, after []metav1.Condition
		want          []string // "<event type> <reason> <message>"
	}{
		"nothing was there and nothing is": {},
		"nothing changed":                  {before: []metav1.Condition{ready}, after: []metav1.Condition{ready}},
		"a message alone is no event, for times and counts are in it": {
			before: []metav1.Condition{ready},
			after:  []metav1.Condition{condition("Ready", "True", "Provisioning", "the last cycle ended well at 10:40")},
		},
		"a condition that is new is an event": {
			after: []metav1.Condition{condition("TokenReady", "True", "TokenMinted", "minted")},
			want:  []string{"Normal TokenMinted minted"},
		},
		"another reason is an event": {
			before: []metav1.Condition{ready},
			after:  []metav1.Condition{condition("Ready", "True", "EntriesFailing", "3 entries failed")},
			want:   []string{"Normal EntriesFailing 3 entries failed"},
		},
		"another status of the same reason is an event": {
			before: []metav1.Condition{condition("JobHealthy", "False", "QuarantineRecovering", "soon")},
			after:  []metav1.Condition{condition("JobHealthy", "Unknown", "QuarantineRecovering", "soon")},
			want:   []string{"Warning QuarantineRecovering soon"},
		},
		"a mapping that made this app worse is a warning, though it is applied": {
			after: []metav1.Condition{condition("MappingsApplied", "True", "RolloutHalted", "halted")},
			want:  []string{"Warning RolloutHalted halted"},
		},
		"what stalls is a warning, told once": {
			before: []metav1.Condition{ready},
			after: []metav1.Condition{
				condition("Allowed", "False", "Denied", "no grant"),
				condition("Ready", "False", "Denied", "no grant"), condition("Stalled", "True", "Denied", "no grant"),
			},
			want: []string{"Warning Denied no grant"},
		},
		"what holds while the app is stalled is no warning": {
			after: []metav1.Condition{condition("TokenReady", "True", "TokenMinted", "minted"), condition("Stalled", "True", "Denied", "no grant")},
			want:  []string{"Normal TokenMinted minted"},
		},
		"what is merely pending is no warning": {
			after: []metav1.Condition{condition("Ready", "False", "EndpointStarting", "starting"), condition("Reconciling", "True", "EndpointStarting", "starting")},
			want:  []string{"Normal EndpointStarting starting"},
		},
		"what waits for another condition is no news": {
			after: []metav1.Condition{condition("MappingsApplied", "False", "WaitingApplicationReady", "waiting for ApplicationReady")},
		},
		"a condition that is gone is no event": {before: []metav1.Condition{ready, condition("Stalled", "True", "Denied", "x")}, after: []metav1.Condition{ready}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range changes(tc.before, tc.after) {
				got = append(got, c.eventType+" "+c.condition.Reason+" "+c.condition.Message)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
}

func TestMergeByCondition(t *testing.T) {
	result := func(condition string, state phase.State, reason string) phase.Result {
		return phase.Result{Condition: condition, Outcome: phase.Outcome{State: state, Reason: reason}}
	}
	tests := map[string]struct {
		in, want []phase.Result
	}{
		"each condition keeps its place":            {[]phase.Result{result("A", phase.Done, "1"), result("B", phase.Done, "2")}, []phase.Result{result("A", phase.Done, "1"), result("B", phase.Done, "2")}},
		"the last of several that are done counts":  {[]phase.Result{result("A", phase.Done, "1"), result("A", phase.Done, "2")}, []phase.Result{result("A", phase.Done, "2")}},
		"one that is not done counts, though first": {[]phase.Result{result("A", phase.Pending, "1"), result("A", phase.Done, "2")}, []phase.Result{result("A", phase.Pending, "1")}},
		"one that is not done counts, though last":  {[]phase.Result{result("A", phase.Done, "1"), result("A", phase.Failed, "2")}, []phase.Result{result("A", phase.Failed, "2")}},
		"what failed is not hidden by what it held": {[]phase.Result{result("A", phase.Failed, "1"), result("A", phase.Blocked, "2")}, []phase.Result{result("A", phase.Failed, "1")}},
		"a phase without a condition shows nowhere": {[]phase.Result{result("", phase.Failed, "1"), result("A", phase.Done, "2")}, []phase.Result{result("A", phase.Done, "2")}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, mergeByCondition(tc.in)); d != "" {
				t.Errorf("merged (-want +got):\n%s", d)
			}
		})
	}
}

// A phase without a condition of its own still holds Ready back.
func TestAPhaseWithoutAConditionHoldsReadyBack(t *testing.T) {
	st := state{Outcomes: map[string]outcome{"start": {Class: "Retryable", Reason: "JobUnknown", Message: "starting the job"}}}
	st.Job.Schedule = "Disabled"
	now := metav1.Now().Time
	s := st.scope(now)
	summarise(s, st.pass(t, s, now), now)
	checkConditions(t, s.app, map[string]string{"Ready": "False JobUnknown", "Reconciling": "True JobUnknown", "JobHealthy": "True Created"})
}

func TestAnnounce(t *testing.T) {
	newScope := func(observed int64) *scope {
		app := gen.ScimApp("wiki")
		app.Generation, app.Status.ObservedGeneration = 4, observed
		return &scope{app: app}
	}
	r := &Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}
	t.Run("a new generation is saved as not known to be ready", func(t *testing.T) {
		s, saved := newScope(3), false
		s.app.Status.Conditions = []metav1.Condition{
			{Type: "Ready", Status: "False", Reason: "Denied", Message: "no grant", ObservedGeneration: 3},
			{Type: "Stalled", Status: "True", Reason: "Denied", Message: "no grant", ObservedGeneration: 3},
		}
		s.save = func(context.Context) error {
			saved = true
			checkConditions(t, s.app, map[string]string{"Ready": "Unknown Progressing", "Reconciling": "True Progressing"})
			if s.app.Status.ObservedGeneration != 4 {
				t.Errorf("observedGeneration = %d, want 4", s.app.Status.ObservedGeneration)
			}
			return nil
		}
		if err := r.announce(t.Context(), s); err != nil || !saved {
			t.Errorf("announce = %v, saved %t", err, saved)
		}
	})
	t.Run("a generation that is known is left alone", func(t *testing.T) {
		s := newScope(4)
		s.save = func(context.Context) error { return errors.New("saved for nothing") }
		if err := r.announce(t.Context(), s); err != nil {
			t.Error(err)
		}
		if ready := meta.FindStatusCondition(s.app.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
			t.Errorf("Ready was set to %s", ready.Status)
		}
	})
	t.Run("a failure to save ends the pass", func(t *testing.T) {
		s, conflict := newScope(-1), errors.New("conflict")
		s.save = func(context.Context) error { return conflict }
		if err := r.announce(t.Context(), s); !errors.Is(err, conflict) {
			t.Errorf("announce = %v, want the conflict", err)
		}
	})
}
