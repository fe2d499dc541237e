package entrasim_test

import (
	"net/http"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

const (
	wikiEditors = "329e91ff-b937-4a56-a770-69789954ca90"
	wikiReaders = "b4067d9f-70b8-4eb4-a6bf-911bc888f93e"
	janeRoe     = "e4704197-c907-443f-bceb-cba55a069cf2"
)

// TestContoso provisions the lab's directory as the samples do, and then tells the story of a working week.
func TestContoso(t *testing.T) {
	contoso, err := directory.Load("../../config/samples/directory/contoso.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w := startWire(t)
	l := startLab(t, func(o *entrasim.Options) { o.Directory = contoso })
	l.provision(w.URL, w.Token)
	roles := l.want(200, "GET", "/applications/"+l.app, nil).body["appRoles"].([]any)
	for id, value := range map[string]string{editorRole: "editor", readerRole: "reader"} {
		roles = append(roles, object{"id": id, "displayName": value, "description": value, "value": value, "isEnabled": true,
			"allowedMemberTypes": []string{"User"}})
	}
	l.want(204, "PATCH", "/applications/"+l.app, object{"appRoles": roles})
	l.editMappings(func(m []any) []any {
		for _, mapping := range m {
			if m := mapping.(object); m["targetAttributeName"] == "externalId" {
				m["source"] = l.mapped("externalId", "[objectId]")["source"]
			}
		}
		return append(m, l.mapped("roles", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"))
	})
	l.assign(wikiEditors, editorRole)
	l.assign(wikiReaders, readerRole)
	l.assign(janeRoe, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)

	// 45 people are in the two groups, 7 of them in both; one account is disabled; Jane is assigned by herself.
	expectCounts(t, l.cycle(), "created 47 updated 0 disabled 0 deleted 0 skipped 1 failed 0")
	w.take("")
	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	for _, r := range w.take(http.MethodGet) {
		if r.path != "/Users" && r.path != "/Groups" {
			t.Errorf("a cycle without changes asked for %s", r.path)
		}
	}

	assignments := len(l.State().Assignments)
	l.admin(200, "PATCH", "/sim/users/jane.roe@contoso.com", object{"surname": "Doe", "displayName": "Jane Doe",
		"userPrincipalName": "jane.doe@contoso.com", "mail": "jane.doe@contoso.com"}) // marries
	l.admin(200, "PATCH", "/sim/users/taras.shevchenko@contoso.com", object{"accountEnabled": false})                   // is disabled
	l.admin(204, "DELETE", "/sim/groups/Wiki%20Editors/members/yasmin.alzaabi@contoso.com", nil)                        // leaves
	l.admin(204, "POST", "/sim/groups/Wiki%20Readers/members/ingrid.sjogren@contoso.com", nil)                          // joins
	l.admin(204, "DELETE", "/sim/groups/Wiki%20Editors/members/emily.johnson@contoso.com", nil)                         // changes role
	l.admin(204, "POST", "/sim/groups/Wiki%20Readers/members/emily.johnson@contoso.com", nil)                           //
	l.admin(204, "DELETE", "/sim/groups/Wiki%20Readers/members/gokhan.sahin@contoso.com", nil)                          // loses one of two roles
	l.admin(200, "PATCH", "/sim/groups/"+wikiEditors, object{"displayName": "Wiki Authors"})                            // is renamed,
	l.admin(200, "PATCH", "/sim/groups/Guilde%20du%20Design%20–%20Проєктування", object{"displayName": "Wiki Editors"}) // and its name taken

	// Jane, Emily, Gökhan and both groups change; Taras and Yasmin are disabled; Ingrid is new.
	expectCounts(t, l.cycle(), "created 1 updated 5 disabled 2 deleted 0 skipped 0 failed 0")
	if n := len(l.State().Assignments); n != assignments {
		t.Errorf("%d assignments, want the %d there were", n, assignments)
	}
	users := scimList(t, w.URL, w.Token, "Users", "userName")
	if len(users) != 46 || users["jane.doe@contoso.com"]["displayName"] != "Jane Doe" || users["jane.roe@contoso.com"] != nil {
		t.Errorf("%d users, Jane %v", len(users), users["jane.doe@contoso.com"])
	}
	for user, want := range map[string][]string{"emily.johnson@contoso.com": {"reader"}, "gokhan.sahin@contoso.com": {"editor"},
		"niamh.o'neill@contoso.com": {"editor", "reader"}, "ingrid.sjogren@contoso.com": {"reader"}} {
		got, _ := users[user]["roles"].([]any)
		if len(got) != len(want) || got[0].(object)["value"] != want[0] {
			t.Errorf("%s has the roles %v, want %v", user, got, want)
		}
	}
	for _, user := range []string{"taras.shevchenko@contoso.com", "yasmin.alzaabi@contoso.com"} {
		if users[user]["active"] != false {
			t.Errorf("%s is %v, want active=false", user, users[user]["active"])
		}
	}
	groups := scimList(t, w.URL, w.Token, "Groups", "displayName")
	if len(groups) != 2 || groups["wiki authors"] == nil {
		t.Errorf("groups at the endpoint: %v", groups)
	}
}
