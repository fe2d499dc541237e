package entrasim_test

import (
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
			for property, value := range c.made {
				made[property] = value
			}
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
			for property, value := range c.made {
				made[property] = value
			}
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
