package entrasim_test

import (
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// callCase is one call of the reference with what the real service answers.
type callCase struct {
	method string
	path   func(l *lab) string
	body   func(l *lab) any
	status int
	says   string // part of the answer
}

func at(path string) func(*lab) string { return func(*lab) string { return path } }

// sends is a body whose @SP, @APP and @ROLE stand for the IDs of the lab's application.
func sends(o object) func(*lab) any {
	return func(l *lab) any {
		out := object{}
		for name, value := range o {
			if text, ok := value.(string); ok {
				value = l.named(text)
			}
			out[name] = value
		}
		return out
	}
}

func (l *lab) named(text string) string {
	for name, id := range map[string]string{"@SP": l.sp, "@APPID": l.appID, "@URL": l.URL} {
		text = strings.ReplaceAll(text, name, id)
	}
	if strings.Contains(text, "@ROLE") {
		text = strings.ReplaceAll(text, "@ROLE", l.role())
	}
	return text
}

func ofApp(path string) func(*lab) string {
	return func(l *lab) string { return "/applications/" + l.app + path }
}
func ofPrincipal(path string) func(*lab) string {
	return func(l *lab) string { return "/servicePrincipals/" + l.sp + path }
}
func ofJob(path string) func(*lab) string { return func(l *lab) string { return l.jobPath(path) } }

// TestCalls makes the calls of the reference's sections 1 to 4, 10 and 11 that no other test makes.
func TestCalls(t *testing.T) {
	assignment := sends(object{"principalId": anna, "resourceId": "@SP", "appRoleId": "@ROLE"})
	for name, c := range map[string]callCase{
		"1.3 the gallery is open to any caller":     {"GET", at("/applicationTemplates"), nil, 200, template},
		"2.1 the non-gallery template of one cloud": {"GET", at("/applicationTemplates/4602d0b4-76bb-404b-bca9-2652e1a39c6d"), nil, 200, "Custom"},
		"2.1 a template that is not in the gallery": {"GET", at("/applicationTemplates/" + anna), nil, 404, "Request_ResourceNotFound"},
		"2.2 a name is needed to instantiate":       {"POST", at("/applicationTemplates/" + template + "/instantiate"), sends(object{}), 400, "displayName"},
		"2.4 a principal by its appId":              {"GET", func(l *lab) string { return "/servicePrincipals(appId='" + l.appID + "')" }, nil, 200, "appOwnerOrganizationId"},
		"2.4 an application by its appId":           {"GET", func(l *lab) string { return "/applications(appId='" + l.appID + "')" }, nil, 200, "web"},
		"2.4 a name with a quote":                   {"GET", at("/servicePrincipals?$filter=displayName+eq+'O''Brien'"), nil, 200, `"value":[]`},
		"2.4 by one of several names":               {"GET", at("/servicePrincipals?$filter=displayName+in+('x','Wiki')"), nil, 200, "Wiki"},
		"2.5 an application without a template":     {"POST", at("/applications"), sends(object{"displayName": "Plain"}), 201, `"applicationTemplateId":null`},
		"2.5 an application needs a name":           {"POST", at("/applications"), sends(object{}), 400, "displayName"},
		"2.5 a principal of an unknown application": {"POST", at("/servicePrincipals"), sends(object{"appId": anna}), 400, "does not reference a valid application object"},
		"2.5 a second principal of one application": {"POST", at("/servicePrincipals"), sends(object{"appId": "@APPID"}), 409, "already in use"},
		"2.7 owners are counted":                    {"GET", ofPrincipal("/owners"), nil, 200, "#microsoft.graph.servicePrincipal"},
		"2.7 an owner who does not exist":           {"POST", ofApp("/owners/$ref"), sends(object{"@odata.id": "@URL/v1.0/directoryObjects/" + template}), 404, "does not exist"},
		"2.7 an owner without a reference":          {"POST", ofApp("/owners/$ref"), sends(object{}), 400, "@odata.id"},
		"3.1 an assignment from the user's side":    {"POST", at("/users/" + anna + "/appRoleAssignments"), assignment, 201, `"principalType":"User"`},
		"3.1 an assignment from another's side":     {"POST", at("/users/" + bengt + "/appRoleAssignments"), assignment, 400, "not the object of the request"},
		"3.1 an assignment from the group's side":   {"POST", at("/groups/" + staff + "/appRoleAssignments"), sends(object{"principalId": staff, "resourceId": "@SP", "appRoleId": "@ROLE"}), 201, `"principalType":"Group"`},
		"3.1 assignments that a user holds":         {"GET", at("/users/anna@contoso.com/appRoleAssignments"), nil, 200, `"value":[]`},
		"3.1 an assignment of another resource":     {"POST", ofPrincipal("/appRoleAssignedTo"), sends(object{"principalId": anna, "resourceId": anna, "appRoleId": "@ROLE"}), 400, "resourceId"},
		"3.1 an assignment that is not there":       {"GET", ofPrincipal("/appRoleAssignedTo/nothing"), nil, 404, "does not exist"},
		"4.0 templates below the application":       {"GET", ofApp("/synchronization/templates"), nil, 200, `"id":"scim"`},
		"4.0 the schema of a template":              {"GET", ofApp("/synchronization/templates/scim/schema"), nil, 200, "USERGROUP_OUTBOUND_USERGROUP"},
		"4.0 a template that is not there":          {"GET", ofPrincipal("/synchronization/templates/slack"), nil, 404, "does not exist"},
		"4.0 jobs below the application":            {"GET", ofApp("/synchronization/jobs"), nil, 200, `"templateId":"scim"`},
		"4.0 a job of a template that is not there": {"POST", ofPrincipal("/synchronization/jobs"), sends(object{"templateId": "slack"}), 400, "slack"},
		"4.0 stop does not exist":                   {"POST", ofJob("/stop"), nil, 404, "No HTTP resource was found"},
		"4.0 PATCH of a schema is not served":       {"PATCH", ofJob("/schema"), sends(object{}), 404, "UnknownError"},
		"4.0 PATCH of a job is not served":          {"PATCH", ofJob(""), sends(object{}), 404, "api/servicePrincipals('"},
		"4.0 POST of secrets is not served":         {"POST", ofPrincipal("/synchronization/secrets"), sends(object{}), 404, "UnknownError"},
		"4.0 a bulk upload is not for this":         {"PUT", ofJob("/bulkUpload/$value"), sends(object{}), 404, "UnknownError"},
		"4.0 discovery is for the gallery":          {"POST", ofJob("/schema/directories/x/discover"), nil, 400, "does not support schema discovery"},
		"4.0 a token of OAuth is for the gallery":   {"POST", ofPrincipal("/synchronization/acquireAccessToken"), sends(object{}), 400, "OAuth"},
		"4.0 objectConnections are not in v1.0":     {"GET", ofJob("/objectConnections('" + anna + "')"), nil, 404, "UnknownError"},
		"4.5 a restart without criteria":            {"POST", ofJob("/restart"), sends(object{}), 204, ""},
		"4.5 a restart of everything":               {"POST", ofJob("/restart"), sends(object{"criteria": object{"resetScope": "Full"}}), 204, ""},
		"4.5 a restart of several things":           {"POST", ofJob("/restart"), sends(object{"criteria": object{"resetScope": "Watermark,Escrows, QuarantineState"}}), 204, ""},
		"4.5 a restart of the links":                {"POST", ofJob("/restart"), sends(object{"criteria": object{"resetScope": "ConnectorDataStore"}}), 204, ""},
		"4.5 a restart that releases deletions":     {"POST", ofJob("/restart"), sends(object{"criteria": object{"resetScope": "ForceDeletes"}}), 204, ""},
		"4.5 a restart of something unknown":        {"POST", ofJob("/restart"), sends(object{"criteria": object{"resetScope": "Everything"}}), 400, "Everything"},
		"4.6 credentials of OAuth in part":          {"POST", ofJob("/validateCredentials"), sends(object{"credentials": []object{secret("BaseAddress", "https://a.example"), secret("Oauth2ClientId", "x")}}), 400, "Supported CredentialLocationInRequest is required"},
		"4.6 saved credentials that there are not":  {"POST", ofJob("/validateCredentials"), sends(object{"useSavedCredentials": true}), 400, "CredentialsMissing"},
		"4.7 a key twice":                           {"PUT", ofPrincipal("/synchronization/secrets"), sends(object{"value": []object{secret("SyncAll", "a"), secret("SyncAll", "b")}}), 400, "more than once"},
		"4.7 a bearer token and OAuth":              {"PUT", ofPrincipal("/synchronization/secrets"), sends(object{"value": []object{secret("SecretToken", "a"), secret("Oauth2ClientId", "b")}}), 500, "InternalError"},
		"4.9 the schema comes back by default":      {"DELETE", ofJob("/schema"), nil, 204, ""},
		"4.11 operators":                            {"GET", ofJob("/schema/filterOperators"), nil, 200, "NOT REGEX MATCH"},
		"10 logs of one job": {"GET", func(l *lab) string {
			return "/auditLogs/provisioning?$filter=jobId+eq+'" + l.job + "'&$orderby=activityDateTime+desc&$top=10"
		}, nil, 200, `"value":[]`},
		"10 logs of one application": {"GET", func(l *lab) string {
			return "/auditLogs/provisioning?$filter=contains(tolower(servicePrincipal/id),'" + l.sp + "')"
		}, nil, 200, `"value":[]`},
		"10 logs since a time":                         {"GET", at("/auditLogs/provisioning?$filter=activityDateTime+ge+2024-01-01T00:00:00Z+and+provisioningStatusInfo/status+eq+'failure'"), nil, 200, `"value":[]`},
		"10 logs by a property that is not understood": {"GET", at("/auditLogs/provisioning?$filter=jobId+like+'x'"), nil, 400, "Request_UnsupportedQuery"},
		"11.2 an unknown segment":                      {"GET", at("/planets"), nil, 400, "Resource not found for the segment"},
		"14.4 a user's groups":                         {"GET", at("/users/" + carla + "/memberOf"), nil, 200, nested},
		"14.4 a user's groups, nested ones as well":    {"GET", at("/users/" + carla + "/transitiveMemberOf"), nil, 200, staff},
		"14.4 a group's groups":                        {"GET", at("/groups/" + nested + "/memberOf"), nil, 200, staff},
		"14.4 members of nested groups as well":        {"GET", at("/groups/" + staff + "/transitiveMembers"), nil, 200, carla},
		"14.4 a manager":                               {"GET", at("/users/bengt@contoso.com/manager"), nil, 200, anna},
		"14.4 nobody's manager":                        {"GET", at("/users/" + anna + "/manager"), nil, 404, "does not exist"},
		"14.4 a group that nobody computes":            {"GET", at("/groups/" + staff), nil, 200, `"membershipRule":null`},
		"14.4 an object of any kind":                   {"GET", at("/directoryObjects/" + staff), nil, 200, "#microsoft.graph.group"},
		"14.4 the permissions of Graph":                {"GET", at("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=appRoles"), nil, 200, "9b50c33d-700f-43b1-b2eb-87e89b703581"},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t)
			l.instantiate("Wiki")
			l.job = l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
			var body any
			if c.body != nil {
				body = c.body(l)
			}
			if a := l.want(c.status, c.method, c.path(l), body); !strings.Contains(a.text, c.says) {
				t.Errorf("%s, want one that says %q", a.text, c.says)
			}
		})
	}
}

func TestWritesOfPeopleAndGroups(t *testing.T) {
	l := startLab(t, func(o *entrasim.Options) {
		o.Clients[0].Permissions = []string{"User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"}
	})
	made := l.want(201, "POST", "/users", object{"displayName": "Eva", "userPrincipalName": "eva@contoso.com", "mailNickname": "eva",
		"accountEnabled": true, "passwordProfile": object{"password": "x"}})
	eva := made.body["id"].(string)
	l.want(400, "POST", "/users", object{"displayName": "Eva", "userPrincipalName": "EVA@contoso.com"})
	l.want(204, "PATCH", "/users/"+eva, object{"department": "Sales"})
	l.want(204, "PUT", "/users/"+eva+"/manager/$ref", object{"@odata.id": l.URL + "/v1.0/users/" + anna})
	if manager := l.want(200, "GET", "/users/"+eva+"/manager", nil).body; manager["id"] != anna {
		t.Errorf("the manager is %v", manager)
	}
	l.want(204, "DELETE", "/users/"+eva+"/manager/$ref", nil)
	l.want(404, "GET", "/users/"+eva+"/manager", nil)

	group := l.want(201, "POST", "/groups", object{"displayName": "Guild", "mailNickname": "guild", "mailEnabled": false, "securityEnabled": true}).body["id"].(string)
	l.want(204, "POST", "/groups/"+group+"/members/$ref", object{"@odata.id": l.URL + "/v1.0/directoryObjects/" + eva})
	l.want(400, "POST", "/groups/"+group+"/members/$ref", object{"@odata.id": l.URL + "/v1.0/directoryObjects/" + eva})
	if members := l.want(200, "GET", "/groups/"+group+"/members", nil).list(); len(members) != 1 || members[0]["department"] != "Sales" {
		t.Errorf("members %v", members)
	}
	l.want(204, "DELETE", "/groups/"+group+"/members/"+eva+"/$ref", nil)
	l.want(204, "PATCH", "/groups/"+group, object{"description": "a guild"})
	l.want(204, "DELETE", "/groups/"+group, nil)
	l.want(404, "GET", "/groups/"+group, nil)

	l.want(204, "DELETE", "/users/"+eva, nil)
	deleted := l.want(200, "GET", "/directory/deletedItems/microsoft.graph.user", nil).list()
	if len(deleted) != 1 || deleted[0]["id"] != eva || deleted[0]["@odata.type"] != "#microsoft.graph.user" {
		t.Errorf("deleted people: %v", deleted)
	}
	l.want(200, "POST", "/directory/deletedItems/"+eva+"/restore", nil)
	l.want(200, "GET", "/users/eva@contoso.com", nil)
}

func TestCounts(t *testing.T) {
	l := startLab(t)
	if a := l.want(400, "GET", "/users/$count", nil); !strings.Contains(a.message(), "ConsistencyLevel") {
		t.Errorf("without the header: %s", a.text)
	}
	l.want(400, "GET", "/users?$filter=accountEnabled+ne+true&$count=true", nil)
	if a := l.want(200, "GET", "/users?$count=true", nil); a.body["@odata.count"] != nil {
		t.Errorf("a count without the header: %s", a.text)
	}
	l.headers = map[string]string{"ConsistencyLevel": "eventual"}
	if a := l.want(200, "GET", "/users/$count", nil); a.text != "5" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Errorf("%q of type %s, want 5 as text", a.text, a.header.Get("Content-Type"))
	}
	if a := l.want(200, "GET", "/groups/"+staff+"/members/$count", nil); a.text != "4" {
		t.Errorf("%q members, want 4", a.text)
	}
	a := l.want(200, "GET", "/users?$filter=accountEnabled+ne+true+or+endswith(mail,'@partner.example')&$count=true&$top=1&$select=id", nil)
	if a.body["@odata.count"] != 2.0 || len(a.list()) != 1 || a.body["@odata.nextLink"] == nil {
		t.Errorf("%s, want 2 matches on pages of one", a.text)
	}
}

func TestLogsAreNotForEverybody(t *testing.T) {
	l := startLab(t, func(o *entrasim.Options) { o.Graph.FreeLicence = true })
	for _, path := range []string{"/auditLogs/provisioning", "/auditLogs/directoryAudits", "/auditLogs/directoryAudits/x"} {
		if a := l.want(403, "GET", path, nil); a.code() != "Authentication_RequestFromNonPremiumTenantOrB2CTenant" {
			t.Errorf("GET %s: %s", path, a.code())
		}
	}
}
