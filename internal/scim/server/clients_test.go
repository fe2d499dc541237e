package server_test

import (
	"os"
	"path/filepath"
	"testing"
)

// fixture reads a body from testdata.
func fixture(name string) string {
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err) // a fixture is part of the test
	}
	return string(content)
}

func TestEntra(t *testing.T) {
	const guid = "f6775a2c-4f8e-4d6a-9b0f-3b1f4a3a5a30"
	nobody := func(path string) step {
		return step{method: "GET", path: path, status: 200, contains: []string{`"totalResults":0`, `"Resources":[]`, "ListResponse"}}
	}
	add := `{"op":"Add","path":"members","value":[{"$ref":null,"value":"{ann}"}]}`
	runScenarios(t, []scenario{
		{name: "E-1 E-2 E-25 the connection test finds nobody, by each matching attribute", steps: []step{
			nobody(`/Users?filter=userName+eq+"` + guid + `"`), nobody(`/Users?filter=externalId+eq+%22` + guid + `%22`),
			nobody("/Users?filter=" + escape(`emails[type eq "work"].value eq "`+guid+`"`)),
			nobody(`/Groups?excludedAttributes=members&filter=displayName+eq+"` + guid + `"`)}},
		{name: "E-2 E-3 each matching attribute finds the one person", steps: []step{
			post("/Users", "ann", `{"userName":"a_b.com#EXT#@c.onmicrosoft.com","externalId":"`+guid+`","emails":[{"type":"work","value":"a+b&c'd@x"}]}`),
			{method: "GET", path: `/Users?filter=userName%20eq%20%22A_b.com%23EXT%23@c.onmicrosoft.com%22`, status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: `/Users?filter=externalId+eq+%22` + guid + `%22`, status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22a%2Bb%26c'd@x%22", status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?filter=emails%5Btype+eq+%22home%22%5D.value+eq+%22a%2Bb%26c'd@x%22", status: 200, contains: []string{`"totalResults":0`}}}},
		{name: "E-5 reads before writes", steps: []step{ann, bob, group,
			{method: "GET", path: "/Groups/{group}?excludedAttributes=members", status: 200, contains: []string{"Editors"}, excludes: []string{"members"}}}},
		{name: "E-6 N-12 account discovery pages through everybody", steps: []step{ann, bob,
			{method: "GET", path: "/Users?startIndex=1&count=1", status: 200, contains: []string{`"totalResults":2`, `"startIndex":1`, "ann@"}},
			{method: "GET", path: "/Users?startIndex=2&count=1", status: 200, contains: []string{`"startIndex":2`, "bob@"}}}},
		{name: "E-7 a user as Entra creates it", steps: []step{
			{method: "POST", path: "/Users", body: fixture("post-user-entra.json"), status: 201, header: map[string]string{"Content-Type": "application/scim+json; charset=utf-8"},
				contains: []string{`"externalId":"0a21f0f2`, `"formatted":"givenName familyName"`}, excludes: []string{"typo", "roles", "addresses"}},
			{method: "POST", path: "/Users", body: fixture("post-user-entra.json"), status: 409, contains: []string{"uniqueness"}}}},
		{name: "E-13 a member is added and removed without the flag", steps: []step{ann, bob, post("/Groups", "group", `{"displayName":"G"}`),
			patchGroup(add), getGroup(`"value":"{ann}"`),
			patchGroup(`{"op":"Remove","path":"members","value":[{"$ref":null,"value":"{ann}"}]}`), getGroup().without("members")}},
		{name: "E-13 a member is added and removed with the flag, which stays in the URL", steps: []step{ann, bob, post("/Groups", "group", `{"displayName":"G"}`),
			{method: "PATCH", path: "/Groups/{group}?aadOptscim062020", body: `{"Operations":[{"op":"add","path":"members","value":[{"value":"{ann}"}]}]}`, status: 204},
			getGroup(`"value":"{ann}"`),
			patchGroup(`{"op":"remove","path":"members[value eq \"{ann}\"]"}`), getGroup().without("members")}},
		{name: "E-16 E-17 E-21 36 operations at once on a bare user", steps: []step{ann,
			{method: "PATCH", path: "/Users/{ann}", body: fixture("patch-36-attributes.json"), status: 200, contains: []string{
				`"addresses":[{"country":"Belize","formatted":"AF","locality":"AL","postalCode":"AP","primary":true,"region":"AR","streetAddress":"AS","type":"work"}]`,
				`"emails":[{"primary":true,"type":"work","value":"w@x"}]`, `"roles":[{"display":"RD","primary":true,"type":"RT","value":"RV"}]`,
				`"phoneNumbers":[{"primary":true,"type":"work","value":"1"},{"type":"mobile","value":"2"},{"type":"fax","value":"3"}]`,
				`{"costCenter":"3","department":"2","division":"5","employeeNumber":"1","organization":"4"}`, `"version":"W/\"2\""`}},
			{method: "PATCH", path: "/Users/{ann}", body: fixture("patch-36-attributes.json"), status: 200, contains: []string{`"version":"W/\"2\""`}}}},
		{name: "E-22 SCIM_Null_Update clears every optional attribute", steps: []step{ann,
			{method: "PATCH", path: "/Users/{ann}", body: fixture("patch-36-attributes.json"), status: 200},
			{method: "PATCH", path: "/Users/{ann}", body: fixture("patch-clear.json"), status: 200,
				excludes: []string{`"displayName"`, `"title"`, `"nickName"`, "givenName", "familyName", `"emails"`, "locality", "mobile", "department", "externalId"}}}},
		{name: "E-18 an element takes the place of one of its type", steps: []step{
			post("/Users", "ann", `{"userName":"ann","emails":[{"type":"work","value":"old@x"},{"type":"home","value":"h@x"}]}`),
			patchAnn(`{"op":"Add","path":"emails","value":[{"type":"work","value":"new@x"}]}`, `"emails":[{"type":"work","value":"new@x"},{"type":"home","value":"h@x"}]`),
			{method: "POST", path: "/Users", status: 201, contains: []string{`"phoneNumbers":[{"type":"Mobile","value":"2"},{"value":"3"},{"value":"4"}]`},
				body: `{"userName":"b","phoneNumbers":[{"type":"mobile","value":"1"},{"type":"Mobile","value":"2"},{"value":"3"},{"value":"4"}]}`}}},
		{name: "E-23 S-15 what Entra reads back is what it sent", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"Ann  O'Neil ","phoneNumbers":[{"type":"work","value":"+49 (0)30/12-34"}],"title":"é\u0065\u0301"}`, status: 201, save: "ann",
				contains: []string{`"userName":"Ann  O'Neil "`, `"+49 (0)30/12-34"`, "\"title\":\"\u00e9e\u0301\""}}}},
		{name: "E-24 E-26 a deleted id is 404 and a duplicate 409, each a SCIM error", steps: []step{ann,
			{method: "POST", path: "/Users", body: `{"userName":"Ann@example.com"}`, status: 409, contains: []string{`"status":"409"`, `"scimType":"uniqueness"`}},
			{method: "DELETE", path: "/Users/{ann}", status: 204},
			refused(patchAnn(`{"op":"Replace","path":"active","value":"False"}`), 404, ""),
			{method: "DELETE", path: "/Users/{ann}", status: 404, contains: []string{`"status":"404"`}}}},
		{name: "C-7 N-8 a repeated creation is 409 and then found by filter", steps: []step{ann,
			{method: "POST", path: "/Users", body: `{"userName":"ann@example.com"}`, status: 409},
			{method: "GET", path: `/Users?filter=userName+eq+"ann@example.com"`, status: 200, contains: []string{`"totalResults":1`, `"id":"{ann}"`}}}},
		{name: "N-5 externalId is exact, may be digits and is no id", steps: []step{
			post("/Users", "a", `{"userName":"a","externalId":"1"}`), post("/Users", "b", `{"userName":"b","externalId":"{a}"}`),
			{method: "GET", path: "/Users/1", status: 404}, {method: "GET", path: "/Users/{a}", status: 200, contains: []string{`"userName":"a"`}}}},
		{name: "N-6 G-10 who is disabled and enabled again is in the same groups", steps: []step{ann, bob, group,
			patchAnn(`{"op":"Replace","path":"active","value":"False"}`, `"active":false`, "Editors"),
			patchAnn(`{"op":"Replace","path":"active","value":"True"}`, `"active":true`, "Editors")}},
		{name: "N-8 every operation may be repeated", steps: []step{ann, bob, post("/Groups", "group", `{"displayName":"G"}`),
			patchGroup(add), patchGroup(add), getGroup(`"version":"W/\"2\""`),
			patchGroup(`{"op":"Remove","path":"members","value":[{"value":"{ann}"}]}`), patchGroup(`{"op":"Remove","path":"members","value":[{"value":"{ann}"}]}`),
			getGroup(`"version":"W/\"3\""`)}},
		{name: "S-16 unknown schemas are ignored and missing ones taken from the path", steps: []step{
			{method: "POST", path: "/Users", body: `{"schemas":[],"userName":"a"}`, status: 201},
			{method: "POST", path: "/Users", body: `{"schemas":["urn:nope"],"userName":"b"}`, status: 201, contains: []string{`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`}}}},
	})
}

func TestOtherClients(t *testing.T) {
	okta := map[string]string{"Content-Type": "application/json", "Accept": "application/scim+json"}
	runScenarios(t, []scenario{
		{name: "section 14 Okta creates, updates by PUT, deactivates", steps: []step{
			{method: "POST", path: "/Users", body: fixture("okta-post-user.json"), header: okta, status: 201, save: "o", excludes: []string{"1mz050nq", `"groups"`}},
			{method: "GET", path: `/Users?filter=userName%20eq%20%22TEST.user@okta.local%22&startIndex=1&count=100`, status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?count=1&startIndex=1", status: 200, contains: []string{`"active":true`, `"emails"`, `"familyName"`}},
			ann, {method: "PUT", path: "/Users/{ann}", body: fixture("okta-put-user.json"), header: okta, status: 200, contains: []string{`"name":{"familyName":"User","givenName":"Another"}`}},
			patchAnn(`{"op":"replace","value":{"active":false}}`, `"active":false`),
			{method: "GET", path: "/Users/010101001010101011001010101011", status: 404, contains: []string{`"detail"`}}}},
		{name: "section 14 Okta pushes a group, renames it and replaces its members", steps: []step{ann, bob,
			post("/Groups", "group", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G","members":[]}`),
			patchGroup(`{"op":"replace","value":{"id":"{group}","displayName":"Renamed"}}`),
			patchGroup(`{"op":"add","path":"members","value":[{"value":"{ann}","display":"ann@example.com"}]}`),
			patchGroup(`{"op":"replace","path":"members","value":[{"value":"{bob}","display":"bob@example.com"}]}`),
			getGroup(`"displayName":"Renamed"`, `"{bob}"`).without(`"{ann}"`),
			patchGroup(`{"op":"remove","path":"members[value eq \"{bob}\"]"}`), getGroup().without("members"),
			patchGroup(`{"op":"replace","path":"members","value":[]}`)}},
		{name: "section 14 OneLogin sends URNs of SCIM 1", steps: []step{
			{method: "POST", path: "/Users", body: fixture("onelogin-post-user.json"), status: 201, save: "ann", contains: []string{`"` + enterprise + `":{"department":"Sales"}`}, excludes: []string{"core:1.0"}},
			patchAnn(`{"op":"replace","value":{"urn:scim:schemas:extension:enterprise:1.0":{"department":"Support"}}}`, `{"department":"Support"}`)}},
		{name: "section 14 strict: the URNs of SCIM 1 are refused", strict: true, steps: []step{
			refused(step{method: "POST", path: "/Users", body: fixture("onelogin-post-user.json")}, 400, "invalidSyntax")}},
		{name: "section 14 AWS and Google send eq and and, PUT and no-path replace", steps: []step{ann,
			{method: "GET", path: `/Users?filter=userName+eq+"ann@example.com"+and+active+eq+true`, status: 200, contains: []string{`"totalResults":1`}},
			patchAnn(`{"op":"replace","value":{"emails":[{"value":"new@x","primary":true}],"active":"false"}}`, `"emails":[{"primary":true,"value":"new@x"}]`, `"active":false`)}},
	})
}
