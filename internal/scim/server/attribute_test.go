package server_test

import (
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

func TestAttributeRules(t *testing.T) {
	create := func(body string, status int, contains ...string) step {
		return step{method: "POST", path: "/Users", body: body, status: status, contains: contains}
	}
	runScenarios(t, []scenario{
		{name: "S-3 null, an empty list and absence are the same", steps: []step{
			post("/Users", "ann", `{"userName":"ann","title":null,"emails":[],"name":{},"addresses":[{}],"nickName":"N"}`),
			getAnn(`"nickName":"N"`).without("title", "emails", `"name"`, "addresses", "null", "[]"),
			patchAnn(`{"op":"replace","path":"emails","value":null},{"op":"replace","path":"nickName","value":null}`, `"version":"W/\"2\""`).without("nickName")}},
		{name: "S-4 a multi-valued attribute has value, display, type and primary", steps: []step{
			create(`{"userName":"a","entitlements":[{"value":"v","display":"d","type":"t","primary":true,"other":1}]}`, 201, `"entitlements":[{"display":"d","primary":true,"type":"t","value":"v"}]`)}},
		{name: "S-9 X-15 a password is taken, never kept, shown or searched", steps: []step{
			create(`{"userName":"ann","password":"hunter22"}`, 201).without("hunter22", "password"),
			{method: "GET", path: "/Users?attributes=password,userName", status: 200, contains: []string{"ann"}, excludes: []string{"hunter22", "password"}},
			badFilter(`password pr`), badFilter(`password eq "hunter22"`)}},
		{name: "S-11 userName is unique among users only", steps: []step{
			create(`{"userName":"same"}`, 201), post("/Groups", "group", `{"displayName":"same"}`), post("/Groups", "group", `{"displayName":"same"}`)}},
		{name: "S-14 canonical values are suggestions", steps: []step{
			create(`{"userName":"a","emails":[{"type":"no such type","value":"x"}],"addresses":[{"country":"Belize"}]}`, 201, `"type":"no such type"`, "Belize")}},
		{name: "S-17 an extension's URN is added to schemas when it has data", steps: []step{
			create(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","`+enterprise+`":{"department":"D"}}`, 201,
				`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","`+enterprise+`"]`)}},
		{name: "S-19 S-20 V-1 meta and the headers say the same", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"ann"}`, status: 201, save: "ann", header: map[string]string{"Host": "evil.example"},
				contains: []string{`"resourceType":"User"`, `"version":"W/\"1\""`}, wantHeader: map[string]string{"ETag": `W/"1"`, "Location": "{base}/Users/"}},
			{method: "GET", path: "/Users/{ann}", status: 200, contains: []string{`"location":"{base}/Users/{ann}"`}, wantHeader: map[string]string{"Content-Location": "{base}/Users/{ann}", "ETag": `W/"1"`}},
			{method: "PATCH", path: "/Users/{ann}", body: `{"Operations":[{"op":"add","path":"title","value":"T"}]}`, status: 200, contains: []string{`"version":"W/\"2\""`}, wantHeader: map[string]string{"ETag": `W/"2"`}},
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann"}`, status: 200, wantHeader: map[string]string{"ETag": `W/"3"`}}}},
		{name: "S-22 a manager needs only a value", steps: []step{
			create(`{"userName":"a","`+enterprise+`":{"manager":{"value":"26118915"}}}`, 201, `"manager":{"$ref":"{base}/Users/26118915","value":"26118915"}`)}},
		{name: "section 19: the full user of RFC 7643 comes back", steps: []step{
			{method: "POST", path: "/Users", body: fixture("post-user-full.json"), status: 201, save: "ann", excludes: []string{"t1meMa$heen", "forged"},
				contains: []string{`"x509Certificates":[{"value":"MIIDQ`, `"country":"Belize"`, `"profileUrl":"https://login.example.com/bjensen"`, `"$ref":"{base}/Users/26118915-6090-4610-87e4-49d8ca9f808d"`}},
			{method: "PUT", path: "/Users/{ann}", body: fixture("post-user-full.json"), status: 200, contains: []string{`"version":"W/\"1\""`}}}},
		{name: "P-13 P-22 add and replace without a value there are the same", steps: []step{ann,
			patchAnn(`{"op":"add","value":{"title":"T","name":{"givenName":"G"}}}`, `"title":"T"`, `"name":{"givenName":"G"}`),
			patchAnn(`{"op":"replace","path":"nickName","value":"N"}`, `"nickName":"N"`),
			refused(patchAnn(`{"op":"add","value":"T"}`), 400, "invalidValue")}},
		{name: "P-26 a sub-attribute is set in all elements that match", steps: []step{
			post("/Users", "ann", `{"userName":"ann","entitlements":[{"type":"a","value":"1"},{"type":"a","value":"2"},{"type":"b","value":"3"}]}`),
			patchAnn(`{"op":"replace","path":"entitlements[type eq \"a\"].display","value":"D"}`,
				`"entitlements":[{"display":"D","type":"a","value":"1"},{"display":"D","type":"a","value":"2"},{"type":"b","value":"3"}]`),
			patchAnn(`{"op":"replace","path":"entitlements.display","value":"E"}`, `{"display":"E","type":"b","value":"3"}`)}},
		{name: "P-29 null unassigns, and an empty string does too", steps: []step{
			post("/Users", "ann", `{"userName":"ann","title":"T","nickName":"N"}`),
			patchAnn(`{"op":"replace","path":"title","value":null},{"op":"add","path":"nickName","value":""}`).without("title", "nickName")}},
		{name: "P-29 E-22 strict: an empty string is a value", strict: true, steps: []step{
			post("/Users", "ann", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","title":""}`), getAnn(`"title":""`)}},
		{name: "P-3 strict: a PATCH of a group answers 200 with its members", strict: true, steps: []step{
			post("/Groups", "group", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G"}`),
			{method: "PATCH", path: "/Groups/{group}", status: 200, contains: []string{`"display":"G"`, `"version":"W/\"2\""`},
				body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"{group}"}]}]}`}}},
		{name: "F-13 dates without a zone, with seven digits and with an offset", steps: []step{ann,
			{method: "GET", path: "/Users?filter=" + escape(`meta.created gt "2015-10-10T14:38:21.8617979-07:00"`), status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?filter=" + escape(`meta.created gt "2015-10-10T14:38:21"`), status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?filter=" + escape(`meta.lastModified lt "2015-10-10"`), status: 200, contains: []string{`"totalResults":0`}},
			badFilter(`meta.created gt "yesterday"`)}},
		{name: "H-9 HEAD is answered for resources and refused for collections", steps: []step{ann,
			{method: "HEAD", path: "/Users/{ann}", status: 200, wantHeader: map[string]string{"ETag": `W/"1"`, "Content-Type": "application/scim+json"}},
			{method: "HEAD", path: "/Users/{ann}", header: map[string]string{"If-None-Match": "*"}, status: 304},
			{method: "HEAD", path: "/Users/nope", status: 404},
			{method: "HEAD", path: "/Users", status: 405},
			{method: "OPTIONS", path: "/Users", status: 405, wantHeader: map[string]string{"Allow": "GET, POST"}}}},
		{name: "H-14 H-15 scimType stands on 400 and 409 only, and detail names operation and attribute", steps: []step{ann, bob,
			{method: "GET", path: "/Users/x", status: 404, excludes: []string{"scimType"}},
			{method: "PATCH", path: "/Users/{ann}", status: 400, contains: []string{`"scimType":"invalidValue"`, "Operations[1]", "active"},
				body: `{"Operations":[{"op":"add","path":"title","value":"T"},{"op":"add","path":"active","value":"perhaps"}]}`},
			{method: "PATCH", path: "/Users/{ann}", status: 409, contains: []string{`"detail":"userName is already in use"`}, excludes: []string{"bob", "SQL", "constraint"},
				body: `{"Operations":[{"op":"replace","path":"userName","value":"bob@example.com"}]}`}}},
	})
}

// TestConfiguredCharacteristics holds what only a configured extension can have.
func TestConfiguredCharacteristics(t *testing.T) {
	extension := schema.ExtensionSchema{ID: wiki, ResourceType: schema.User, Required: true, Attributes: []schema.ExtensionAttribute{
		{Name: "badge", Type: schema.String, Required: true, Mutability: schema.Immutable},
		{Name: "hint", Type: schema.String, Returned: schema.ReturnedRequest},
		{Name: "kind", Type: schema.String, Returned: schema.ReturnedAlways},
		{Name: "count", Type: schema.Integer},
		{Name: "at", Type: schema.DateTime},
		{Name: "picture", Type: schema.Binary},
	}}
	create := func(data string) step {
		return step{method: "POST", path: "/Users", body: `{"userName":"ann","` + wiki + `":` + data + `}`, status: 201, save: "ann"}
	}
	bad := func(data, attribute string) step {
		st := refused(create(data), 400, "invalidValue")
		st.save, st.contains = "", append(st.contains, attribute)
		return st
	}
	for name, steps := range map[string][]step{
		"S-2 numbers without fraction or exponent, times with date and time, base64": {
			bad(`{"badge":"b","count":1.0}`, "count"), bad(`{"badge":"b","count":1e3}`, "count"), bad(`{"badge":"b","at":"2026-01-02"}`, "at"),
			bad(`{"badge":"b","at":"10:00:00"}`, "at"), bad(`{"badge":"b","picture":"%"}`, "picture"),
			create(`{"badge":"b","count":"7","at":"2026-01-02T03:04:05+01:00","picture":"aGk="}`)},
		"S-25 the required attributes of a required extension": {
			refused(step{method: "POST", path: "/Users", body: `{"userName":"ann"}`}, 400, "invalidValue"), bad(`{"count":1}`, "badge"),
			create(`{"badge":"b"}`),
			refused(patchAnn(`{"op":"remove","path":"`+wiki+`:badge"}`), 400, "mutability"),
			refused(patchAnn(`{"op":"remove","path":"`+wiki+`"}`), 400, "invalidValue")},
		"S-8 P-36 an immutable attribute keeps its value": {create(`{"badge":"b"}`),
			refused(patchAnn(`{"op":"replace","path":"`+wiki+`:badge","value":"c"}`), 400, "mutability"),
			patchAnn(`{"op":"replace","path":"`+wiki+`:badge","value":"b"}`, `"version":"W/\"1\""`),
			refused(step{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","` + wiki + `":{"badge":"c"}}`}, 400, "mutability"),
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","title":"T"}`, status: 200, contains: []string{`"badge":"b"`, `"title":"T"`}}},
		"S-10 returned always, and on request or when it was just set": {create(`{"badge":"b","hint":"h","kind":"k"}`).with(`"hint":"h"`),
			getAnn(`"kind":"k"`).without("hint"),
			{method: "GET", path: "/Users/{ann}?attributes=userName", status: 200, contains: []string{`"kind":"k"`}, excludes: []string{"badge", "hint"}},
			{method: "GET", path: "/Users/{ann}?excludedAttributes=" + wiki, status: 200, contains: []string{`"kind":"k"`}, excludes: []string{"badge"}},
			{method: "GET", path: "/Users/{ann}?attributes=hint", status: 200, contains: []string{`"hint":"h"`}},
			patchAnn(`{"op":"replace","path":"`+wiki+`:hint","value":"i"}`, `"hint":"i"`),
			patchAnn(`{"op":"replace","path":"title","value":"T"}`).without("hint")},
	} {
		t.Run(name, func(t *testing.T) {
			e := startWith(t, extension)
			saved := map[string]string{"base": e.URL}
			for _, st := range steps {
				st.run(t, e, saved)
			}
		})
	}
}

// TestV5ParallelWritesWithoutIfMatchAllSucceed has each change another attribute, so that a lost one shows.
func TestV5ParallelWritesWithoutIfMatchAllSucceed(t *testing.T) {
	onBothStores(t, checkV5ParallelWritesWithoutIfMatchAllSucceed)
}

func checkV5ParallelWritesWithoutIfMatchAllSucceed(t *testing.T, e *running) {
	t.Helper()
	saved := map[string]string{}
	ann.run(t, e, saved)
	attributes := []string{"title", "nickName", "displayName", "userType", "locale", "timezone", "preferredLanguage", "profileUrl", "name.givenName", "name.familyName"}
	statuses := together(len(attributes), func(i int) int {
		response, _ := send(t, e, "PATCH", "/Users/"+saved["ann"], `{"Operations":[{"op":"add","path":"`+attributes[i]+`","value":"set"}]}`, nil)
		return response.StatusCode
	})
	if statuses[200] != len(attributes) {
		t.Errorf("statuses %v, want only 200", statuses)
	}
	if _, body := send(t, e, "GET", "/Users/"+saved["ann"], "", nil); strings.Count(body, `:"set"`) != len(attributes) || !strings.Contains(body, `"version":"W/\"11\""`) {
		t.Errorf("a change is lost: %s", body)
	}
}

func TestRenameAmongMemberChanges(t *testing.T) {
	onBothStores(t, checkRenameAmongMemberChanges)
}

func checkRenameAmongMemberChanges(t *testing.T, e *running) {
	t.Helper()
	saved := map[string]string{}
	post("/Groups", "group", `{"displayName":"G"}`).run(t, e, saved)
	people := createUsers(t, e, "u", 30)
	statuses := together(len(people)+1, func(i int) int {
		body := `{"Operations":[{"op":"replace","path":"displayName","value":"Renamed"}]}`
		if i > 0 {
			body = `{"Operations":[{"op":"add","path":"members","value":[{"value":"` + people[i-1] + `"}]}]}`
		}
		response, _ := send(t, e, "PATCH", "/Groups/"+saved["group"], body, nil)
		return response.StatusCode
	})
	if statuses[204] != len(people)+1 {
		t.Errorf("V-5: statuses %v, want only 204", statuses)
	}
	_, body := send(t, e, "GET", "/Groups/"+saved["group"], "", nil)
	if !strings.Contains(body, "Renamed") || strings.Count(body, `"type":"User"`) != len(people) {
		t.Errorf("the rename or a member is lost: %s", body)
	}
}
