package entrasim_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAssignments(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	role := l.role()
	id := l.assign(staff, role)
	path := "/servicePrincipals/" + l.sp + "/appRoleAssignedTo"
	for name, c := range map[string]struct {
		principal, role string
		status          int
		message         string
	}{
		"a duplicate":                        {staff, role, 400, "already exists"},
		"an unknown role":                    {anna, "00000000-0000-4000-8000-00000000ffff", 400, "not found on application"},
		"zeros on an application with roles": {anna, "00000000-0000-0000-0000-000000000000", 400, "not found on application"},
		"a principal that does not exist":    {"00000000-0000-4000-8000-00000000dead", role, 404, "does not exist"},
		"a group that is no security group":  {mail, role, 400, "not security-enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			a := l.want(c.status, "POST", path, object{"principalId": c.principal, "resourceId": l.sp, "appRoleId": c.role})
			if !strings.Contains(a.message(), c.message) {
				t.Errorf("message %q, want one that says %q", a.message(), c.message)
			}
		})
	}
	listed := l.want(200, "GET", path+"?$top=999", nil).list()
	if len(listed) != 1 || listed[0]["principalDisplayName"] != "Staff" || listed[0]["principalType"] != "Group" {
		t.Errorf("listed: %v", listed)
	}
	l.want(204, "DELETE", path+"/"+id, nil)
	l.want(404, "DELETE", path+"/"+id, nil)
}

func TestDeletionAndRestore(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	l.want(204, "DELETE", "/applications/"+l.app, nil)
	l.want(404, "GET", "/applications/"+l.app, nil)
	l.want(404, "GET", "/servicePrincipals/"+l.sp, nil)
	for kind, id := range map[string]string{"application": l.app, "servicePrincipal": l.sp} {
		listed := l.want(200, "GET", "/directory/deletedItems/microsoft.graph."+kind+"?$filter=displayName%20eq%20'Wiki'", nil).list()
		if len(listed) != 1 || listed[0]["id"] != id || listed[0]["deletedDateTime"] == nil {
			t.Errorf("deleted %ss: %v", kind, listed)
		}
	}
	l.want(200, "POST", "/directory/deletedItems/"+l.app+"/restore", nil)
	l.want(200, "POST", "/directory/deletedItems/"+l.sp+"/restore", nil)
	l.want(200, "GET", "/servicePrincipals/"+l.sp, nil)
	l.want(204, "DELETE", "/applications/"+l.app, nil)
	l.want(204, "DELETE", "/directory/deletedItems/"+l.app, nil)
	l.want(204, "DELETE", "/directory/deletedItems/"+l.sp, nil)
	l.want(404, "GET", "/directory/deletedItems/"+l.app, nil)
}

func TestChangesThatGraphRefuses(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	roles := l.want(200, "GET", "/applications/"+l.app, nil).body["appRoles"].([]any)
	spaced := append([]any{object{"id": "00000000-0000-4000-8000-0000000000e1", "displayName": "E", "description": "E",
		"value": "an editor", "isEnabled": true, "allowedMemberTypes": []string{"User"}}}, roles...)
	for name, c := range map[string]struct {
		patch object
		code  string
	}{
		"an unknown property":                     {object{"displayname2": "x"}, "Request_BadRequest"},
		"a read-only property":                    {object{"appId": "x"}, "Request_BadRequest"},
		"a role that goes without being disabled": {object{"appRoles": roles[1:]}, "CannotDeleteOrUpdateEnabledEntitlement"},
		"a role value with a space":               {object{"appRoles": spaced}, "Request_BadRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := l.want(400, "PATCH", "/applications/"+l.app, c.patch); a.code() != c.code {
				t.Errorf("code %s, want %s", a.code(), c.code)
			}
		})
	}
}

func TestGzipBodies(t *testing.T) {
	l := startLab(t)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if err := json.NewEncoder(zip).Encode(object{"displayName": "Zipped"}); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL+"/beta/applicationTemplates/"+template+"/instantiate", &packed)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	request.Header.Set("Content-Encoding", "gzip")
	response, err := l.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusCreated || l.State().Applications[0].DisplayName != "Zipped" {
		t.Errorf("status %d, applications %v", response.StatusCode, l.State().Applications)
	}
}

func TestListsPageAndFilter(t *testing.T) {
	l := startLab(t)
	seen := map[string]bool{}
	next, pages := l.URL+"/v1.0/users?$top=2&$select=id", 0
	for next != "" {
		a, err := l.try("GET", next, nil)
		if err != nil || a.status != 200 {
			t.Fatalf("GET %s: %d %v", next, a.status, err)
		}
		for _, u := range a.list() {
			if len(u) != 1 {
				t.Errorf("$select=id gave %v", u)
			}
			seen[u["id"].(string)] = true
		}
		next, _ = a.body["@odata.nextLink"].(string)
		pages++
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d users on %d pages, want 5 on 3", len(seen), pages)
	}
	filter := url.QueryEscape("userPrincipalName eq 'BENGT@contoso.com' and startswith(displayName,'Bengt O''N')")
	if found := l.want(200, "GET", "/users?$filter="+filter, nil).list(); len(found) != 1 || found[0]["id"] != bengt {
		t.Errorf("filter found %v", found)
	}
	l.want(200, "GET", "/users/gil_partner.example%23EXT%23@contoso.onmicrosoft.com", nil)
	if a := l.want(400, "GET", "/users?$filter=endsWith(mail,'x')", nil); a.code() != "Request_UnsupportedQuery" {
		t.Errorf("code %s", a.code())
	}
	if members := l.want(200, "GET", "/groups/"+staff+"/members", nil).list(); len(members) != 4 ||
		members[3]["@odata.type"] != "#microsoft.graph.group" {
		t.Errorf("members: %v", members)
	}
}
