package entrasim_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

const (
	editorRole = "00000000-0000-4000-8000-0000000000e1"
	readerRole = "00000000-0000-4000-8000-0000000000e2"
)

// editMappings changes the user mappings of the job's schema.
func (l *lab) editMappings(edit func(mappings []any) []any) {
	l.t.Helper()
	schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
	mapping := schema["synchronizationRules"].([]any)[0].(object)["objectMappings"].([]any)[0].(object)
	mapping["attributeMappings"] = edit(mapping["attributeMappings"].([]any))
	l.want(204, "PUT", l.jobPath("/schema"), schema)
}

// mapped is an attribute mapping with the service's own tree of the expression.
func (l *lab) mapped(target, expression string) object {
	l.t.Helper()
	tree := l.want(200, "POST", l.jobPath("/schema/parseExpression"), object{"expression": expression}).body["parsedExpression"]
	return object{"targetAttributeName": target, "source": tree, "defaultValue": nil, "matchingPriority": 0, "flowType": "Always",
		"flowBehavior": "FlowWhenChanged", "exportMissingReferences": false}
}

// withRoles declares two roles on the application, and maps them with a function.
func withRoles(t *testing.T, w *wire, flag, target, function string) *lab {
	t.Helper()
	l := startLab(t)
	l.provision(w.URL+flag, w.Token)
	roles := l.want(200, "GET", "/applications/"+l.app, nil).body["appRoles"].([]any)
	for id, name := range map[string]string{editorRole: "Editor", readerRole: "Reader"} {
		roles = append(roles, object{"id": id, "displayName": name, "description": name, "value": map[string]string{"Editor": "editor",
			"Reader": "reader"}[name], "isEnabled": true, "allowedMemberTypes": []string{"User"}})
	}
	l.want(204, "PATCH", "/applications/"+l.app, object{"appRoles": roles})
	l.editMappings(func(m []any) []any { return append(m, l.mapped(target, function+"([appRoleAssignments])")) })
	return l
}

func roleValue(primary bool, value, display string) any {
	return object{"primary": primary, "type": "WindowsAzureActiveDirectoryRole", "display": display, "value": value}
}

// TestRolesOnTheWire: Anna is created as an editor, then becomes a reader as well, then loses the role of editor.
func TestRolesOnTheWire(t *testing.T) {
	inner, err := json.Marshal(struct {
		ID          string `json:"id"`
		Value       string `json:"value"`
		DisplayName string `json:"displayName"`
	}{readerRole, "reader", "Reader"})
	if err != nil {
		t.Fatal(err)
	}
	legacy := op("Add", "roles", []any{object{"value": string(inner)}})
	reader, editor := roleValue(false, "reader", "Reader"), roleValue(false, "editor", "Editor")
	for name, c := range map[string]struct {
		function, flag string
		gained, lost   []any
	}{
		"assertive": {"AssertiveAppRoleAssignmentsComplex", "",
			[]any{op("Replace", "roles", []any{editor, reader})}, []any{op("Replace", "roles", []any{reader})}},
		"assertive with the flag": {"AssertiveAppRoleAssignmentsComplex", "?aadOptscim062020",
			[]any{op("replace", "roles", []any{editor, reader})}, []any{op("replace", "roles", []any{reader})}},
		"complex only adds":               {"AppRoleAssignmentsComplex", "", []any{legacy}, nil},
		"complex only adds with the flag": {"AppRoleAssignmentsComplex", "?aadOptscim062020", []any{op("add", "roles", []any{reader})}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := withRoles(t, w, c.flag, "roles", c.function)
			assignment := l.assign(anna, editorRole)
			l.want(204, "POST", l.jobPath("/start"), nil)
			l.cycle()
			posted := w.take(http.MethodPost)[0].body["roles"]
			if diff := cmp.Diff(any([]any{editor}), posted); diff != "" {
				t.Errorf("roles in the POST (-want +got):\n%s", diff)
			}
			l.assign(anna, readerRole)
			l.cycle()
			if diff := cmp.Diff(c.gained, w.operations()); diff != "" {
				t.Errorf("a role more (-want +got):\n%s", diff)
			}
			l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+assignment, nil)
			l.cycle()
			if diff := cmp.Diff(c.lost, w.operations()); diff != "" {
				t.Errorf("a role less (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSingleRole(t *testing.T) {
	w := startWire(t)
	l := withRoles(t, w, "", `roles[primary eq "True"].value`, "SingleAppRoleAssignment")
	assignment := l.assign(anna, editorRole)
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	want := any([]any{object{"primary": true, "type": "WindowsAzureActiveDirectoryRole", "value": "editor"}})
	if diff := cmp.Diff(want, w.take(http.MethodPost)[0].body["roles"]); diff != "" {
		t.Errorf("roles in the POST (-want +got):\n%s", diff)
	}
	l.assign(anna, readerRole)
	l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+assignment, nil)
	l.cycle()
	if got := w.operations(); len(got) != 1 || got[0].(object)["op"] != "Add" || got[0].(object)["path"] != "roles" {
		t.Errorf("another role: %v, want it added", got)
	}
}

func TestGroupsGiveTheirRolesToDirectMembers(t *testing.T) {
	w := startWire(t)
	l := withRoles(t, w, "", "roles", "AssertiveAppRoleAssignmentsComplex")
	l.assign(staff, editorRole)
	l.assign(anna, readerRole)
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	got := map[string]int{}
	for _, r := range w.take(http.MethodPost) {
		roles, _ := r.body["roles"].([]any)
		name, _ := r.body["userName"].(string)
		got[name] = len(roles)
	}
	// Carla is a member of a nested group only, and "" is the group itself.
	if diff := cmp.Diff(map[string]int{"anna@contoso.com": 2, "bengt@contoso.com": 1, "": 0}, got); diff != "" {
		t.Errorf("roles by user (-want +got):\n%s", diff)
	}
}

func TestFlowTypesAndDefaults(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.editMappings(func(m []any) []any {
		once := l.mapped("nickName", `Append([mailNickname], "-x")`)
		once["flowType"] = "ObjectAddOnly"
		fallback := l.mapped("userType", "[companyName]")
		fallback["defaultValue"] = "Employee"
		return append(m, once, fallback, object{"targetAttributeName": "locale", "source": nil, "defaultValue": "en-US",
			"matchingPriority": 0, "flowType": "Always"})
	})
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	body := w.take(http.MethodPost)[0].body
	if body["nickName"] != "anna-x" || body["userType"] != "Employee" || body["locale"] != "en-US" {
		t.Errorf("created with nickName %v, userType %v, locale %v", body["nickName"], body["userType"], body["locale"])
	}
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"mailNickname": "annie"})
	l.cycle()
	if diff := cmp.Diff([]any{op("Replace", "externalId", "annie")}, w.operations()); diff != "" {
		t.Errorf("defaults and ObjectAddOnly are for creation (-want +got):\n%s", diff)
	}
}

func TestScopeOfAMapping(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
	schema["synchronizationRules"].([]any)[0].(object)["objectMappings"].([]any)[0].(object)["scope"] = object{"groups": []any{
		object{"name": "leads", "clauses": []any{object{"operatorName": "EQUALS", "sourceOperandName": "jobTitle",
			"targetOperand": object{"values": []string{"Lead"}}}}}}}
	l.want(204, "PUT", l.jobPath("/schema"), schema)
	r := l.cycle()
	if !r.Initial || r.Disabled != 1 {
		t.Errorf("a filter that Bengt fails: %s, initial %t; want one disabled in a full cycle", counts(r), r.Initial)
	}
}

func TestSyncAll(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token, secret("SyncAll", "true"))
	l.want(204, "POST", l.jobPath("/start"), nil)
	// Everybody but Dora, who is disabled, and all three groups.
	expectCounts(t, l.cycle(), "created 7 updated 0 disabled 0 deleted 0 skipped 1 failed 0")
}

func TestMembersPerPatch(t *testing.T) {
	w := startWire(t)
	l := startLab(t, func(o *entrasim.Options) { o.Engine.MembersPerPatch = 1 })
	l.provision(w.URL, w.Token)
	l.assign(staff, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	members := 0
	for _, o := range w.operations() {
		if o.(object)["path"] == "members" {
			members++
		}
	}
	if members != 2 {
		t.Errorf("%d operations on members, want one for each of the two", members)
	}
}

func TestQuarantineByRate(t *testing.T) {
	w := startWire(t)
	l := startLab(t, func(o *entrasim.Options) { o.Engine.QuarantineScale = 2500 })
	l.provision(w.URL, w.Token)
	l.assign(staff, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		http.Error(rw, "{}", http.StatusBadRequest)
		return true
	})
	r, err := l.RunCycle(t.Context(), l.job)
	if err != nil || r.Error == nil || r.Error.Reason != "EncounteredEscrowProportionThreshold" {
		t.Errorf("report %+v (%v), want quarantine by rate", r, err)
	}
}

func TestDuplicatesInTheTarget(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("filter") != `userName eq "anna@contoso.com"` {
			return false
		}
		rw.Header().Set("Content-Type", "application/scim+json")
		_, _ = rw.Write([]byte(`{"totalResults":2,"Resources":[{"id":"1"},{"id":"2"}]}`))
		return true
	})
	r := l.cycle()
	if r.Failed != 1 || r.Failures[0].Code != "SystemForCrossDomainIdentityManagementDuplicateTargetEntries" {
		t.Errorf("failures %+v", r.Failures)
	}
}
