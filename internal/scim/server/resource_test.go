package server_test

import "testing"

func TestCreate(t *testing.T) {
	full := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0User","http://example.com/unknown"],
		"userName":"ann","externalId":"e1","id":"mine","meta":{"resourceType":"User"},"groups":[{"value":"x"}],"roles":[],"addresses":null,"password":"hunter22",
		"shoeSize":44,"NAME":{"GivenName":"A"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:USER":{"manager":null,"department":"D"}}`
	runScenarios(t, []scenario{
		{name: "C-1 S-19 a created user is answered with Location, ETag and meta", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"ann"}`, status: 201, save: "ann",
				contains:   []string{`"active":true`, `"resourceType":"User"`, `"version":"W/\"1\""`},
				wantHeader: map[string]string{"ETag": `W/"1"`, "Content-Type": "application/scim+json", "Location": "{base}/Users/"}},
			getAnn(`"location":"{base}/Users/{ann}"`)}},
		{name: "C-5 S-13 S-21 S-27 what is not the client's to set is ignored and names are canonical", steps: []step{
			{method: "POST", path: "/Users", body: full, status: 201,
				contains: []string{`"name":{"givenName":"A"}`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}`},
				excludes: []string{`"id":"mine"`, "hunter22", "shoeSize", "roles", "addresses", "groups", "manager"}}}},
		{name: "C-2 a duplicate userName in another case is refused", steps: []step{ann,
			{method: "POST", path: "/Users", body: `{"userName":"ANN@EXAMPLE.COM"}`, status: 409, contains: []string{`"scimType":"uniqueness"`}}}},
		{name: "C-2 K-1 userName folds beyond ASCII", steps: []step{
			post("/Users", "x", `{"userName":"Größe"}`),
			{method: "POST", path: "/Users", body: `{"userName":"GRÖSSE"}`, status: 409}}},
		{name: "C-3 a deleted user is no conflict, C-4 an inactive one is", steps: []step{
			post("/Users", "ann", `{"userName":"ann","active":false}`),
			{method: "POST", path: "/Users", body: `{"userName":"ann"}`, status: 409},
			{method: "DELETE", path: "/Users/{ann}", status: 204},
			post("/Users", "ann", `{"userName":"ann"}`)}},
		{name: "C-6 E-8 a group is created without members, with the URN that Entra adds", steps: []step{
			post("/Groups", "group", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
				"externalId":"g","displayName":"G","members":[],"meta":{"resourceType":"Group"}}`),
			getGroup(`"displayName":"G"`, `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]`).without("members")}},
		{name: "S-12 E-11 strings are coerced to booleans", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"a","active":"False","roles":[{"primary":"True","value":"r"}]}`, status: 201,
				contains: []string{`"active":false`, `"roles":[{"primary":true,"value":"r"}]`}}}},
		{name: "S-12 a wrong type names the attribute", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"a","active":"maybe"}`, status: 400, contains: []string{"invalidValue", "active"}},
			{method: "POST", path: "/Users", body: `{"userName":"a","title":7}`, status: 400, contains: []string{"invalidValue", "title"}},
			{method: "POST", path: "/Users", body: `{"userName":"a","name":"Ann"}`, status: 400, contains: []string{"invalidValue", "name"}}}},
		{name: "S-5 of several primary elements the last one stays", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"a","emails":[{"value":"x","primary":true},{"value":"y","primary":true}]}`, status: 201,
				contains: []string{`[{"primary":false,"value":"x"},{"primary":true,"value":"y"}]`}}}},
		{name: "S-5 S-16 strict: two primaries and missing schemas are refused", strict: true, steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":"a"}`, status: 400, contains: []string{"invalidSyntax"}},
			{method: "POST", path: "/Users", status: 400, contains: []string{"invalidValue", "emails"},
				body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","emails":[{"value":"x","primary":true},{"value":"y","primary":true}]}`}}},
		{name: "S-6 S-18 exact duplicates collapse and an empty extension is dropped", steps: []step{
			{method: "POST", path: "/Users", status: 201, contains: []string{`"emails":[{"type":"work","value":"x"}]`}, excludes: []string{"enterprise"},
				body: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"X","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":""}}`}}},
		{name: "S-15 values come back as they were sent", steps: []step{
			{method: "POST", path: "/Users", body: `{"userName":" O'Brien#EXT#@x <b>&","phoneNumbers":[{"value":"+49 (0) 1 "}]}`, status: 201,
				contains: []string{`"userName":" O'Brien#EXT#@x <b>&"`, `"value":"+49 (0) 1 "`}}}},
		{name: "required attributes are required", steps: []step{
			{method: "POST", path: "/Users", body: `{"displayName":"a"}`, status: 400, contains: []string{"invalidValue", "userName"}},
			{method: "POST", path: "/Groups", body: `{}`, status: 400, contains: []string{"invalidValue", "displayName"}}}},
		{name: "section 16: an externalId is never taken as an id", steps: []step{ann,
			post("/Users", "b", `{"userName":"b","externalId":"{ann}"}`),
			post("/Users", "c", `{"userName":"c","externalId":"1"}`),
			getAnn(`"userName":"ann@example.com"`)}},
		{name: "externalId is exact and not unique", steps: []step{
			post("/Users", "a", `{"userName":"a","externalId":"Ab"}`),
			post("/Users", "b", `{"userName":"b","externalId":"aB"}`),
			{method: "GET", path: `/Users?filter=externalId+eq+"aB"`, status: 200, contains: []string{`"totalResults":1`, `"userName":"b"`}}}},
	})
}

func TestReadReplaceDelete(t *testing.T) {
	runScenarios(t, []scenario{
		{name: "C-8 an unknown or malformed id is 404", steps: []step{
			{method: "GET", path: "/Users/nope", status: 404, contains: []string{`"status":"404"`}},
			{method: "GET", path: "/Users/%00", status: 404},
			ann, {method: "GET", path: "/Groups/{ann}", status: 404}}},
		{name: "C-10 PUT never creates", steps: []step{
			{method: "PUT", path: "/Users/nope", body: `{"userName":"a"}`, status: 404}}},
		{name: "C-11 PUT clears what it leaves out but keeps active", steps: []step{
			post("/Users", "ann", `{"userName":"ann","title":"T","active":false}`),
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","nickName":"N"}`, status: 200,
				contains: []string{`"nickName":"N"`, `"active":false`}, excludes: []string{"title"}}}},
		{name: "C-12 a PUT that changes nothing keeps the version", steps: []step{ann,
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann@example.com","active":true}`, status: 200, contains: []string{`"version":"W/\"1\""`}}}},
		{name: "C-13 PUT of a group without members empties it", steps: []step{ann, bob, group,
			{method: "PUT", path: "/Groups/{group}", body: `{"displayName":"Editors"}`, status: 200, excludes: []string{"members"}, contains: []string{`"version":"W/\"2\""`}}}},
		{name: "PUT to a taken userName is a conflict", steps: []step{ann, bob,
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"BOB@example.com"}`, status: 409, contains: []string{"uniqueness"}}}},
		{name: "C-14 C-15 G-9 a deleted user is gone everywhere", steps: []step{ann, bob, group,
			{method: "DELETE", path: "/Users/{ann}", status: 204},
			{method: "GET", path: "/Users/{ann}", status: 404},
			{method: "DELETE", path: "/Users/{ann}", status: 404},
			refused(patchAnn(`{"op":"add","path":"title","value":"x"}`), 404, ""),
			{method: "GET", path: `/Users?filter=userName+eq+"ann@example.com"`, status: 200, contains: []string{`"totalResults":0`}},
			getGroup(`"value":"{bob}"`, `"version":"W/\"2\""`).without("{ann}")}},
		{name: "C-16 G-7 deleting a group leaves its members, whose groups lose it", steps: []step{ann, bob, group,
			getAnn(`"groups":[{"$ref":"{base}/Groups/{group}","display":"Editors","type":"direct","value":"{group}"}]`, `"version":"W/\"1\""`),
			{method: "DELETE", path: "/Groups/{group}", status: 204},
			getAnn(`"version":"W/\"1\""`).without("groups")}},
		{name: "C-9 G-10 an inactive user is returned and stays a member", steps: []step{ann, bob, group,
			patchAnn(`{"op":"replace","path":"active","value":false}`),
			{method: "GET", path: "/Users", status: 200, contains: []string{`"active":false`, `"totalResults":2`}},
			getGroup(`"value":"{ann}"`)}},
		{name: "G-3 G-6 members may be groups; type, $ref and display are derived", steps: []step{ann,
			post("/Groups", "inner", `{"displayName":"Inner","members":[{"value":"{ann}","$ref":"http://evil","display":"forged","type":"Group"}]}`),
			post("/Groups", "group", `{"displayName":"Outer","members":[{"value":"{inner}"}]}`),
			getGroup(`"members":[{"$ref":"{base}/Groups/{inner}","display":"Inner","type":"Group","value":"{inner}"}]`),
			{method: "GET", path: "/Groups/{inner}", status: 200, contains: []string{`"members":[{"$ref":"{base}/Users/{ann}","type":"User","value":"{ann}"}]`}}}},
		{name: "V-2 GET with the current tag is 304", steps: []step{ann,
			{method: "GET", path: "/Users/{ann}", header: map[string]string{"If-None-Match": `"9", W/"1"`}, status: 304},
			{method: "GET", path: "/Users/{ann}", header: map[string]string{"If-None-Match": `W/"2"`}, status: 200}}},
		{name: "V-3 V-6 a write with another tag is 412, to an unknown id 404", steps: []step{ann,
			{method: "PATCH", path: "/Users/{ann}", header: map[string]string{"If-Match": `W/"2"`}, status: 412, body: `{"Operations":[{"op":"add","path":"title","value":"x"}]}`},
			{method: "PUT", path: "/Users/{ann}", header: map[string]string{"If-Match": `W/"2"`}, status: 412, body: `{"userName":"x"}`},
			{method: "DELETE", path: "/Users/{ann}", header: map[string]string{"If-Match": `W/"2"`}, status: 412},
			{method: "DELETE", path: "/Users/nope", header: map[string]string{"If-Match": `W/"2"`}, status: 404},
			{method: "DELETE", path: "/Users/{ann}", header: map[string]string{"If-Match": `*`}, status: 204}}},
	})
}
