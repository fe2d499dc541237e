package server_test

import "testing"

func TestWhatNoSchemaHasIsLeftOutInEitherDialect(t *testing.T) {
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","shoeSize":44,"name":{"formatted":"A","bogus":1},"urn:foo:bar":{"x":1}}`
	patch := func(operation string, status int, contains string) step {
		return step{
			method: "PATCH", path: "/Users/{ann}", status: status, contains: []string{contains}, excludes: []string{`"shoeSize":`, "bogus\":"},
			body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operation + `]}`,
		}
	}
	steps := []step{
		post("/Users", "ann", user).without("shoeSize", "bogus", "urn:foo"),
		{method: "PUT", path: "/Users/{ann}", body: user, status: 200, contains: []string{`"formatted":"A"`}, excludes: []string{"shoeSize", "bogus", "urn:foo"}},
		patch(`{"op":"add","value":{"shoeSize":44,"displayName":"D"}}`, 200, `"displayName":"D"`),
		patch(`{"op":"add","path":"name","value":{"bogus":1,"familyName":"F"}}`, 200, `"familyName":"F"`),
		patch(`{"op":"add","path":"shoeSize","value":44}`, 400, `"scimType":"invalidPath"`),
		patch(`{"op":"add","path":"name.bogus","value":1}`, 400, `"scimType":"invalidPath"`),
	}
	stranger := func(status int) step {
		return step{method: "POST", path: "/Users", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:foo:bar"],"userName":"bob"}`, status: status}
	}
	runScenarios(t, []scenario{
		{name: "entra takes a schema that is unknown, too", steps: append(steps, stranger(201))},
		{name: "strict refuses a schema that is unknown", strict: true, steps: append(steps, stranger(400))},
	})
}
