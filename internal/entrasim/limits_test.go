package entrasim_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

func TestThrottling(t *testing.T) {
	l := startLab(t)
	before := l.JournalCounts(0).Last
	for range 5 {
		l.want(200, "GET", "/auditLogs/provisioning", nil)
	}
	a := l.want(429, "GET", "/auditLogs/provisioning", nil)
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || wait < 1 || wait > 10 || a.code() != "TooManyRequests" {
		t.Errorf("%s, Retry-After %q", a.text, a.header.Get("Retry-After"))
	}
	if a.header.Get("x-ms-throttle-limit-percentage") != "1.2" || a.header.Get("x-ms-throttle-information") == "" ||
		!strings.Contains(a.header.Get("x-ms-throttle-scope"), clientID) {
		t.Errorf("headers %v", a.header)
	}
	for path, units := range map[string]string{"/users/" + anna: "1", "/users": "2", "/users?$select=id": "1",
		"/groups/" + staff + "/members": "3", "/groups/" + staff + "/transitiveMembers?$top=5": "4"} {
		if got := l.want(200, "GET", path, nil).header.Get("x-ms-resource-unit"); got != units {
			t.Errorf("GET %s counts for %q units, want %s", path, got, units)
		}
	}
	counts := l.JournalCounts(before)
	if counts.Throttled != 1 || counts.Units != 11 {
		t.Errorf("the journal counts %+v, want 1 throttled request and 11 units", counts)
	}
	reports := slices.IndexFunc(l.Throttling(), func(u entrasim.LimitUsage) bool { return u.Limit == "reports" })
	want := entrasim.LimitUsage{ClientID: clientID, Limit: "reports", Seconds: 10, Most: 5, Peak: 6, Refused: 1}
	if reports < 0 || l.Throttling()[reports] != want {
		t.Errorf("the report says %+v", l.Throttling())
	}
}

func TestThrottlingCanBeTurnedOff(t *testing.T) {
	l := startLab(t, func(o *entrasim.Options) { o.Graph.Unthrottled = true })
	for range 6 {
		l.want(200, "GET", "/auditLogs/provisioning", nil)
	}
}

func TestAuditsTellOfChanges(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.want(204, "PUT", l.jobPath("/schema"), l.want(200, "GET", l.jobPath("/schema"), nil).body)
	l.want(404, "PATCH", l.jobPath("/schema"), object{})
	l.want(204, "POST", l.jobPath("/restart"), object{})
	l.want(204, "POST", l.jobPath("/pause"), nil)
	var told []string
	audits := l.want(200, "GET", "/auditLogs/directoryAudits?$orderby=activityDateTime", nil).list()
	for _, a := range audits {
		told = append(told, a["activityDisplayName"].(string))
		app := a["initiatedBy"].(object)["app"].(object)
		target := a["targetResources"].([]any)[0].(object)
		if app["appId"] != clientID || target["id"] != l.sp || target["displayName"] != "Wiki" {
			t.Errorf("audit %v", a)
		}
	}
	slices.Sort(told)
	want := []string{"Add provisioning configuration", "Disable/pause provisioning configuration", "Enable/restart provisioning configuration",
		"Enable/start provisioning configuration", "Update attribute mappings or scope", "Update provisioning setting or credentials"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	one := l.want(200, "GET", "/auditLogs/directoryAudits/"+audits[0]["id"].(string), nil)
	if one.body["id"] != audits[0]["id"] {
		t.Errorf("one audit: %s", one.text)
	}
	l.want(404, "GET", "/auditLogs/directoryAudits/nothing", nil)
}

func TestQuarantineIsInTheAudits(t *testing.T) {
	l := startLab(t)
	l.provision("http://127.0.0.1:1/scim", "t")
	l.want(204, "POST", l.jobPath("/start"), nil)
	if _, err := l.RunCycle(context.Background(), l.job); err != nil {
		t.Fatal(err)
	}
	audits := l.want(200, "GET", "/auditLogs/directoryAudits?$filter=result+eq+'failure'", nil).list()
	if len(audits) != 1 || audits[0]["resultReason"] != "EncounteredQuarantineException" {
		t.Errorf("audits %v", audits)
	}
}

func TestLogsComeLateAndGo(t *testing.T) {
	w := startWire(t)
	l := startLab(t, stoppedClock(0), func(o *entrasim.Options) { o.Tenant.LogLag = 5 * time.Minute })
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	logs := func() int {
		t.Helper()
		return len(l.want(200, "GET", "/auditLogs/provisioning", nil).list())
	}
	if n := logs(); n != 0 {
		t.Errorf("%d entries at once, want none yet", n)
	}
	l.want(204, "POST", l.jobPath("/pause"), nil)
	l.advance(5 * time.Minute)
	if n := logs(); n != 1 {
		t.Errorf("%d entries after the lag, want 1", n)
	}
	l.advance(30 * 24 * time.Hour)
	if n := logs(); n != 0 {
		t.Errorf("%d entries after a month, want none", n)
	}
}
