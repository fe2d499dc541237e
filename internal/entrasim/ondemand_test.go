package entrasim_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// verdict runs one subject on demand and returns its status, code and the record of the last entry.
func (l *lab) verdict(subject object) (status string, code any, record object) {
	l.t.Helper()
	a := l.want(200, "POST", l.jobPath("/provisionOnDemand"), onDemand(syncschema.RuleID, subject))
	key, value := a.body["key"].(string), a.body["value"].(string)
	if strings.HasPrefix(key, "{") {
		var head struct {
			Result  string
			Details struct{ ErrorCode any }
		}
		if err := json.Unmarshal([]byte(key), &head); err != nil {
			l.t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(value), &record); err != nil {
			l.t.Fatal(err)
		}
		return head.Result, head.Details.ErrorCode, record
	}
	var records []object
	if err := json.Unmarshal([]byte(value), &records); err != nil || len(records) == 0 {
		l.t.Fatalf("%s: %v", value, err)
	}
	record = records[len(records)-1]
	info := record["statusInfo"].(object)
	return info["status"].(string), info["errorCode"], record
}

func onDemand(rule string, subjects ...object) object {
	return object{"parameters": []object{{"ruleId": rule, "subjects": subjects}}}
}

func subject(kind, id string) object { return object{"objectId": id, "objectTypeName": kind} }

func withMembers(id string, members ...string) object {
	var links []object
	for _, m := range members {
		links = append(links, subject("User", m))
	}
	s := subject("Group", id)
	s["links"] = object{"members": links}
	return s
}

func TestProvisionOnDemand(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(l *lab, w *wire)
		subject object
		status  string
		code    any
		sent    []string // methods and paths after the search
	}{
		"somebody who is assigned is created": {func(l *lab, _ *wire) { l.assign(anna, l.role()) },
			subject("User", anna), "Success", nil, []string{"POST /Users"}},
		"with a manager who is provisioned": {func(l *lab, _ *wire) {
			l.assign(anna, l.role())
			l.assign(bengt, l.role())
			l.verdict(subject("User", anna))
		}, subject("User", bengt), "Success", nil, []string{"POST /Users", "PATCH /Users/*"}},
		"nothing to change the second time": {func(l *lab, _ *wire) {
			l.assign(anna, l.role())
			l.verdict(subject("User", anna))
		}, subject("User", anna), "Skipped", "RedundantExport", nil},
		"somebody who is not assigned": {func(*lab, *wire) {}, subject("User", anna), "Skipped", "NotEffectivelyEntitled", nil},
		"somebody who is no longer assigned is disabled": {func(l *lab, _ *wire) {
			id := l.assign(anna, l.role())
			l.verdict(subject("User", anna))
			l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+id, nil)
		}, subject("User", anna), "Success", nil, []string{"PATCH /Users/*"}},
		"somebody who was disabled in the directory is left alone": {func(l *lab, _ *wire) {
			l.assign(anna, l.role())
			l.verdict(subject("User", anna))
			l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"accountEnabled": false})
		}, subject("User", anna), "Skipped", "NotEffectivelyEntitled", nil},
		"an endpoint that refuses": {func(l *lab, w *wire) {
			l.assign(anna, l.role())
			w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost {
					return false
				}
				http.Error(rw, "no", http.StatusConflict)
				return true
			})
		}, subject("User", anna), "Failure", "SystemForCrossDomainIdentityManagementConflict", []string{"POST /Users"}},
		"a group with two of its members": {func(l *lab, _ *wire) {
			l.assign(staff, l.role())
			l.verdict(subject("User", anna))
			l.verdict(subject("User", bengt))
		}, withMembers(staff, anna, bengt, carla), "Success", nil, []string{"POST /Groups", "PATCH /Groups/*"}},
	} {
		for layout, documented := range map[string]bool{"as captured": false, "as documented": true} {
			t.Run(name+", "+layout, func(t *testing.T) {
				w := startWire(t)
				l := startLab(t, func(o *entrasim.Options) { o.Graph.OnDemandAsDocumented = documented })
				l.provision(w.URL+"/?aadOptscim062020", w.Token)
				c.prepare(l, w)
				w.take("")
				status, code, record := l.verdict(c.subject)
				if status != c.status || code != c.code {
					t.Errorf("%s %v, want %s %v: %v", status, code, c.status, c.code, record)
				}
				var sent []string
				for _, r := range w.take("") {
					if r.method == http.MethodGet {
						continue
					}
					path := "/" + strings.Split(r.path, "/")[1]
					if strings.Count(r.path, "/") > 1 {
						path += "/*"
					}
					sent = append(sent, r.method+" "+path)
				}
				if diff := cmp.Diff(c.sent, sent); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestStepsOfOnDemandRuns(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	_, _, record := l.verdict(subject("User", anna))
	var names []string
	for _, s := range record["provisioningSteps"].([]any) {
		names = append(names, s.(object)["name"].(string))
	}
	want := []string{"EntryImport", "EntrySynchronizationScoping", "EntryImport", "EntrySynchronizationAdd", "EntryExportAdd"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if target, _ := record["targetSystem"].(object); target["name"] != "customappsso" || record["jobId"] != l.job {
		t.Errorf("record %v", record)
	}
	if logs := l.want(200, "GET", "/auditLogs/provisioning?$filter=sourceIdentity/id+eq+'"+anna+"'", nil).list(); len(logs) != 1 ||
		logs[0]["provisioningAction"] != "create" {
		t.Errorf("the provisioning log has %v", logs)
	}
}

// TestOnDemandSpeaksTheOldDialect: the feature flag of the base address has no effect, and roles are not sent.
func TestOnDemandSpeaksTheOldDialect(t *testing.T) {
	w := startWire(t)
	l := withRoles(t, w, "/?aadOptscim062020", `roles`, "AppRoleAssignmentsComplex")
	l.assign(anna, l.role())
	l.verdict(subject("User", anna))
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"displayName": "Anna Andersson"})
	requests := w.take("")
	made := requests[slices.IndexFunc(requests, func(s sent) bool { return s.method == http.MethodPost })]
	if made.body["roles"] != nil {
		t.Errorf("roles were sent: %v", made.body)
	}
	l.verdict(subject("User", anna))
	patches := w.take(http.MethodPatch)
	if len(patches) != 1 || patches[0].body["Operations"].([]any)[0].(object)["op"] != "Replace" {
		t.Errorf("sent %v, want one operation with a capital letter", patches)
	}
}

func TestOnDemandLeavesTheJobToItsCycles(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.verdict(subject("User", anna)) // while it was never started
	if s := l.status(); s["schedule"] != "Disabled" {
		t.Errorf("the job is %v", s)
	}
	l.want(204, "POST", l.jobPath("/start"), nil)
	if r := l.cycle(); !r.Initial || r.Created != 0 {
		t.Errorf("the cycle after it: %+v, want an initial one that finds the person", r)
	}
}

func TestOnDemandRefuses(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	for name, c := range map[string]struct {
		body   object
		status int
	}{
		"a body without parameters":      {object{"ruleId": syncschema.RuleID}, 400},
		"two people":                     {onDemand(syncschema.RuleID, subject("User", anna), subject("User", bengt)), 400},
		"six members":                    {onDemand(syncschema.RuleID, withMembers(staff, anna, bengt, carla, dora, guest, nested)), 400},
		"an object of an unknown kind":   {onDemand(syncschema.RuleID, subject("Device", anna)), 400},
		"a rule that the schema has not": {onDemand(anna, subject("User", anna)), 404},
		"somebody who does not exist":    {onDemand(syncschema.RuleID, subject("User", template)), 404},
	} {
		t.Run(name, func(t *testing.T) {
			// Each has the client's allowance of five in ten seconds to itself.
			other := startLab(t)
			other.provision(w.URL, w.Token)
			other.want(c.status, "POST", other.jobPath("/provisionOnDemand"), c.body)
		})
	}
	schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
	rule := schema["synchronizationRules"].([]any)[0].(object)
	rule["metadata"] = rule["metadata"].([]any)[:1]
	l.want(204, "PUT", l.jobPath("/schema"), schema)
	l.want(400, "POST", l.jobPath("/provisionOnDemand"), onDemand(syncschema.RuleID, subject("User", anna)))
}

func TestOnDemandDuringACycle(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.during(func() {
		l.want(409, "POST", l.jobPath("/provisionOnDemand"), onDemand(syncschema.RuleID, subject("User", anna)))
	})
	l.cycle()
}

func TestConnections(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	beta := func(status int, method, path string) answer {
		t.Helper()
		a, err := l.try(method, l.URL+"/beta"+l.jobPath(path), nil)
		if err != nil || a.status != status {
			t.Fatalf("%s %s: %d %s (%v), want %d", method, path, a.status, a.text, err, status)
		}
		return a
	}
	one := "/objectConnections('" + anna + "')"
	if a := beta(200, "GET", one); a.body["displayName"] != "Anna Åkesson" || a.body["targetAnchor"] == "" {
		t.Errorf("%s", a.text)
	}
	beta(404, "GET", "/objectConnections('"+carla+"')")
	beta(404, "GET", "/objectConnections")
	beta(409, "DELETE", one)
	l.want(204, "POST", l.jobPath("/pause"), nil)
	beta(204, "DELETE", one)
	beta(204, "DELETE", one)
	beta(404, "GET", one)
	if status, _, _ := l.verdict(subject("User", anna)); status != "Skipped" { // she is found again, and nothing differs
		t.Errorf("after the link was cut: %s", status)
	}
}
