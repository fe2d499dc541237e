package entrasim_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// TestWalk goes the whole way of a client, over TLS: log in, instantiate, job, validate, secrets, schema, assign, start, cycle.
func TestWalk(t *testing.T) {
	endpoint := scimtest.Start(t)
	l := startLab(t)
	l.provision(endpoint.URL, endpoint.Token)

	validate := object{"templateId": "scim", "useSavedCredentials": false, "credentials": []object{
		{"key": "BaseAddress", "value": endpoint.URL}, {"key": "SecretToken", "value": endpoint.Token}}}
	l.want(http.StatusNoContent, "POST", l.sync("/jobs/validateCredentials"), validate)
	l.want(http.StatusNoContent, "POST", l.jobPath("/validateCredentials"), object{"useSavedCredentials": true})

	schema := l.want(http.StatusOK, "GET", l.jobPath("/schema"), nil).body
	l.want(http.StatusNoContent, "PUT", l.jobPath("/schema"), schema)

	l.assign(staff, l.role())
	l.assign(guest, l.role())
	l.want(http.StatusNoContent, "POST", l.jobPath("/start"), nil)
	r := l.cycle()
	// Anna, Bengt, Gil and the group are created; Dora is disabled at first sight and never is.
	expectCounts(t, r, "created 4 updated 0 disabled 0 deleted 0 skipped 1 failed 0")
	if !r.Initial {
		t.Error("the first cycle is not an initial one")
	}

	users := scimList(t, endpoint.URL, endpoint.Token, "Users", "userName")
	want := []string{"anna@contoso.com", "bengt@contoso.com", "gil_partner.example"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(users))); diff != "" {
		t.Fatalf("users at the endpoint (-want +got):\n%s", diff)
	}
	bengt := users["bengt@contoso.com"]
	if bengt["displayName"] != "Bengt O'Neill" || bengt["active"] != true {
		t.Errorf("Bengt arrived as %v", bengt)
	}
	enterprise, _ := bengt["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
	manager, _ := enterprise["manager"].(map[string]any)
	if manager["value"] != users["anna@contoso.com"]["id"] {
		t.Errorf("Bengt's manager is %v, want Anna's id %v", manager, users["anna@contoso.com"]["id"])
	}
	group := scimList(t, endpoint.URL, endpoint.Token, "Groups", "displayName")["staff"]
	members, _ := group["members"].([]any)
	if len(members) != 2 {
		t.Errorf("the group has members %v, want Anna and Bengt only", members)
	}

	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	status := l.want(http.StatusOK, "GET", l.jobPath(""), nil).body["status"].(map[string]any)
	if status["code"] != "Active" || status["quarantine"] != nil {
		t.Errorf("the job's status is %v", status)
	}
	logs := l.want(http.StatusOK, "GET", "/auditLogs/provisioning?$filter=jobId%20eq%20'"+l.job+"'", nil).list()
	if len(logs) == 0 {
		t.Error("the provisioning log of the job is empty")
	}
}
