package scimapp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
)

func TestEntries(t *testing.T) {
	tests := map[string]struct {
		byKey  map[string]int64
		steady bool
		want   []v1alpha1.EntryCount
	}{
		"nothing is provisioned yet":                  {nil, false, nil},
		"nobody is left, and Entra counts none of it": {nil, true, []v1alpha1.EntryCount{{Type: "Group", Count: new(int64(0))}, {Type: "User", Count: new(int64(0))}}},
		"groups are left":                             {map[string]int64{"Group to A": 2}, true, []v1alpha1.EntryCount{{Type: "Group", Count: new(int64(2))}, {Type: "User", Count: new(int64(0))}}},
		"Entra's own keys": {
			map[string]int64{"User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": 12, "Group to urn:ietf:params:scim:schemas:core:2.0:Group": 3}, true,
			[]v1alpha1.EntryCount{{Type: "Group", Count: new(int64(3))}, {Type: "User", Count: new(int64(12))}},
		},
		"a source with two targets is summed": {
			map[string]int64{"User to A": 1, "User to B": 2}, false,
			[]v1alpha1.EntryCount{{Type: "User", Count: new(int64(3))}},
		},
		"a key of another form is kept as it is": {map[string]int64{"Device": 1}, false, []v1alpha1.EntryCount{{Type: "Device", Count: new(int64(1))}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			job := entra.Job{Entries: tc.byKey}
			if tc.steady {
				job.SteadySince = new(time.Unix(0, 0))
			}
			if d := cmp.Diff(tc.want, entries(job)); d != "" {
				t.Errorf("entries (-want +got):\n%s", d)
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	tests := map[string]struct {
		text string
		n    int
		want string
	}{
		"short enough":                       {"héllo", 6, "héllo"},
		"too long":                           {"hello world", 8, "hello…"},
		"a character is not split":           {"hellö world", 8, "hell…"},
		"a character of four bytes likewise": {"ab😀cdefgh", 8, "ab…"},
		"nothing":                            {"", 3, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := truncate(tc.text, tc.n)
			if got != tc.want {
				t.Errorf("truncate = %q, want %q", got, tc.want)
			}
			if len(got) > tc.n || !utf8.ValidString(got) {
				t.Errorf("%q has %d bytes, or is no text", got, len(got))
			}
		})
	}
}

func TestRecordJob(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 123456789, time.UTC)
	whole := &metav1.Time{Time: at.Truncate(time.Second)}
	st := &v1alpha1.JobStatus{ID: "scim.1"}
	recordJob(st, entra.Job{
		SteadySince:   &at,
		LastExecution: &entra.Execution{State: "EntryLevelErrors", Began: at, Ended: at, Exported: 7, Escrowed: 2},
		Quarantine:    &entra.Quarantine{Reason: "Unknown", Began: at, NextAttempt: at, Error: &entra.JobError{Code: "C", Message: strings.Repeat("ä", 2000)}},
		Entries:       map[string]int64{"User to x": 1},
	})
	if n := len(st.Quarantine.Message); n > 1024 {
		t.Errorf("the quarantine's message has %d bytes, the CRD allows 1024 characters", n)
	}
	st.Quarantine.Message = ""
	want := &v1alpha1.JobStatus{
		ID: "scim.1", SteadySince: whole,
		LastCycle:  &v1alpha1.CycleStatus{StartedAt: whole, FinishedAt: whole, Result: "EntryLevelErrors", Exported: 7, Failed: 2},
		Quarantine: &v1alpha1.QuarantineStatus{Reason: "Unknown", Since: whole, NextAttempt: whole},
		Entries:    []v1alpha1.EntryCount{{Type: "Group", Count: new(int64(0))}, {Type: "User", Count: new(int64(1))}},
	}
	if d := cmp.Diff(want, st); d != "" {
		t.Errorf("status.job (-want +got):\n%s", d)
	}

	recordJob(st, entra.Job{LastExecution: &entra.Execution{State: "Succeeded"}})
	want = &v1alpha1.JobStatus{ID: "scim.1", LastCycle: &v1alpha1.CycleStatus{Result: "Succeeded"}}
	if d := cmp.Diff(want, st); d != "" {
		t.Errorf("what is over stays in status.job (-want +got):\n%s", d)
	}
}

func TestPickJob(t *testing.T) {
	jobs := []entra.Job{{ID: "old", TemplateID: "customappsso"}, {ID: "a", TemplateID: "scim"}, {ID: "b", TemplateID: "scim"}}
	tests := map[string]struct {
		jobs  []entra.Job
		known string
		want  string
	}{
		"no job":                                {nil, "", ""},
		"only a job of another template":        {jobs[:1], "", ""},
		"the first of our template":             {jobs, "", "a"},
		"the one that we know":                  {jobs, "b", "b"},
		"the one that we know, of any template": {jobs, "old", "old"},
		"the one that we knew is gone":          {jobs, "gone", "a"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, found := pickJob(tc.jobs, tc.known)
			if got.ID != tc.want || found != (tc.want != "") {
				t.Errorf("pickJob = %q %t, want %q", got.ID, found, tc.want)
			}
		})
	}
}

func TestSynchronizationFault(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	denied := fault.NewWaiting(entra.ReasonSynchronizationDenied, 0, &entra.Error{Operation: "could not list the jobs", Status: 401, Code: "UnknownError"})
	notFound := fault.NewRetryable(entra.ReasonNotFound, &entra.Error{Operation: "could not list the jobs", Status: 404})
	other := fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("connection refused"))
	tests := map[string]struct {
		err     error
		created time.Time
		want    phase.State
		reason  string
		stalled bool
		says    string
	}{
		"a young application is replicating":                    {denied, now.Add(-time.Minute), phase.Pending, "Replicating", false, "new application"},
		"one that is not found while young is replicating":      {notFound, now.Add(-time.Minute), phase.Pending, "Replicating", false, "new application"},
		"an old application lacks a permission":                 {denied, now.Add(-time.Hour), phase.Failed, "PermissionMissing", true, "Synchronization.ReadWrite.All"},
		"one of unknown age lacks a permission":                 {denied, time.Time{}, phase.Failed, "PermissionMissing", true, "EntraTenant contoso"},
		"one that is old and not found is tried again":          {notFound, now.Add(-time.Hour), phase.Failed, "NotFoundInEntra", false, "404"},
		"what is neither keeps its own reason":                  {fmt.Errorf("starting the job: %w", other), now.Add(-time.Minute), phase.Failed, "GraphUnreachable", false, "starting the job"},
		"what nobody classified is the job's, whatever its age": {errors.New("odd"), now, phase.Failed, "JobUnknown", false, "odd"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.application.CreatedAt = tc.created
			r := &Reconciler{Clock: clocktesting.NewFakePassiveClock(now)}
			got := r.synchronizationFault(s, tc.err)
			if got.State != tc.want || got.Reason != tc.reason || got.Stalled() != tc.stalled {
				t.Errorf("outcome = %+v, want state %d reason %s stalled %t", got, tc.want, tc.reason, tc.stalled)
			}
			if !strings.Contains(got.Message, tc.says) {
				t.Errorf("the message %q does not say %q", got.Message, tc.says)
			}
		})
	}
}

func TestRejected(t *testing.T) {
	s := tenantScope(nil, nil)
	s.endpointURL = "https://scim.wiki.example.com/scim/v2"
	r := &Reconciler{Clock: clocktesting.NewFakePassiveClock(time.Now())}
	refused := r.rejected(s, &entra.Error{Operation: "could not validate", Status: 400, Code: "SystemForCrossDomainIdentityManagementInvalidCredentials", Message: "401"})
	if refused.Reason != v1alpha1.ReasonCredentialsRejected || !refused.Stalled() || refused.After != credentialRecheck {
		t.Errorf("an endpoint that Entra cannot use gives %+v, want Stalled, and another try soon: it is often only DNS", refused)
	}
	if !strings.Contains(refused.Message, s.endpointURL) || !strings.Contains(refused.Message, "certificate") {
		t.Errorf("the message %q names neither the address nor a remedy", refused.Message)
	}
	other := r.rejected(s, fault.NewRetryable(entra.ReasonServerError, &entra.Error{Operation: "could not validate", Status: 503}))
	if other.Stalled() || other.Reason != entra.ReasonServerError {
		t.Errorf("a fault of Entra gives %+v, which blames the endpoint", other)
	}
}
