package entrasim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestARecycledName: the account of somebody who is gone goes to who gets the name, and is not deleted with the one who had
// it. An endpoint that does not give an account to another person answers a conflict, until the first one is purged.
func TestARecycledName(t *testing.T) {
	for name, c := range map[string]struct {
		mapped          bool // externalId, by which the endpoint knows people
		second, purged  string
		active          any
		secondWhileGone string
	}{
		"when the endpoint lets it":  {false, "updated 2 disabled 0 deleted 0 skipped 0 failed 0", "updated 0 disabled 0 deleted 0", true, "Bengt the Second"},
		"when the endpoint does not": {true, "updated 0 disabled 0 deleted 0 skipped 1 failed 1", "updated 0 disabled 0 deleted 1", false, "Bengt O'Neill"},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := running(t, w, "")
			if !c.mapped {
				l.editMappings(func(m []any) []any {
					return slices.DeleteFunc(m, func(a any) bool { return a.(object)["targetAttributeName"] == "externalId" })
				})
			}
			l.admin(204, "DELETE", "/sim/users/bengt@contoso.com", nil)
			l.cycle()
			second := l.admin(200, "POST", "/sim/users", object{"userPrincipalName": "bengt@contoso.com", "displayName": "Bengt the Second",
				"mailNickname": "bengt2"}).body["id"].(string)
			l.admin(204, "POST", "/sim/groups/Staff/members/"+second, nil)
			if r := counts(l.cycle()); !strings.HasSuffix(r, c.second) {
				t.Errorf("the second one arrives: %s, want %s", r, c.second)
			}
			account := scimList(t, w.URL, w.Token, "Users", "userName")["bengt@contoso.com"]
			if account["displayName"] != c.secondWhileGone || account["active"] != c.active {
				t.Errorf("the account: %v", account)
			}
			l.admin(204, "DELETE", "/sim/users/"+bengt+"?hard=true", nil)
			if r := counts(l.cycle()); !strings.Contains(r, c.purged) {
				t.Errorf("the first one is purged: %s, want %s", r, c.purged)
			}
			l.cycle()
			if account = scimList(t, w.URL, w.Token, "Users", "userName")["bengt@contoso.com"]; account["displayName"] != "Bengt the Second" {
				t.Errorf("in the end: %v", account)
			}
		})
	}
}

// TestALostCreationIsFoundAgain: the answer to a POST is lost. Who is still there is found by the next search; the account of
// who left in between is nobody's, and stays active for ever.
func TestALostCreationIsFoundAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*lab, string)
		counts string
	}{
		"who is still there": {func(*lab, string) {}, "created 0 updated 0 disabled 0 deleted 0 skipped 1 failed 0"},
		"who left in between": {func(l *lab, id string) {
			l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+id, nil)
		},
			"created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t)
			l.provision(w.URL, w.Token)
			id := l.assign(anna, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			w.losing(http.MethodPost)
			expectCounts(t, l.cycle(), "created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 1")
			w.losing("")
			c.change(l, id)
			expectCounts(t, l.cycle(), c.counts)
			if got := scimList(t, w.URL, w.Token, "Users", "userName")["anna@contoso.com"]["active"]; got != true {
				t.Errorf("active %v, want true", got)
			}
		})
	}
}

// losing drops the answers to requests of a method, none when it is empty.
func (w *wire) losing(method string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = func(r *http.Request) bool { return r.Method == method }
}

// TestAStaleLinkWaitsForAFullRestart: an account that was deleted at the endpoint is InvalidAnchor until the links are dropped.
func TestAStaleLinkWaitsForAFullRestart(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	id := scimList(t, w.URL, w.Token, "Users", "userName")["anna@contoso.com"]["id"].(string)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, w.URL+"/Users/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
	for range 2 {
		r := l.cycle()
		if r.Failed != 1 || !strings.HasSuffix(r.Failures[0].Code, "InvalidAnchor") {
			t.Fatalf("failures %+v, want InvalidAnchor", r.Failures)
		}
	}
	restarts("Watermark")(l)
	if r := l.cycle(); r.Failed != 1 {
		t.Errorf("after a restart of the watermark: %s, want the same failure", counts(r))
	}
	restarts("Full")(l)
	if r := l.cycle(); r.Created != 1 || r.Failed != 0 {
		t.Errorf("after a full restart: %s, want the account made anew", counts(r))
	}
}

// TestMembershipsOfARestoredUser come back with a restart only.
func TestMembershipsOfARestoredUser(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(204, "DELETE", "/sim/users/bengt@contoso.com", nil)
	l.cycle()
	l.admin(200, "POST", "/sim/users/"+bengt+"/restore", nil)
	w.take("")
	l.cycle()
	if got := w.written(); got != "PATCH /Users" {
		t.Errorf("after the restore: %q, want the account alone", got)
	}
	restarts("Watermark")(l)
	l.cycle()
	if got := w.written(); got != "PATCH /Groups" {
		t.Errorf("after a restart: %q, want the membership", got)
	}
}

// TestStagingIsUndoneWithItsCause: deletions that are held back stay so until they are released, or their cause is undone.
func TestStagingIsUndoneWithItsCause(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "", secret("SyncNotificationSettings", `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":1}`))
	id := l.assignment(staff)
	l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+id, nil)
	for range 2 {
		if r, err := l.RunCycle(t.Context(), l.job); err != nil || r.Error == nil || r.Error.Code != "TooManyDeletes" {
			t.Fatalf("report %+v (%v), want TooManyDeletes as long as the cause lasts", r, err)
		}
	}
	l.assign(staff, l.role())
	w.take("")
	l.cycle()
	if got := w.written(); got != "" {
		t.Errorf("after the cause was undone: %q", got)
	}
	if s := l.status(); s["quarantine"] != nil {
		t.Errorf("status %v, want no quarantine", s)
	}
}

func (l *lab) assignment(principal string) string {
	l.t.Helper()
	for _, a := range l.want(200, "GET", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo", nil).list() {
		if a["principalId"] == principal {
			return a["id"].(string)
		}
	}
	l.t.Fatalf("%s is not assigned", principal)
	return ""
}

// TestASchemaWriteIsNotHeldUpByQuarantine: the full cycle that it asks for is due at once.
func TestASchemaWriteIsNotHeldUpByQuarantine(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	w.instead(func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, "{}", http.StatusUnauthorized)
		return true
	})
	if _, err := l.RunCycle(t.Context(), l.job); err != nil {
		t.Fatal(err)
	}
	w.instead(nil)
	w.take("")
	l.advance(time.Minute)
	if got := w.take(""); got != nil {
		t.Fatalf("a quarantined job asked for %v a minute later", got)
	}
	filtered(l)
	l.advance(time.Minute)
	if got := w.written(); got != "DELETE /Groups" {
		t.Errorf("after the schema was written: %q", got)
	}
}

// TestStepsInTheProvisioningLog: each decision with its stages.
func TestStepsInTheProvisioningLog(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
	leaves(l)
	l.cycle()
	got := map[string][]string{}
	for _, entry := range l.want(200, "GET", "/auditLogs/provisioning?$top=999&$orderby=activityDateTime", nil).list() {
		key := fmt.Sprintf("%s %s", entry["provisioningAction"], entry["sourceIdentity"].(object)["displayName"])
		if got[key] != nil {
			continue
		}
		for _, s := range entry["provisioningSteps"].([]any) {
			got[key] = append(got[key], fmt.Sprintf("%s %s", s.(object)["provisioningStepType"], s.(object)["name"]))
		}
	}
	const scoping, matching = "scoping EntrySynchronizationScoping", "matching EntryImport"
	for key, want := range map[string][]string{
		"create Anna Åkesson":   {"import EntryImportAdd", scoping, matching, "processing EntrySynchronizationAdd", "export EntryExportAdd"},
		"update Anna Åkesson":   {"import EntryImportUpdate", scoping, matching, "processing EntrySynchronizationUpdate", "export EntryExportUpdate"},
		"disable Bengt O'Neill": {"import EntryImportUpdate", scoping, matching, "processing EntrySynchronizationUpdate", "export EntryExportUpdate"},
		"other Dora Disabled":   {"import EntryImportAdd", scoping, "processing EntrySynchronizationSkip"},
		"update Staff": {"import EntryImportUpdate", scoping, matching, "processing EntrySynchronizationUpdate", "export EntryExportUpdate",
			"referenceResolution EntryExportUpdate", "referenceResolution EntryExportUpdate"},
	} {
		if diff := cmp.Diff(want, got[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}
