package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// bulk sends operations and expects 200 with the fragments.
func bulk(operations string, contains ...string) step {
	return step{method: "POST", path: "/Bulk", status: 200, contains: contains,
		body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` + operations + `]}`}
}

func bulkUser(bulkID, userName string) string {
	return fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":%q,"data":{"userName":%q}}`, bulkID, userName)
}

func bulkGroup(bulkID, name string, members ...string) string {
	for i, m := range members {
		members[i] = fmt.Sprintf(`{"value":%q}`, m)
	}
	return fmt.Sprintf(`{"method":"POST","path":"/Groups","bulkId":%q,"data":{"displayName":%q,"members":[%s]}}`, bulkID, name, strings.Join(members, ","))
}

func TestBulk(t *testing.T) {
	status := func(n int) string { return fmt.Sprintf(`"status":"%d"`, n) }
	failing := `{"method":"POST","path":"/Users","bulkId":"bad","data":{}}`
	users := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = bulkUser(fmt.Sprint("b", i), fmt.Sprint("u", i))
		}
		return strings.Join(all, ",")
	}
	runScenarios(t, []scenario{
		{name: "B-1 more than maxOperations or maxPayloadSize is 413 before any work", steps: []step{
			refused413(bulk(users(1001)), "maxOperations", "1000"),
			{method: "POST", path: "/Bulk", body: `{"x":"` + strings.Repeat("a", 8<<20) + `"}`, status: 413, contains: []string{"maxPayloadSize", "8388608"}},
			{method: "GET", path: "/Users", status: 200, contains: []string{`"totalResults":0`}}}},
		{name: "B-1 as many operations as the limit are done", steps: []step{bulk(users(1000), status(201)).without(status(429)),
			{method: "GET", path: "/Users?count=0", status: 200, contains: []string{`"totalResults":1000`}}}},
		{name: "B-2 B-3 B-4 methods in any case, each with status, version and location", steps: []step{ann, bob,
			bulk(`{"method":"post","path":"/Groups","bulkId":"g","data":{"displayName":"G"}},{"method":"PUT","path":"/Users/{ann}","data":{"userName":"ann2"}},
				{"method":"patch","path":"Users/{bob}","data":{"Operations":[{"op":"add","path":"title","value":"T"}]}},{"method":"DELETE","path":"/Users/{bob}"}`,
				`{"method":"POST","bulkId":"g","location":"{base}/Groups/`, `"version":"W/\"1\"","status":"201"}`,
				`{"method":"PUT","location":"{base}/Users/{ann}","version":"W/\"2\"","status":"200"}`,
				`{"method":"PATCH","location":"{base}/Users/{bob}","version":"W/\"2\"","status":"200"}`,
				`{"method":"DELETE","location":"{base}/Users/{bob}","status":"204"}`, "BulkResponse"),
			getAnn(`"userName":"ann2"`), {method: "GET", path: "/Users/{bob}", status: 404}}},
		{name: "B-2 a POST without bulkId and unknown methods fail by themselves", steps: []step{
			bulk(`{"method":"POST","path":"/Users","data":{"userName":"a"}},{"method":"GET\"","path":"/Users/x","bulkId":"q"},7,`+bulkUser("ok", "ok"),
				"bulkId", `{"method":"GET\"","bulkId":"q","status":"400"`, `{"method":"unknown","status":"400"`, status(201))}},
		{name: "B-4 B-5 a failed POST has an error and no location, and the whole is 200", steps: []step{ann,
			bulk(bulkUser("1", "ANN@example.com"), `"bulkId":"1","status":"409","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness"`).without("location")}},
		{name: "B-6 failOnErrors ends the request after so many errors", steps: []step{
			{method: "POST", path: "/Bulk", status: 200, contains: []string{`"bulkId":"1"`, `"bulkId":"bad"`}, excludes: []string{`"bulkId":"2"`},
				body: `{"failOnErrors":1,"Operations":[` + bulkUser("1", "a") + "," + failing + "," + bulkUser("2", "b") + `]}`},
			{method: "GET", path: "/Users", status: 200, contains: []string{`"totalResults":1`}},
			refused(step{method: "POST", path: "/Bulk", body: `{"failOnErrors":0,"Operations":[` + failing + `]}`}, 400, "invalidValue")}},
		{name: "B-7 references to later operations are resolved anywhere", steps: []step{
			bulk(bulkGroup("g", "G", "bulkId:u", "bulkId:m")+`,{"method":"PATCH","path":"/Users/bulkId:u","data":{"Operations":[{"op":"add","path":"manager","value":"bulkId:m"}]}},`+
				bulkUser("u", "user")+","+bulkUser("m", "manager"), status(201), status(200)).without(status(400), status(409)).inOrder(`"bulkId":"g"`, `"PATCH"`, `"bulkId":"u"`, `"bulkId":"m"`),
			{method: "GET", path: `/Users?filter=userName+eq+"manager"`, status: 200, saveFirst: "m"},
			{method: "GET", path: `/Users?filter=userName+eq+"user"`, status: 200, contains: []string{`"manager":{"$ref":"{base}/Users/{m}","value":"{m}"}`, `"display":"G"`}},
			{method: "GET", path: `/Groups`, status: 200, contains: []string{`"value":"{m}"`}, excludes: []string{"bulkId"}}}},
		{name: "B-7 references in the path of a PATCH operation are resolved", steps: []step{ann, bob, group,
			bulk(bulkUser("x", "x")+`,{"method":"PATCH","path":"/Groups/{group}","data":{"Operations":[{"op":"add","path":"members","value":[{"value":"bulkId:x"}]},{"op":"remove","path":"members[value eq \"bulkId:x\"]"}]}}`,
				status(201), status(200)),
			getGroup(`"{ann}"`, `"{bob}"`).without("bulkId")}},
		{name: "B-8 circular references are set after both are made", steps: []step{
			bulk(bulkGroup("a", "A", "bulkId:b")+","+bulkGroup("b", "B", "bulkId:a"), status(201), `"version":"W/\"2\""`).without(status(409)),
			{method: "GET", path: `/Groups?filter=displayName+eq+"A"`, status: 200, saveFirst: "a", contains: []string{`"display":"B"`}},
			{method: "GET", path: `/Groups?filter=displayName+eq+"B"`, status: 200, contains: []string{`"display":"A"`, `"value":"{a}"`}}}},
		{name: "B-8 a group may refer to itself, and two users to each other as managers", steps: []step{
			bulk(bulkGroup("self", "S", "bulkId:self"), status(201)),
			{method: "GET", path: `/Groups`, status: 200, contains: []string{`"display":"S"`}},
			bulk(`{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"a","manager":null,"`+enterprise+`":{"manager":{"value":"bulkId:b"}}}},
				{"method":"POST","path":"/Users","bulkId":"b","data":{"userName":"b","`+enterprise+`":{"manager":"bulkId:a"}}}`, status(201)).without(status(400), status(409)),
			{method: "GET", path: `/Users?filter=manager+pr`, status: 200, contains: []string{`"totalResults":2`}}}},
		{name: "B-8 B-9 a circle that cannot be closed leaves nothing", steps: []step{
			bulk(bulkGroup("a", "A", "bulkId:b")+`,{"method":"POST","path":"/Groups","bulkId":"b","data":{"members":[{"value":"bulkId:a"}]}}`, status(400), status(409)).without(status(201), "location"),
			{method: "GET", path: "/Groups", status: 200, contains: []string{`"totalResults":0`}}}},
		{name: "B-9 a reference to what failed is 409, to what does not exist 400", steps: []step{
			bulk(failing+","+bulkGroup("g", "G", "bulkId:bad")+","+bulkGroup("h", "H", "bulkId:nowhere")+`,{"method":"DELETE","path":"/Users/bulkId:nowhere"}`,
				`"bulkId":"g","status":"409"`, `"bulkId":"h","status":"400"`, `"method":"DELETE","status":"400"`).without("location", `"201"`),
			{method: "GET", path: "/Groups", status: 200, contains: []string{`"totalResults":0`}}}},
		{name: "B-11 an operation that fails leaves the others and nothing of itself", steps: []step{ann,
			bulk(`{"method":"PATCH","path":"/Users/{ann}","data":{"Operations":[{"op":"add","path":"title","value":"T"},{"op":"add","path":"nope","value":1}]}},`+bulkUser("b", "b"), status(400), status(201)),
			getAnn(`"version":"W/\"1\""`).without("title")}},
		{name: "B-12 what cannot be written in bulk is refused", steps: []step{
			bulk(bulkUser("a", "a")+","+bulkUser("a", "b"), `"bulkId":"a"`, status(201), status(400)),
			bulk(`{"method":"POST","path":"/Bulk","bulkId":"x","data":{}},{"method":"POST","path":"/Schemas","bulkId":"y","data":{}},{"method":"POST","path":"/Users/.search","bulkId":"z","data":{}},{"method":"DELETE","path":"/Users"}`,
				`"bulkId":"x","status":"400"`, `"bulkId":"y","status":"400"`, `"bulkId":"z","status":"400"`, `"method":"DELETE","status":"400"`)}},
		{name: "V-3 the version of an operation is a condition", steps: []step{ann,
			bulk(`{"method":"PATCH","path":"/Users/{ann}","version":"W/\"9\"","data":{"Operations":[{"op":"add","path":"title","value":"T"}]}},{"method":"DELETE","path":"/Users/{ann}","version":"W/\"1\""}`,
				`"status":"412"`, `"status":"204"`)}},
		{name: "a bulk request of the wrong form is refused", steps: []step{
			refused(step{method: "POST", path: "/Bulk", body: `{}`}, 400, "invalidSyntax"),
			refused(step{method: "POST", path: "/Bulk", body: `{"Operations":[]}`}, 400, "invalidSyntax"),
			{method: "GET", path: "/Bulk", status: 405}}},
		{name: "P-8 strict: a bulk request names its schema", strict: true, steps: []step{
			refused(step{method: "POST", path: "/Bulk", body: `{"Operations":[{}]}`}, 400, "invalidSyntax")}},
	})
}

func refused413(st step, contains ...string) step {
	st.status, st.contains = 413, contains
	return st
}
