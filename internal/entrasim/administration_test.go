package entrasim_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// writesAll are the permissions of a client that administers a tenant, as the Terraform provider azuread does.
func writesAll(o *entrasim.Options) {
	o.Clients[0].Permissions = []string{"Application.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"}
}

// TestWritesOfApplications: what a write names is changed, also inside a property that has members, and the rest stays.
func TestWritesOfApplications(t *testing.T) {
	for name, c := range map[string]struct {
		made, patch object
		property    string
		want        any
	}{
		"a public client": {
			object{"isFallbackPublicClient": true, "publicClient": object{"redirectUris": []any{"app://signed-in"}}}, object{"notes": "n"},
			"publicClient", object{"redirectUris": []any{"app://signed-in"}}},
		"a page that logs in by itself": {
			nil, object{"spa": object{"redirectUris": []any{"https://a.example"}}}, "spa", object{"redirectUris": []any{"https://a.example"}}},
		"a web application is changed in part": {
			object{"web": object{"homePageUrl": "https://a.example", "redirectUris": []any{"https://a.example/in"}}},
			object{"web": object{"homePageUrl": "https://b.example", "implicitGrantSettings": object{"enableIdTokenIssuance": true}}},
			"web", object{"homePageUrl": "https://b.example", "logoutUrl": nil, "redirectUris": []any{"https://a.example/in"},
				"redirectUriSettings":   []any{},
				"implicitGrantSettings": object{"enableAccessTokenIssuance": false, "enableIdTokenIssuance": true}}},
		"an address is taken away": {
			object{"info": object{"supportUrl": "https://a.example"}}, object{"info": object{"supportUrl": nil}},
			"info", object{"logoUrl": nil, "marketingUrl": nil, "privacyStatementUrl": nil, "supportUrl": nil, "termsOfServiceUrl": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, writesAll)
			made := object{"displayName": "Reports"}
			maps.Copy(made, c.made)
			path := "/applications/" + l.want(201, "POST", "/applications", made).body["id"].(string)
			l.want(204, "PATCH", path, c.patch)
			if diff := cmp.Diff(c.want, l.want(200, "GET", path, nil).body[c.property]); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", c.property, diff)
			}
		})
	}
}

// TestPropertiesOfPeople: what Graph keeps of a person and no mapping reads is kept as well.
func TestPropertiesOfPeople(t *testing.T) {
	for name, c := range map[string]struct {
		made, patch object
		property    string
		want        any
	}{
		"a person is in the address list": {nil, object{"showInAddressList": true}, "showInAddressList", true},
		"nobody said whether":             {nil, object{"department": "Sales"}, "showInAddressList", nil},
		"where a person belongs":          {object{"employeeOrgData": object{"costCenter": "12", "division": "Print"}}, object{"department": "Sales"}, "employeeOrgData", object{"costCenter": "12", "division": "Print"}},
		"a part of where a person belongs goes": {object{"employeeOrgData": object{"costCenter": "12", "division": "Print"}},
			object{"employeeOrgData": object{"division": nil}}, "employeeOrgData", object{"costCenter": "12", "division": nil}},
		"the first day":            {object{"employeeHireDate": "2026-01-02T00:00:00Z"}, object{"employeeType": "Consultant"}, "employeeHireDate", "2026-01-02T00:00:00Z"},
		"a kind of worker":         {nil, object{"employeeType": "Consultant"}, "employeeType", "Consultant"},
		"a kind of worker no more": {object{"employeeType": "Consultant"}, object{"employeeType": nil}, "employeeType", nil},
		"a password that stays":    {object{"passwordPolicies": "DisablePasswordExpiration"}, object{"ageGroup": "Adult"}, "passwordPolicies", "DisablePasswordExpiration"},
		"an age":                   {nil, object{"ageGroup": "Minor", "consentProvidedForMinor": "Granted"}, "consentProvidedForMinor", "Granted"},
		"an anchor elsewhere":      {object{"onPremisesImmutableId": "a2F5"}, object{"department": "Sales"}, "onPremisesImmutableId", "a2F5"},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, writesAll)
			made := object{"displayName": "Eva", "userPrincipalName": "eva@contoso.com", "mailNickname": "eva", "accountEnabled": true,
				"passwordProfile": object{"password": "x"}}
			maps.Copy(made, c.made)
			path := "/users/" + l.want(201, "POST", "/users", made).body["id"].(string)
			l.want(204, "PATCH", path, c.patch)
			if diff := cmp.Diff(c.want, l.want(200, "GET", path+"?$select="+c.property, nil).body[c.property]); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", c.property, diff)
			}
		})
	}
}

func TestFirstDayIsATime(t *testing.T) {
	l := startLab(t, writesAll)
	if a := l.want(400, "PATCH", "/users/"+anna, object{"employeeHireDate": "soon"}); a.code() != "Request_BadRequest" {
		t.Errorf("%s", a.text)
	}
}

// ids are the object IDs of a list.
func ids(a answer) []string {
	out := []string{}
	for _, o := range a.list() {
		out = append(out, o["id"].(string))
	}
	return out
}

// TestBoundReferences: who makes an object may name its owners, and the members of a group, in the same call.
func TestBoundReferences(t *testing.T) {
	for name, c := range map[string]struct {
		path, reference string
		made            object
		bound, want     []string // @ME is the caller
	}{
		"an application is its maker's as well":    {"/applications", "owners", object{"displayName": "Reports"}, []string{anna}, []string{"@ME", anna}},
		"the maker named among the owners":         {"/applications", "owners", object{"displayName": "Reports"}, []string{anna, "@ME"}, []string{"@ME", anna}},
		"a service principal":                      {"/servicePrincipals", "owners", object{"appId": "@APPID"}, []string{bengt}, []string{"@ME", bengt}},
		"a group is nobody's unless somebody says": {"/groups", "owners", guild(), []string{}, []string{}},
		"a group":            {"/groups", "owners", guild(), []string{anna, bengt}, []string{anna, bengt}},
		"members of a group": {"/groups", "members", guild(), []string{carla, nested}, []string{carla, nested}},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, writesAll)
			me := l.want(200, "GET", "/servicePrincipals(appId='"+clientID+"')", nil).body["id"].(string)
			app := l.want(201, "POST", "/applications", object{"displayName": "Plain"}).body
			links := []string{}
			for _, id := range c.bound {
				links = append(links, l.URL+"/v1.0/directoryObjects/"+strings.ReplaceAll(id, "@ME", me))
			}
			c.made[c.reference+"@odata.bind"] = links
			if c.made["appId"] != nil {
				c.made["appId"] = app["appId"]
			}
			made := l.want(201, "POST", c.path, c.made).body
			listed, err := l.try("GET", l.URL+"/beta"+c.path+"/"+made["id"].(string)+"/"+c.reference, nil)
			if err != nil || listed.status != 200 {
				t.Fatalf("%s (%v)", listed.text, err)
			}
			got := ids(listed)
			for i, id := range got {
				got[i] = strings.ReplaceAll(id, me, "@ME")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s differ (-want +got):\n%s", c.reference, diff)
			}
		})
	}
}

func guild() object {
	return object{"displayName": "Guild", "mailNickname": "guild", "mailEnabled": false, "securityEnabled": true}
}

// TestBoundReferencesThatGraphRefuses: nothing is made when a reference is wrong.
func TestBoundReferencesThatGraphRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		made   object
		status int
	}{
		"an owner of an application who does not exist": {"/applications", object{"displayName": "Reports", "owners@odata.bind": []string{template}}, 404},
		"an owner of a group who does not exist":        {"/groups", object{"displayName": "Guild", "owners@odata.bind": []string{template}}, 404},
		"a member of a group who does not exist":        {"/groups", object{"displayName": "Guild", "members@odata.bind": []string{template}}, 404},
		"a group that owns a group":                     {"/groups", object{"displayName": "Guild", "owners@odata.bind": []string{staff}}, 404},
		"an owner twice":                                {"/groups", object{"displayName": "Guild", "owners@odata.bind": []string{anna, anna}}, 400},
		"a reference that is no list":                   {"/groups", object{"displayName": "Guild", "owners@odata.bind": anna}, 400},
		"something else that is bound":                  {"/applications", object{"displayName": "Reports", "tokenIssuancePolicies@odata.bind": []string{anna}}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, writesAll)
			before := len(l.want(200, "GET", c.path, nil).list())
			l.want(c.status, "POST", c.path, c.made)
			if after := len(l.want(200, "GET", c.path, nil).list()); after != before {
				t.Errorf("%d objects after %d: one was made", after, before)
			}
		})
	}
}

// TestOwnersOfGroups: v1.0 keeps quiet about owners that are service principals, and the last person stays.
func TestOwnersOfGroups(t *testing.T) {
	l := startLab(t, writesAll)
	me := l.want(200, "GET", "/servicePrincipals(appId='"+clientID+"')", nil).body["id"].(string)
	path := "/groups/" + staff + "/owners"
	reference := func(id string) object { return object{"@odata.id": l.URL + "/v1.0/directoryObjects/" + id} }
	l.want(204, "POST", path+"/$ref", reference(me))
	l.want(204, "POST", path+"/$ref", reference(anna))
	l.want(400, "POST", path+"/$ref", reference(anna))
	l.want(404, "POST", path+"/$ref", reference(template))
	if got := ids(l.want(200, "GET", path, nil)); !slices.Equal(got, []string{anna}) {
		t.Errorf("owners in v1.0: %v, want Anna alone", got)
	}
	beta, err := l.try("GET", l.URL+"/beta"+path, nil)
	if err != nil || !slices.Equal(ids(beta), []string{me, anna}) {
		t.Errorf("owners in beta: %s (%v), want the client as well", beta.text, err)
	}
	l.want(204, "DELETE", path+"/"+me+"/$ref", nil)
	if a := l.want(400, "DELETE", path+"/"+anna+"/$ref", nil); !strings.Contains(a.message(), "at least one owner") {
		t.Errorf("the last person: %s", a.text)
	}
	l.want(204, "POST", path+"/$ref", reference(bengt))
	l.want(204, "DELETE", path+"/"+anna+"/$ref", nil)
	l.want(404, "DELETE", path+"/"+anna+"/$ref", nil)
	l.want(404, "GET", "/groups/"+template+"/owners", nil)
}
