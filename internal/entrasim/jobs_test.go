package entrasim_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (l *lab) status() object {
	l.t.Helper()
	job := l.want(200, "GET", l.jobPath(""), nil).body
	status := job["status"].(object)
	status["schedule"] = job["schedule"].(object)["state"]
	return status
}

func TestJobStates(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	expect := func(when, schedule, code string) {
		t.Helper()
		if s := l.status(); s["schedule"] != schedule || s["code"] != code {
			t.Errorf("%s: %v/%v, want %s/%s", when, s["schedule"], s["code"], schedule, code)
		}
	}
	expect("created", "Disabled", "Paused")
	l.admin(409, "POST", "/sim/jobs/"+l.job+"/cycle", nil)
	l.want(204, "POST", l.jobPath("/start"), nil)
	expect("started", "Active", "NotRun")
	l.cycle()
	expect("after a cycle", "Active", "Active")
	if s := l.status(); s["steadyStateFirstAchievedTime"] == "0001-01-01T00:00:00Z" || s["lastExecution"].(object)["state"] != "Succeeded" {
		t.Errorf("after a good cycle: %v", s)
	}
	l.want(204, "POST", l.jobPath("/pause"), nil)
	expect("paused", "Paused", "Paused")
	l.admin(409, "POST", "/sim/jobs/"+l.job+"/cycle", nil)
	l.want(400, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "Everything"}})
	l.want(204, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "Watermark, Escrows, QuarantineState"}})
	expect("restarted", "Active", "Active")
	l.want(204, "DELETE", l.jobPath(""), nil)
	l.want(404, "GET", l.jobPath(""), nil)
	if keys := l.secretKeys(); len(keys) != 4 {
		t.Errorf("deleting the job took secrets with it: %v", keys)
	}
}

func TestQuarantineAndRecovery(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		code   string
	}{
		"the token is refused": {func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "{}", http.StatusUnauthorized)
			return true
		}, "SystemForCrossDomainIdentityManagementInvalidCredentials"},
		"the endpoint is gone": {func(w http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) },
			"SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"},
		"the token is refused in the middle of a cycle": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/Users/") {
				return false
			}
			http.Error(w, "{}", http.StatusUnauthorized)
			return true
		}, "SystemForCrossDomainIdentityManagementInvalidCredentials"},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := running(t, w, "")
			l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
			w.instead(c.answer)
			r, err := l.RunCycle(context.Background(), l.job)
			if err != nil || r.Error == nil || r.Error.Code != c.code {
				t.Fatalf("report %+v (%v), want error %s", r, err, c.code)
			}
			s := l.status()
			quarantine, _ := s["quarantine"].(object)
			if s["code"] != "Quarantine" || quarantine["reason"] != "EncounteredQuarantineException" || quarantine["nextAttempt"] == nil {
				t.Errorf("status %v", s)
			}
			w.instead(nil)
			w.take("")
			if r := l.cycle(); r.Updated != 1 {
				t.Errorf("the next good cycle: %s, want the change that was held up", counts(r))
			}
			if s := l.status(); s["code"] != "Active" || s["quarantine"] != nil {
				t.Errorf("after a good cycle: %v", s)
			}
		})
	}
}

func TestQuarantineEndsInADisabledJob(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	w.instead(func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, "{}", http.StatusUnauthorized)
		return true
	})
	l.advance(29 * 24 * time.Hour)
	if s := l.status(); s["schedule"] != "Disabled" {
		t.Errorf("after 29 days in quarantine: %v/%v, want Disabled", s["schedule"], s["code"])
	}
}

func TestScheduleFollowsTheVirtualClock(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
	l.advance(30 * time.Minute)
	if got := w.operations(); got != nil {
		t.Errorf("a cycle ran before its time: %v", got)
	}
	a := l.admin(200, "POST", "/sim/clock", object{"advance": "85m"})
	if n := len(a.body["cycles"].([]any)); n != 2 {
		t.Errorf("%d cycles ran in the next 85 minutes, want 2", n)
	}
	if got := w.operations(); len(got) != 1 {
		t.Errorf("operations %v, want one", got)
	}
}

func TestAccidentalDeletions(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "", secret("SyncNotificationSettings", `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":1}`))
	l.admin(204, "DELETE", "/sim/groups/Staff", nil)
	r, err := l.RunCycle(context.Background(), l.job)
	if err != nil || r.Error == nil || r.Error.Reason != "TooManyDeletes" {
		t.Fatalf("report %+v (%v), want TooManyDeletes", r, err)
	}
	if patches, s := w.operations(), l.status(); patches != nil || s["quarantine"].(object)["reason"] != "TooManyDeletes" {
		t.Errorf("sent %v, status %v", patches, s)
	}
	staged := l.want(200, "GET", "/auditLogs/provisioning?$filter=provisioningAction%20eq%20'stagedDelete'", nil).list()
	if len(staged) != 3 {
		t.Errorf("%d staged deletions in the log, want 3", len(staged))
	}
	l.want(204, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "ForceDeletes"}})
	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 2 deleted 1 skipped 0 failed 0")
	l.cycle()
	if s := l.status(); s["quarantine"] != nil {
		t.Errorf("after the release: %v", s)
	}
}

func TestFailedObjectsAreRetriedWithGrowingDistance(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		http.Error(rw, `{"detail":"no"}`, http.StatusInternalServerError)
		return true
	})
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
	var failed []int
	for range 8 {
		r := l.cycle()
		failed = append(failed, r.Failed)
		if r.Failed > 0 && (r.Failures[0].ObjectID != anna || !strings.HasSuffix(r.Failures[0].Code, "InternalServerError")) {
			t.Errorf("failure %+v", r.Failures[0])
		}
	}
	if diff := cmp.Diff([]int{1, 1, 0, 1, 0, 0, 0, 1}, failed); diff != "" {
		t.Errorf("failures by cycle (-want +got):\n%s", diff)
	}
	if s := l.status()["lastExecution"].(object); s["state"] != "EntryLevelErrors" || s["countEscrowed"] != 1.0 {
		t.Errorf("last execution %v", s)
	}
}
