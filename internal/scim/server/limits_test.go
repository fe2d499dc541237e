package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestX11 holds each limit at the limit and one above.
func TestX11(t *testing.T) {
	padded := func(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }
	create := func(body string, status int) step {
		return step{method: "POST", path: "/Users", body: body, status: status}
	}
	userWith := func(attribute, value string) string { return fmt.Sprintf(`{"userName":"u",%q:%s}`, attribute, value) }
	emails := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`{"value":"%d@x"}`, i)
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	operations := func(n int) string {
		return strings.TrimSuffix(strings.Repeat(`{"op":"add","path":"title","value":"T"},`, n), ",")
	}
	nested := func(depth int) string { return strings.Repeat(`{"x":`, depth) + "1" + strings.Repeat("}", depth) }
	const base = "/scim/v2/Users?x="
	members := strings.TrimSuffix(strings.Repeat(`{"value":"x"},`, 10_000), ",")
	runScenarios(t, []scenario{
		{name: "X-11 the body of a user", steps: []step{create(padded(`{"userName":"u"}`, 1<<20), 201), create(padded(`{"userName":"v"}`, 1<<20+1), 413)}},
		{name: "X-11 G-11 the body of a group", steps: []step{
			{method: "POST", path: "/Groups", body: padded(`{"displayName":"g"}`, 8<<20), status: 201},
			{method: "POST", path: "/Groups", body: padded(`{"displayName":"g"}`, 8<<20+1), status: 413, contains: []string{"8388608"}}}},
		{name: "G-11 10,000 members in one PATCH", steps: []step{ann, bob, group,
			patchGroup(`{"op":"add","path":"members","value":[` + strings.ReplaceAll(members, `"x"`, `"{ann}"`) + `]}`),
			patchGroup(`{"op":"remove","path":"members","value":[` + members + `]}`),
			getGroup(`"{ann}"`, `"{bob}"`)}},
		{name: "X-11 the URL", steps: []step{
			{method: "GET", path: "/Users?x=" + strings.Repeat("a", 8<<10-len(base)), status: 200},
			{method: "GET", path: "/Users?x=" + strings.Repeat("a", 8<<10-len(base)+1), status: 414, contains: []string{"8192", `"status":"414"`}}}},
		{name: "X-11 the depth of JSON", steps: []step{create(userWith("x", nested(31)), 201), create(userWith("x", nested(32)), 400)}},
		{name: "X-11 the operations of a PATCH", steps: []step{ann,
			patchAnn(operations(1000), `"title":"T"`), refused(patchAnn(operations(1001)), 400, "invalidSyntax")}},
		{name: "X-11 the elements of an attribute", steps: []step{create(userWith("emails", emails(200)), 201),
			refused(create(strings.Replace(userWith("emails", emails(201)), `"u"`, `"v"`, 1), 400), 400, "invalidValue")}},
		{name: "X-11 elements that a PATCH adds count together", steps: []step{
			post("/Users", "ann", userWith("emails", emails(200))),
			refused(patchAnn(`{"op":"add","path":"emails","value":[{"value":"more@x"}]}`), 400, "invalidValue")}},
		{name: "X-11 a string and a picture", steps: []step{
			create(userWith("title", quoted(strings.Repeat("a", 8<<10))), 201),
			create(userWith("nickName", quoted(strings.Repeat("a", 8<<10+1))), 400),
			{method: "POST", path: "/Users", body: `{"userName":"p","photos":[{"value":"` + strings.Repeat("a", 64<<10) + `"}]}`, status: 201},
			{method: "POST", path: "/Users", body: `{"userName":"q","photos":[{"value":"` + strings.Repeat("a", 64<<10+1) + `"}]}`, status: 400, contains: []string{"65536"}}}},
		{name: "X-11 H-17 what is too large is told with its limit", steps: []step{
			{method: "POST", path: "/Users", body: padded(`{}`, 1<<20+1), status: 413, contains: []string{"1048576", `"status":"413"`}}}},
	})
}
