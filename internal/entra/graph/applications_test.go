package graph

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

const instantiated = `{"@odata.context":"{root}/v1.0/$metadata#microsoft.graph.applicationServicePrincipal",
  "application":{"id":"` + app + `","appId":"` + appID + `","applicationTemplateId":"8adf8e6e-67b2-4cf2-a259-e3dc5476c621","displayName":"Wiki [k3f9x2ab]",
    "signInAudience":"AzureADMyOrg","identifierUris":[],"createdDateTime":"2024-01-01T10:00:00Z","tags":[],"appRoles":[],"api":{"knownClientApplications":[]},
    "web":{"homePageUrl":"https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata=customappsso|ISV9.1|primary|z","redirectUris":[]},
    "keyCredentials":[],"passwordCredentials":[]},
  "servicePrincipal":{"id":"` + sp + `","appId":"` + appID + `","applicationTemplateId":"8adf8e6e-67b2-4cf2-a259-e3dc5476c621","displayName":"Wiki [k3f9x2ab]",
    "accountEnabled":true,"appRoleAssignmentRequired":true,"servicePrincipalType":"Application","tags":["WindowsAzureActiveDirectoryIntegratedApp"],
    "appRoles":[{"id":"` + role + `","displayName":"User","description":"User","value":null,"isEnabled":true,"origin":"Application","allowedMemberTypes":["User"]}],
    "oauth2PermissionScopes":[{"value":"user_impersonation"}],"keyCredentials":[],"passwordCredentials":[]}}`

var userRole = entra.AppRole{ID: role, DisplayName: "User", Description: "User", IsEnabled: true, AllowedMemberTypes: []string{"User"}}

func TestInstantiateApplication(t *testing.T) {
	const path = "/v1.0/applicationTemplates/" + templatePublic + "/instantiate"
	s := newStub(t, map[string][]reply{"POST " + path: {{status: http.StatusCreated, body: instantiated}}})
	got, err := s.connect(Options{}).InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki [k3f9x2ab]", ServiceManagementReference: "SVC-1"})
	if err != nil {
		t.Fatal(err)
	}
	want := entra.Enterprise{
		Application: entra.Application{ID: app, AppID: appID, DisplayName: "Wiki [k3f9x2ab]", TemplateID: templatePublic, Tags: []string{}, CreatedAt: time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC)},
		ServicePrincipal: entra.ServicePrincipal{
			ID: sp, AppID: appID, DisplayName: "Wiki [k3f9x2ab]", TemplateID: templatePublic, Tags: []string{"WindowsAzureActiveDirectoryIntegratedApp"}, AppRoles: []entra.AppRole{userRole},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s.expectRequests(seen{Method: "POST", Path: path, Body: `{"displayName":"Wiki [k3f9x2ab]","serviceManagementReference":"SVC-1"}`})
}

func TestACreationIsSentOnceWhateverComesBack(t *testing.T) {
	const instantiate, jobs = "/v1.0/applicationTemplates/" + templatePublic + "/instantiate", "/v1.0/servicePrincipals/" + sp + "/synchronization/jobs"
	tests := map[string]struct {
		reply   reply
		unclear bool
	}{
		"504":                                {reply{status: 504}, true},
		"503":                                {reply{status: 503, header: map[string]string{"Retry-After": "1"}}, true},
		"404 after having created":           {failure(404, "NotFound", "Graph call failed with httpCode=NotFound"), true},
		"201 that cannot be read":            {reply{status: 201, body: `{"application":`}, true},
		"201 without a body":                 {reply{status: 201}, true},
		"429":                                {reply{status: 429, header: map[string]string{"Retry-After": "1"}}, false},
		"400":                                {failure(400, "Request_BadRequest", "serviceManagementReference is required"), false},
		"307 to the same address, as a loop": {reply{status: 307, header: map[string]string{"Location": "/elsewhere"}}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, map[string][]reply{"POST " + instantiate: {tc.reply}, "POST " + jobs: {tc.reply}})
			d := s.connect(Options{})
			if _, err := d.InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki"}); err == nil || entra.Unclear(err) != tc.unclear {
				t.Errorf("instantiate: Unclear is %v, want %v: %v", entra.Unclear(err), tc.unclear, err)
			}
			if _, err := d.CreateJob(t.Context(), sp, "scim"); err == nil || entra.Unclear(err) != tc.unclear {
				t.Errorf("create job: Unclear is %v, want %v: %v", entra.Unclear(err), tc.unclear, err)
			}
			if n := len(s.requests()); n != 2 {
				t.Errorf("%d requests, want one of each kind", n)
			}
		})
	}
}

func TestFindApplications(t *testing.T) {
	selected := "id,appId,displayName,applicationTemplateId,tags,notes,serviceManagementReference,appRoles,createdDateTime"
	s := newStub(t, map[string][]reply{
		"GET /v1.0/applications":               ok(`{"value":[{"id":"1","displayName":"O'Brien"}],"@odata.nextLink":"{root}/v1.0/applications?$skiptoken=2"}`),
		"GET /v1.0/applications?$skiptoken=2":  ok(`{"value":[{"id":"2","displayName":"O'Brien","tags":["a"],"notes":"n"}]}`),
		"GET /v1.0/applications/" + app:        ok(`{"id":"` + app + `","appRoles":[{"id":"` + role + `","displayName":"Editor","description":"e","value":"editor","isEnabled":false,"allowedMemberTypes":["User"]}]}`),
		"GET /v1.0/applications/not-there-yet": {failure(404, "Request_ResourceNotFound", "gone")},
	})
	d := s.connect(Options{})
	byName, err := d.ApplicationsByDisplayName(t.Context(), "O'Brien")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]entra.Application{{ID: "1", DisplayName: "O'Brien"}, {ID: "2", DisplayName: "O'Brien", Tags: []string{"a"}, Notes: "n"}}, byName); diff != "" {
		t.Error(diff)
	}
	if _, err := d.ApplicationsByTag(t.Context(), "scim-operator/eu/docs/wiki"); err != nil {
		t.Fatal(err)
	}
	one, err := d.Application(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	want := entra.Application{ID: app, AppRoles: []entra.AppRole{{ID: role, Value: "editor", DisplayName: "Editor", Description: "e", AllowedMemberTypes: []string{"User"}}}}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	if _, err := d.Application(t.Context(), "not-there-yet"); !entra.IsNotFound(err) {
		t.Errorf("IsNotFound is false for %v", err)
	}
	calls := s.requests()
	for i, filter := range map[int]string{0: "displayName eq 'O''Brien'", 2: "tags/any(t:t eq 'scim-operator/eu/docs/wiki')"} {
		if diff := cmp.Diff(map[string]string{"$filter": filter, "$select": selected}, calls[i].Query); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUpdateApplication(t *testing.T) {
	const appPath, spPath = "/v1.0/applications/" + app, "/v1.0/servicePrincipals/" + sp
	name, empty := "Wiki", ""
	s := newStub(t, map[string][]reply{"PATCH " + appPath: noContent(), "PATCH " + spPath: noContent()})
	d := s.connect(Options{})
	patch := entra.ApplicationPatch{DisplayName: &name, Notes: &empty, Tags: []string{}, AppRoles: []entra.AppRole{
		userRole, {ID: role, Value: "editor", DisplayName: "Editor", Description: "Editor", IsEnabled: true, AllowedMemberTypes: []string{"User"}},
	}}
	if err := d.UpdateApplication(t.Context(), app, patch); err != nil {
		t.Fatal(err)
	}
	if err := d.UpdateServicePrincipal(t.Context(), sp, entra.ServicePrincipalPatch{Tags: []string{"HideApp", "a"}}); err != nil {
		t.Fatal(err)
	}
	s.expectRequests(
		seen{Method: "PATCH", Path: appPath, Body: `{"@odata.type":"#microsoft.graph.application","displayName":"Wiki","notes":"","tags":[],"appRoles":[
			{"id":"` + role + `","displayName":"User","description":"User","isEnabled":true,"allowedMemberTypes":["User"]},
			{"id":"` + role + `","value":"editor","displayName":"Editor","description":"Editor","isEnabled":true,"allowedMemberTypes":["User"]}]}`},
		seen{Method: "PATCH", Path: spPath, Body: `{"@odata.type":"#microsoft.graph.servicePrincipal","tags":["HideApp","a"]}`},
	)
	err := d.UpdateApplication(t.Context(), app, entra.ApplicationPatch{AppRoles: []entra.AppRole{{ID: "not-a-guid"}}})
	if fault.ClassOf(err) != fault.Terminal || entra.Unclear(err) || len(s.requests()) != 2 {
		t.Errorf("an app role whose ID is no GUID is refused before it is sent; got %v", err)
	}
}

func TestDeletingWhatIsGoneIsSuccess(t *testing.T) {
	gone := []reply{failure(404, "Request_ResourceNotFound", "gone")}
	assignments, job := "/v1.0/servicePrincipals/"+sp+"/appRoleAssignedTo/a_1-B", "/v1.0/servicePrincipals/"+sp+"/synchronization/jobs/"+jobID
	s := newStub(t, map[string][]reply{
		"DELETE /v1.0/applications/" + app: {{status: 204}, gone[0]},
		"DELETE " + assignments:            {{status: 204}, gone[0]},
		"DELETE " + job:                    {{status: 204}, gone[0], failure(409, "Conflict", "busy")},
	})
	d, ref := s.connect(Options{}), entra.JobRef{ServicePrincipalID: sp, JobID: jobID}
	for range 2 {
		for what, err := range map[string]error{
			"application": d.DeleteApplication(t.Context(), app), "assignment": d.DeleteAssignment(t.Context(), sp, "a_1-B"), "job": d.DeleteJob(t.Context(), ref),
		} {
			if err != nil {
				t.Errorf("deleting the %s: %v", what, err)
			}
		}
	}
	if err := d.DeleteJob(t.Context(), ref); fault.ClassOf(err) != fault.Waiting {
		t.Errorf("a conflict is no success: %v", err)
	}
}

func TestServicePrincipal(t *testing.T) {
	body := `{"id":"` + sp + `","appId":"` + appID + `","displayName":"Wiki","tags":["a"]}`
	s := newStub(t, map[string][]reply{
		"GET /v1.0/servicePrincipals/" + sp:                  ok(body),
		"GET /v1.0/servicePrincipals(appId='" + appID + "')": {reply{status: 200, body: body}, failure(404, "Request_ResourceNotFound", "gone")},
	})
	d := s.connect(Options{})
	want := entra.ServicePrincipal{ID: sp, AppID: appID, DisplayName: "Wiki", Tags: []string{"a"}}
	byID, err := d.ServicePrincipal(t.Context(), sp)
	if diff := cmp.Diff(want, byID); err != nil || diff != "" {
		t.Error(err, diff)
	}
	byAppID, err := d.ServicePrincipalByAppID(t.Context(), appID)
	if diff := cmp.Diff(want, byAppID); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := d.ServicePrincipalByAppID(t.Context(), appID); !entra.IsNotFound(err) {
		t.Errorf("IsNotFound is false for %v", err)
	}
}

func TestOwners(t *testing.T) {
	spOwners, appOwners := "/v1.0/servicePrincipals/"+sp+"/owners", "/v1.0/applications/"+app+"/owners"
	there := failure(400, "Request_BadRequest", "One or more added object references already exist for the following modified properties: 'owners'.")
	owners := ok(`{"value":[{"@odata.type":"#microsoft.graph.user","id":"1","displayName":"Jane"},{"@odata.type":"#microsoft.graph.servicePrincipal","id":"2"},{"id":"3"}]}`)
	s := newStub(t, map[string][]reply{
		"GET " + spOwners: owners, "GET " + appOwners: owners,
		"POST " + spOwners + "/$ref":  {{status: 204}, there, failure(400, "Request_BadRequest", "Maximum number of owners")},
		"POST " + appOwners + "/$ref": {{status: 204}, there},
	})
	d := s.connect(Options{})
	for _, list := range []func() ([]string, error){
		func() ([]string, error) { return d.ServicePrincipalOwners(t.Context(), sp) },
		func() ([]string, error) { return d.ApplicationOwners(t.Context(), app) },
	} {
		got, err := list()
		if diff := cmp.Diff([]string{"1", "2", "3"}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
	for range 2 {
		if err := d.AddServicePrincipalOwner(t.Context(), sp, jane); err != nil {
			t.Error(err)
		}
		if err := d.AddApplicationOwner(t.Context(), app, jane); err != nil {
			t.Error(err)
		}
	}
	if got, want := compact(s.requests()[2].Body), `{"@odata.id":"`+s.server.URL+`/v1.0/directoryObjects/`+jane+`"}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	if err := d.AddServicePrincipalOwner(t.Context(), sp, jane); fault.ClassOf(err) != fault.Terminal {
		t.Errorf("any other 400 is an error: %v", err)
	}
}
