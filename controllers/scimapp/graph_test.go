package scimapp

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

// graph is a directory with one application and one job, which notes what is done to the job.
type graph struct {
	entra.Directory
	application error // what reading the application gives
	marked      []entra.Application
	job         entra.Job
	reading     error // what reading the job gives
	writing     error // what starting and pausing give
	done        []string
}

func (g *graph) Application(context.Context, string) (entra.Application, error) {
	return entra.Application{ID: "app"}, g.application
}

func (g *graph) ApplicationsByTag(context.Context, string) ([]entra.Application, error) {
	return g.marked, nil
}

func (g *graph) ServicePrincipalByAppID(context.Context, string) (entra.ServicePrincipal, error) {
	return entra.ServicePrincipal{ID: "sp"}, nil
}

func (g *graph) Jobs(context.Context, string) ([]entra.Job, error) { return []entra.Job{g.job}, nil }

func (g *graph) ServicePrincipal(context.Context, string) (entra.ServicePrincipal, error) {
	return entra.ServicePrincipal{ID: "sp"}, nil
}

func (g *graph) Job(context.Context, entra.JobRef) (entra.Job, error) { return g.job, g.reading }

func (g *graph) StartJob(context.Context, entra.JobRef) error {
	g.done = append(g.done, "start")
	return g.writing
}

func (g *graph) RestartJob(_ context.Context, _ entra.JobRef, scope entra.RestartScope) error {
	g.done = append(g.done, "restart "+string(scope))
	return g.writing
}

func (g *graph) PauseJob(context.Context, entra.JobRef) error {
	g.done = append(g.done, "pause")
	return g.writing
}

var (
	someTime  = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	errGone   = fault.NewRetryable(entra.ReasonNotFound, &entra.Error{Operation: "could not read", Status: 404})
	errServer = fault.NewRetryable(entra.ReasonServerError, &entra.Error{Operation: "could not read", Status: 503})
)

func TestStartJob(t *testing.T) {
	paused := func(app *v1alpha1.ScimApp) {
		app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused}
	}
	tests := map[string]struct {
		change     func(*v1alpha1.ScimApp)
		schedule   entra.ScheduleState
		started    int64 // the generation that was started before
		writing    error
		want       []string
		generation int64 // the one that counts as started afterwards
		fails      bool
	}{
		"a new job is started":                               {schedule: entra.ScheduleDisabled, want: []string{"start"}, generation: 3},
		"a running job is never started":                     {schedule: entra.ScheduleActive, started: 2, generation: 3},
		"a running job after a lost status is never started": {schedule: entra.ScheduleActive, generation: 3},
		"what somebody paused stays paused":                  {schedule: entra.SchedulePaused, started: 3, generation: 3},
		"a new generation starts what somebody paused":       {schedule: entra.SchedulePaused, started: 2, want: []string{"start"}, generation: 3},
		"a paused manifest pauses":                           {change: paused, schedule: entra.ScheduleActive, started: 3, want: []string{"pause"}},
		"a paused manifest does not pause twice":             {change: paused, schedule: entra.SchedulePaused, started: 3},
		"a paused manifest leaves a new job as it is":        {change: paused, schedule: entra.ScheduleDisabled},
		"a failed start is tried again":                      {schedule: entra.ScheduleDisabled, writing: errServer, want: []string{"start"}, fails: true},
		"a failed pause is tried again":                      {change: paused, schedule: entra.ScheduleActive, started: 3, writing: errServer, want: []string{"pause"}, generation: 3, fails: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			directory := &graph{writing: tc.writing}
			s := tenantScope(nil, nil)
			if tc.change != nil {
				tc.change(s.app)
			}
			s.prepareStatus()
			s.app.Generation, s.app.Status.Job.StartedGeneration = 3, tc.started
			s.directory, s.job = directory, &entra.Job{Schedule: tc.schedule}
			s.record = func(context.Context) error { return nil }
			out := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).startJob(t.Context(), s)
			if (out.State != phase.Done) != tc.fails {
				t.Errorf("outcome = %+v", out)
			}
			if d := cmp.Diff(tc.want, directory.done); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			st := s.app.Status.Job
			if st.StartedGeneration != tc.generation {
				t.Errorf("startedGeneration = %d, want %d", st.StartedGeneration, tc.generation)
			}
			startedNow := len(tc.want) == 1 && tc.want[0] == "start" && !tc.fails
			if (st.StartedAt != nil) != startedNow {
				t.Errorf("startedAt = %v, want it set only by a start that worked", st.StartedAt)
			}
		})
	}
}

func TestDenyPausesWhatRuns(t *testing.T) {
	tests := map[string]struct {
		jobID   string
		started time.Duration // how long ago; 0: never
		graph   graph
		want    []string
		open    bool
		fails   bool
	}{
		"there is no job yet": {},
		"a job that may run without showing it is looked at again": {
			jobID: "j", started: time.Minute, graph: graph{job: entra.Job{Schedule: entra.ScheduleDisabled}}, open: true,
		},
		"a job whose start would show by now": {jobID: "j", started: time.Hour, graph: graph{job: entra.Job{Schedule: entra.SchedulePaused}}},
		"a job that status lost is found by the application's mark, and paused": {
			graph: graph{marked: []entra.Application{{AppID: "a"}}, job: entra.Job{ID: "j", Schedule: entra.ScheduleActive}}, want: []string{"pause"},
		},
		"a running job is paused":         {jobID: "j", graph: graph{job: entra.Job{Schedule: entra.ScheduleActive}}, want: []string{"pause"}},
		"a paused job stays paused":       {jobID: "j", graph: graph{job: entra.Job{Schedule: entra.SchedulePaused}}},
		"a job that is gone needs no one": {jobID: "j", graph: graph{reading: errGone}},
		"a job that cannot be read":       {jobID: "j", graph: graph{reading: errServer}, fails: true},
		"a job that cannot be paused":     {jobID: "j", graph: graph{job: entra.Job{Schedule: entra.ScheduleActive}, writing: errServer}, want: []string{"pause"}, fails: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.prepareStatus()
			s.app.Status.Job.ID, s.directory = tc.jobID, &tc.graph
			r := &Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}
			if tc.started > 0 {
				s.app.Status.Job.StartedAt = &metav1.Time{Time: someTime.Add(-tc.started)}
			}
			settled, err := r.pauseJobs(t.Context(), s)
			if (err != nil) != tc.fails || err == nil && settled == tc.open {
				t.Errorf("pauseJobs = %t, %v", settled, err)
			}
			if d := cmp.Diff(tc.want, tc.graph.done); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
		})
	}
	t.Run("one that may run without showing it brings the next look soon", func(t *testing.T) {
		s := tenantScope(nil, nil)
		s.prepareStatus()
		s.app.Status.Job.ID, s.app.Status.Job.StartedAt = "j", &metav1.Time{Time: someTime.Add(-time.Minute)}
		s.directory = &graph{job: entra.Job{Schedule: entra.ScheduleDisabled}}
		out, _ := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).deny(t.Context(), s, []grant.Denial{{Field: "spec", Message: "no"}})
		if out.After != recheckStarting || !strings.Contains(out.Message, "as soon as Entra shows that it runs") || s.app.Status.Job.State == statePaused {
			t.Errorf("outcome = %+v, the job is %s", out, s.app.Status.Job.State)
		}
	})
	t.Run("without a denial nothing is asked", func(t *testing.T) {
		if _, denied := (&Reconciler{}).deny(t.Context(), &scope{}, nil); denied {
			t.Error("nothing was denied, and yet it was")
		}
	})
}

func TestReadApplication(t *testing.T) {
	ago := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: someTime.Add(-d)} }
	type was struct {
		status metav1.ConditionStatus
		reason string
		ago    time.Duration
	}
	tests := map[string]struct {
		reading   error
		requested *metav1.Time
		before    *was
		state     phase.State
		reason    string
		forgotten bool
	}{
		"it is there":                           {state: phase.Done},
		"a new one is not shown everywhere yet": {reading: errGone, requested: ago(time.Minute), state: phase.Pending, reason: v1alpha1.ReasonReplicating},
		"Graph cannot be read":                  {reading: errServer, state: phase.Failed, reason: entra.ReasonServerError},
		"one that was there is missing":         {reading: errGone, before: &was{"True", v1alpha1.ReasonApplicationReady, time.Hour}, state: phase.Pending, reason: reasonApplicationGone},
		"one that had another trouble for long is missing since now": {
			reading: errGone, before: &was{"False", "OwnersNotAdded", time.Hour}, state: phase.Pending, reason: reasonApplicationGone,
		},
		"one is missing for a minute":         {reading: errGone, before: &was{"False", reasonApplicationGone, time.Minute}, state: phase.Pending, reason: reasonApplicationGone},
		"one is missing for a quarter hour":   {reading: errGone, before: &was{"False", reasonApplicationGone, 15 * time.Minute}, state: phase.Pending, reason: v1alpha1.ReasonReplicating, forgotten: true},
		"one was asked for long ago and gone": {reading: errGone, requested: ago(time.Hour), state: phase.Pending, reason: reasonApplicationGone},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.prepareStatus()
			s.directory = &graph{application: tc.reading}
			s.app.Status.Application.ApplicationID, s.app.Status.Application.RequestedAt = "app", tc.requested
			if b := tc.before; b != nil {
				s.app.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionApplicationReady, Status: b.status, Reason: b.reason, LastTransitionTime: *ago(b.ago)}}
			}
			out := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).readApplication(t.Context(), s)
			if out.State != tc.state || out.Reason != tc.reason {
				t.Errorf("outcome = %+v, want state %d reason %s", out, tc.state, tc.reason)
			}
			if got := s.app.Status.Application.ApplicationID == ""; got != tc.forgotten {
				t.Errorf("forgotten = %t, want %t", got, tc.forgotten)
			}
			c := meta.FindStatusCondition(s.app.Status.Conditions, v1alpha1.ConditionApplicationReady)
			if out.Reason == reasonApplicationGone && c != nil && c.Reason != reasonApplicationGone {
				t.Error("the condition keeps the time of another trouble, so the application would count as gone too soon")
			}
		})
	}
}

// users is the pure form of the smallest mapping.
func users() mapping.Mapping {
	m := gen.AttributeMapping("users")
	return manifest.Mapping(m.MappingKind(), m.Name, m.Spec)
}

func TestMappingsInWords(t *testing.T) {
	users, groups := gen.AttributeMapping("users"), gen.AttributeMapping("groups")
	groups.Spec.Object = v1alpha1.ObjectGroup
	users.Spec.Attributes = append(users.Spec.Attributes, v1alpha1.MappedAttribute{Target: "title", Expression: "Trim([jobTitle])"})
	all := []declared{{users, "0123"}, {groups, "4567"}}
	if got := describeMappings(all); got != "Entra has users (User, revision 0123) and groups (Group, revision 4567)" {
		t.Errorf("describeMappings = %q", got)
	}
	if got := describeMappings(nil); !strings.Contains(got, "role mapping") {
		t.Errorf("describeMappings of none = %q", got)
	}
	if got := whoseExpression(all, "Trim([jobTitle])"); got != "AttributeMapping users, target title" {
		t.Errorf("whoseExpression = %q", got)
	}
	if got := whoseExpression(all, "AppRoleAssignmentsComplex([appRoleAssignments])"); got != "spec.roles" {
		t.Errorf("whoseExpression of ours = %q", got)
	}
}
