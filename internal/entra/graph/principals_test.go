package graph

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

func TestPrincipals(t *testing.T) {
	s := newStub(t, map[string][]reply{
		"GET /v1.0/users": {
			{status: 200, body: `{"value":[{"id":"` + jane + `","displayName":"Jane","userPrincipalName":"Jane.O'Brien#EXT#@contoso.com"}]}`},
			{status: 200, body: `{"value":[]}`},
		},
		"GET /v1.0/users/" + jane:       ok(`{"id":"` + jane + `","displayName":"Jane","userPrincipalName":"jane@contoso.com"}`),
		"GET /v1.0/groups":              ok(`{"value":[{"id":"1","displayName":"Wiki","securityEnabled":true}],"@odata.nextLink":"{root}/v1.0/groups?$skiptoken=2"}`),
		"GET /v1.0/groups?$skiptoken=2": ok(`{"value":[{"id":"2","displayName":"Wiki","securityEnabled":false}]}`),
		"GET /v1.0/groups/2":            ok(`{"id":"2","displayName":"Wiki"}`),
		"GET /v1.0/groups/3":            {failure(404, "Request_ResourceNotFound", "gone")},
	})
	d := s.connect(Options{})
	found, err := d.UserByPrincipalName(t.Context(), "jane.o'brien#EXT#@contoso.com")
	want := entra.Principal{ID: jane, Kind: entra.PrincipalUser, DisplayName: "Jane", PrincipalName: "Jane.O'Brien#EXT#@contoso.com"}
	if diff := cmp.Diff(want, found); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got := s.requests()[0].Query["$filter"]; got != "userPrincipalName eq 'jane.o''brien#EXT#@contoso.com'" {
		t.Errorf("$filter %s", got)
	}
	if _, err := d.UserByPrincipalName(t.Context(), "nobody@contoso.com"); !entra.IsNotFound(err) || fault.ReasonOf(err, "") != entra.ReasonNotFound {
		t.Errorf("an empty list is not found: %v", err)
	}
	byID, err := d.User(t.Context(), jane)
	if diff := cmp.Diff(entra.Principal{ID: jane, Kind: entra.PrincipalUser, DisplayName: "Jane", PrincipalName: "jane@contoso.com"}, byID); err != nil || diff != "" {
		t.Error(err, diff)
	}
	groups, err := d.GroupsByDisplayName(t.Context(), "Wiki")
	wantGroups := []entra.Principal{
		{ID: "1", Kind: entra.PrincipalGroup, DisplayName: "Wiki", SecurityEnabled: true}, {ID: "2", Kind: entra.PrincipalGroup, DisplayName: "Wiki"},
	}
	if diff := cmp.Diff(wantGroups, groups); err != nil || diff != "" {
		t.Error(err, diff)
	}
	group, err := d.Group(t.Context(), "2")
	if diff := cmp.Diff(wantGroups[1], group); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := d.Group(t.Context(), "3"); !entra.IsNotFound(err) {
		t.Errorf("IsNotFound is false for %v", err)
	}
}

func TestAssignments(t *testing.T) {
	const path = "/v1.0/servicePrincipals/" + sp + "/appRoleAssignedTo"
	made := `{"id":"a_1-B","deletedDateTime":null,"appRoleId":"` + role + `","createdDateTime":"2024-01-01T10:00:00Z","principalDisplayName":"Jane",
		"principalId":"` + jane + `","principalType":"User","resourceDisplayName":"Wiki","resourceId":"` + sp + `"}`
	s := newStub(t, map[string][]reply{
		"GET " + path:                   ok(`{"value":[` + made + `],"@odata.nextLink":"{root}` + path + `?$skiptoken=2"}`),
		"GET " + path + "?$skiptoken=2": ok(`{"value":[{"id":"g","appRoleId":"` + role + `","principalId":"` + app + `","principalType":"Group"}]}`),
		"POST " + path: {
			{status: http.StatusCreated, body: made},
			failure(400, "Request_BadRequest", "Permission being assigned already exists on the object"),
			failure(404, "Request_ResourceNotFound", "the principal is not there yet"),
		},
	})
	d := s.connect(Options{})
	first := entra.Assignment{ID: "a_1-B", AppRoleID: role, PrincipalID: jane, PrincipalKind: entra.PrincipalUser, PrincipalDisplayName: "Jane"}
	all, err := d.ListAssignments(t.Context(), sp)
	if diff := cmp.Diff([]entra.Assignment{first, {ID: "g", AppRoleID: role, PrincipalID: app, PrincipalKind: entra.PrincipalGroup}}, all); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got := s.requests()[0].Query["$top"]; got != "999" {
		t.Errorf("$top %s", got)
	}
	created, err := d.CreateAssignment(t.Context(), sp, jane, role)
	if diff := cmp.Diff(first, created); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, want := compact(s.requests()[2].Body), compact(`{"@odata.type":"#microsoft.graph.appRoleAssignment","principalId":"`+jane+`","resourceId":"`+sp+`","appRoleId":"`+role+`"}`); got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	duplicate, err := d.CreateAssignment(t.Context(), sp, jane, role)
	if diff := cmp.Diff(entra.Assignment{AppRoleID: role, PrincipalID: jane}, duplicate); err != nil || diff != "" {
		t.Error("a duplicate is success without an ID:", err, diff)
	}
	if _, err := d.CreateAssignment(t.Context(), sp, jane, role); !entra.IsNotFound(err) || fault.ClassOf(err) != fault.Retryable {
		t.Errorf("a principal that is not replicated is retried: %v", err)
	}
	if _, err := d.CreateAssignment(t.Context(), sp, "jane@contoso.com", role); fault.ClassOf(err) != fault.Terminal {
		t.Errorf("a name in place of an object ID is refused: %v", err)
	}
}
