package server_test

import (
	"strings"
	"testing"
)

func TestHTTP(t *testing.T) {
	user := `{"userName":"a"}`
	with := func(contentType string, status int) step {
		return step{method: "POST", path: "/Users", body: user, header: map[string]string{"Content-Type": contentType}, status: status}
	}
	raw := func(body string) step {
		return step{method: "POST", path: "/Users", body: body, status: 400, contains: []string{"invalidSyntax"}}
	}
	runScenarios(t, []scenario{
		{name: "H-3 JSON types are taken with parameters, others are 415", steps: []step{
			with("application/scim+json; charset=utf-8", 201), with("text/plain", 415), with("application/json;charset=utf-8", 409)}},
		{name: "H-4 H-12 H-13 an error is SCIM with its headers", steps: []step{{method: "GET", path: "/Users/x", status: 404,
			contains:   []string{`"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]`, `"status":"404"`},
			wantHeader: map[string]string{"Content-Type": "application/scim+json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": "-"}}}},
		{name: "H-5 invalid UTF-8, lone surrogates and U+0000 are refused", steps: []step{
			raw("{\"userName\":\"\xff\"}"), raw(`{"userName":"\ud800"}`), raw(`{"userName":"\udc00x"}`), raw(`{"userName":"a\u0000"}`),
			{method: "POST", path: "/Users", body: `{"userName":"\ud83d\ude00"}`, status: 201, contains: []string{"😀"}}}},
		{name: "H-7 keys that differ only in case are refused", steps: []step{raw(`{"userName":"a","USERNAME":"b"}`), raw(`{"userName":"a","name":{"x":1,"x":2}}`)}},
		{name: "what is no JSON object is invalidSyntax", steps: []step{raw(``), raw(`[]`), raw(`{`), raw(`{} {}`), raw(`{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`)}},
		{name: "H-8 paths match in any case and with one slash at the end", steps: []step{with("", 201),
			{method: "GET", path: `/users/?filter=userName+eq+"a"`, status: 200, contains: []string{`"totalResults":1`, "{base}/Users/"}}}},
		{name: "H-9 unknown paths are 404 and unknown methods 405", steps: []step{
			{method: "GET", path: "/Nope", status: 404, contains: []string{`"status":"404"`}},
			{method: "GET", path: "/Users/a/b", status: 404, wantHeader: map[string]string{"Content-Type": "application/scim+json"}},
			{method: "DELETE", path: "/Users", status: 405, wantHeader: map[string]string{"Allow": "GET, POST"}},
			{method: "POST", path: "/Schemas", status: 405}}},
		{name: "H-17 X-11 a body above the limit is 413 with the limit", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, contains: []string{"1048576"}},
			{method: "POST", path: "/Users", body: `{"userName":"` + strings.Repeat("a", 8193) + `"}`, status: 400, contains: []string{"8192"}},
			{method: "POST", path: "/Users", body: `{"userName":"` + strings.Repeat("a", 8192) + `"}`, status: 201}}},
		{name: "M-1 /Me is 501", steps: []step{{method: "GET", path: "/Me", status: 501}, {method: "PATCH", path: "/Me", body: "{}", status: 501}}},
	})
}

func TestUnknownVersion(t *testing.T) {
	e := start(t)
	e.URL = strings.TrimSuffix(e.URL, "/scim/v2")
	for name, st := range map[string]step{
		"H-1 another version is invalidVers": {method: "GET", path: "/scim/v1/Users", status: 400, contains: []string{"invalidVers"}},
		"a path beside the base is 404":      {method: "GET", path: "/scim/v2x/Users", status: 404},
		"the root is 404":                    {method: "GET", path: "/", status: 404},
	} {
		t.Run(name, func(t *testing.T) { st.run(t, e, map[string]string{}) })
	}
}

func TestDiscovery(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "D-1 lists and single entries", steps: []step{
			{method: "GET", path: "/Schemas", status: 200, contains: []string{"ListResponse", `"id":"urn:ietf:params:scim:schemas:core:2.0:Group"`, enterprise}, excludes: []string{"null"}},
			{method: "GET", path: "/Schemas/" + strings.ToUpper(enterprise), status: 200, contains: []string{`"id":"` + enterprise + `"`}},
			{method: "GET", path: "/Schemas/urn:nope", status: 404},
			{method: "GET", path: "/ResourceTypes", status: 200, contains: []string{`"endpoint":"/Users"`, `"endpoint":"/Groups"`}},
			{method: "GET", path: "/ResourceTypes/User", status: 200, contains: []string{`"schemaExtensions":[{"required":false,"schema":"` + enterprise + `"}]`, `"location":"{base}/ResourceTypes/User"`}},
			{method: "GET", path: "/ResourceTypes/Nope", status: 404}}},
		{name: "D-2 a filter is 403, other parameters are ignored", steps: []step{
			{method: "GET", path: "/Schemas?filter=id+pr", status: 403},
			{method: "GET", path: "/ResourceTypes?count=1&attributes=id", status: 200, contains: []string{`"totalResults":2`}}}},
		{name: "D-3 D-5 the provider configuration is public and claims only what works", steps: []step{
			{method: "GET", path: "/ServiceProviderConfig", header: map[string]string{"Authorization": "none"}, status: 200,
				contains: []string{`"patch":{"supported":true}`, `"bulk":{"maxOperations":1000,"maxPayloadSize":8388608,"supported":true}`, `"sort":{"supported":true}`, `"etag":{"supported":true}`, `"cursor":true`, `"changePassword":{"supported":false}`}},
			{method: "GET", path: "/ServiceProviderConfig", header: map[string]string{"Authorization": "Bearer x"}, status: 401}}},
	})
}

func TestAuthentication(t *testing.T) {
	refusedWith := func(authorization, challenge string) step {
		return step{method: "GET", path: "/Users", header: map[string]string{"Authorization": authorization}, status: 401,
			contains: []string{`"status":"401"`}, wantHeader: map[string]string{"WWW-Authenticate": challenge}}
	}
	unauthenticated := map[string]string{"Authorization": "none"}
	var spellings []step
	for _, path := range []string{"/Users", "//Users", "/%55sers", "/Users%2f..", "/users/", "/Nope", "/Schemas", "/../../", "/Users/../ServiceProviderConfig", "/ServiceProviderConfig/x"} {
		spellings = append(spellings, step{method: "GET", path: path, header: unauthenticated, status: 401})
	}
	runScenarios(t, []scenario{
		{name: "H-10 X-3 only an accepted bearer token is let in", steps: []step{
			refusedWith("none", `Bearer realm="scim"`), refusedWith("Bearer wrong", `error="invalid_token"`), refusedWith("Bearer ", "Bearer"), refusedWith("Basic eDp5", "Bearer")}},
		{name: "X-9 no spelling of a path avoids authentication", steps: spellings},
	})
}

func TestTokenScopes(t *testing.T) {
	e := start(t)
	header := map[string]string{"Authorization": "bearer " + e.ReadToken}
	for name, c := range map[string]struct {
		method, path, body string
		header             map[string]string
		status             int
	}{
		"a read token reads":                  {"GET", "/Users", "", header, 200},
		"a read token searches":               {"POST", "/Users/.search", "{}", header, 200},
		"a read token does not create":        {"POST", "/Users", `{"userName":"a"}`, header, 403},
		"a read token does not write in bulk": {"POST", "/Bulk", `{"Operations":[]}`, header, 403},
		"a write token creates":               {"POST", "/Users", `{"userName":"a"}`, nil, 201},
	} {
		t.Run(name, func(t *testing.T) {
			if response, body := send(t, e, c.method, c.path, c.body, c.header); response.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", response.StatusCode, c.status, body)
			}
		})
	}
}
