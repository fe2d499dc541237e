package scimapp

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

// rows are those of the table at summarise. Each has examples in testdata/states, and each example belongs to one.
var rows = []string{
	"a person is needed",
	"a phase, pods or replication pending",
	"Graph unreachable, was Ready",
	"quarantine that Entra can end",
	"deletions held, job disabled by Entra, quarantine for longer than a day",
	"state: Paused",
	"paused by somebody else",
	"initial cycle running",
	"healthy",
	"drift, policy Report; a mapping waits for its wave",
	"some entries fail",
}

// state is one example: what a pass found, and what it has to say about it.
type state struct {
	Row string `json:"row"`
	// Spec is merged into the smallest ScimApp.
	Spec v1alpha1.ScimAppSpec `json:"spec"`
	// Before are the conditions that an earlier pass left, by type.
	Before map[string]struct {
		Status metav1.ConditionStatus `json:"status"`
		Reason string                 `json:"reason"`
		Ago    metav1.Duration        `json:"ago"`
	} `json:"before"`
	// Outcomes are those of the phases that did not succeed, by the phase's name.
	Outcomes map[string]outcome `json:"outcomes"`
	// Job is what the last phase read.
	Job  jobState `json:"job"`
	Want struct {
		// Conditions are "<status> <reason>" by type. Reconciling and Stalled are absent unless they are listed.
		Conditions map[string]string `json:"conditions"`
		// Says are parts of Ready's message.
		Says []string `json:"says"`
		// State and After are status.job.state and the time until the next look, where they matter.
		State   string          `json:"state"`
		After   metav1.Duration `json:"after"`
		Kstatus status.Status   `json:"kstatus"`
	} `json:"want"`
}

type outcome struct {
	Class   string `json:"class"` // Pending, Noted, or a class of internal/fault
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

type jobState struct {
	// Error is there when the job could not be read.
	Error      *outcome        `json:"error"`
	Schedule   string          `json:"schedule"`
	StartedAgo metav1.Duration `json:"startedAgo"` // zero: never started by us
	SteadyAgo  metav1.Duration `json:"steadyAgo"`  // zero: never steady
	Cycle      *struct {
		State, Code, Message string
		Escrowed             int64
	} `json:"cycle"`
	Quarantine *struct {
		Reason, Code, Message string
		Ago, NextIn           metav1.Duration
	} `json:"quarantine"`
}

func states(t *testing.T) map[string]state {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "states", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]state{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s state
		if err := yaml.UnmarshalStrict(body, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = s
	}
	return out
}

func (o outcome) outcome() phase.Outcome {
	cause := errors.New(o.Message)
	switch o.Class {
	case "Noted":
		return phase.Note(o.Reason, "%s", o.Message)
	case "Pending":
		return phase.Wait(o.Reason, time.Second, "%s", o.Message)
	case "Waiting":
		return phase.Fail("", fault.NewWaiting(o.Reason, time.Second, cause))
	case "Throttled":
		return phase.Fail("", fault.NewThrottled(o.Reason, time.Second, cause))
	case "Retryable":
		return phase.Fail("", fault.NewRetryable(o.Reason, cause))
	default:
		return phase.Fail("", fault.NewTerminal(o.Reason, cause))
	}
}

func (j jobState) job(now time.Time) entra.Job {
	job := entra.Job{ID: "scim.1", Schedule: entra.ScheduleState(j.Schedule)}
	if j.SteadyAgo.Duration > 0 {
		steady := now.Add(-j.SteadyAgo.Duration)
		job.SteadySince = &steady
	}
	if c := j.Cycle; c != nil {
		job.LastExecution = &entra.Execution{State: c.State, Escrowed: c.Escrowed, Began: now.Add(-time.Hour), Ended: now.Add(-time.Minute), Error: jobError(c.Code, c.Message)}
	}
	if q := j.Quarantine; q != nil {
		began := now.Add(-q.Ago.Duration)
		job.Quarantine = &entra.Quarantine{Reason: q.Reason, Began: began, SeriesBegan: began, NextAttempt: now.Add(q.NextIn.Duration), Error: jobError(q.Code, q.Message)}
	}
	return job
}

func jobError(code, message string) *entra.JobError {
	if code == "" {
		return nil
	}
	return &entra.JobError{Code: code, Message: message}
}

// scope is the ScimApp of the example as a pass finds it.
func (st state) scope(now time.Time) *scope {
	app := gen.ScimApp("wiki")
	app.Generation = 3
	tenant := app.Spec.TenantRef
	app.Spec = st.Spec
	app.Spec.TenantRef = tenant
	for kind, c := range st.Before {
		meta.SetStatusCondition(&app.Status.Conditions, metav1.Condition{
			Type: kind, Status: c.Status, Reason: c.Reason, Message: "as it was", ObservedGeneration: 3,
			LastTransitionTime: metav1.NewTime(now.Add(-c.Ago.Duration)),
		})
	}
	s := &scope{app: app, original: app.DeepCopy()}
	s.prepareStatus()
	if ago := st.Job.StartedAgo.Duration; ago > 0 {
		started := metav1.NewTime(now.Add(-ago))
		app.Status.Job.StartedAt, app.Status.Job.StartedGeneration = &started, 3
	}
	return s
}

// pass runs the operator's own table, with the example's outcomes instead of the work.
func (st state) pass(t *testing.T, s *scope, now time.Time) []phase.Result {
	t.Helper()
	left := make([]string, 0, len(st.Outcomes))
	for name := range st.Outcomes {
		left = append(left, name)
	}
	table := (&Reconciler{}).Phases()
	for i, p := range table {
		table[i].Run = func(_ context.Context, s *scope) phase.Outcome {
			left = slices.DeleteFunc(left, func(name string) bool { return name == p.Name })
			switch given, ok := st.Outcomes[p.Name]; {
			case ok:
				return given.outcome()
			case p.Condition == v1alpha1.ConditionJobHealthy && st.Job.Error != nil:
				return st.Job.Error.outcome()
			case p.Condition == v1alpha1.ConditionJobHealthy:
				return judgeJob(s.app, st.Job.job(now), now)
			}
			return phase.Succeed(p.Condition, "as declared")
		}
	}
	results := phase.Run(t.Context(), table, s)
	if len(left) > 0 {
		t.Fatalf("the phases %v did not run, so the example does not show what it says", left)
	}
	return results
}

// TestStates drives one set of examples through our conditions, our rules about conditions and kstatus, which Flux and
// others go by.
func TestStates(t *testing.T) {
	for name, st := range states(t) {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			s := st.scope(now)
			results := st.pass(t, s, now)
			summarise(s, results, now)

			checkConditions(t, s.app, st.Want.Conditions)
			ready := meta.FindStatusCondition(s.app.Status.Conditions, v1alpha1.ConditionReady)
			for _, part := range st.Want.Says {
				if !strings.Contains(ready.Message, part) {
					t.Errorf("Ready says %q, without %q", ready.Message, part)
				}
			}
			if err := conditions.Check(s.app.Status.Conditions, s.app.Generation); err != nil {
				t.Errorf("the conditions break our rules: %v", err)
			}
			if got := kstatusOf(t, s.app); got.Status != st.Want.Kstatus {
				t.Errorf("kstatus = %s (%s), want %s", got.Status, got.Message, st.Want.Kstatus)
			}
			if want := st.Want.State; want != "" && s.app.Status.Job.State != want {
				t.Errorf("status.job.state = %q, want %q", s.app.Status.Job.State, want)
			}
			if want := st.Want.After.Duration; want != 0 && jobOutcome(results).After != want {
				t.Errorf("the job is looked at after %s, want %s", jobOutcome(results).After, want)
			}

			before := s.app.DeepCopy()
			summarise(s, st.pass(t, s, now), now.Add(time.Second))
			if d := cmp.Diff(before.Status, s.app.Status); d != "" {
				t.Errorf("a second pass that finds the same changes status (-first +second):\n%s", d)
			}
		})
	}
}

func checkConditions(t *testing.T, app *v1alpha1.ScimApp, want map[string]string) {
	t.Helper()
	for kind, text := range want {
		c := meta.FindStatusCondition(app.Status.Conditions, kind)
		if c == nil {
			t.Errorf("condition %s is not there, want %s", kind, text)
			continue
		}
		if got := string(c.Status) + " " + c.Reason; got != text {
			t.Errorf("condition %s = %s, want %s (%s)", kind, got, text, c.Message)
		}
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if _, wanted := want[kind]; !wanted && meta.FindStatusCondition(app.Status.Conditions, kind) != nil {
			t.Errorf("condition %s is there", kind)
		}
	}
}

func kstatusOf(t *testing.T, app *v1alpha1.ScimApp) *status.Result {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(app)
	if err != nil {
		t.Fatal(err)
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: content})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestEveryRowHasItsStates(t *testing.T) {
	seen := map[string]bool{}
	for name, st := range states(t) {
		if !slices.Contains(rows, st.Row) {
			t.Errorf("testdata/states/%s.yaml belongs to no row: %q", name, st.Row)
		}
		seen[st.Row] = true
	}
	for _, row := range rows {
		if !seen[row] {
			t.Errorf("no file of testdata/states is an example of %q", row)
		}
	}
}

// A fresh object and one whose manifest was just changed are never taken for done.
func TestStatesBeforeTheFirstSummary(t *testing.T) {
	fresh := gen.ScimApp("wiki")
	fresh.Generation, fresh.Status.ObservedGeneration = 1, -1
	if got := kstatusOf(t, fresh); got.Status != status.InProgressStatus {
		t.Errorf("kstatus of a fresh object = %s, want InProgress", got.Status)
	}

	changed := states(t)["healthy"].scope(time.Now())
	changed.app.Generation = 4
	changed.app.Status.ObservedGeneration = 3
	if got := kstatusOf(t, changed.app); got.Status != status.InProgressStatus {
		t.Errorf("kstatus after a change of the manifest = %s, want InProgress", got.Status)
	}
}
