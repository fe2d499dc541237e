package endpoint_test

import (
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

func TestTheConfigurationDecidesWithoutARestart(t *testing.T) {
	const rename = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"B"}]}`
	e := scimtest.Start(t)
	group := func() int {
		return request(t, "POST", e.URL+"/Groups", e.Token, `{"displayName":"Editors"}`).StatusCode
	}
	user := request(t, "POST", e.URL+"/Users", e.Token, `{"userName":"ann","externalId":"1"}`).Header.Get("Location")
	answers := func(want map[string]int) {
		t.Helper()
		for what, got := range map[string]int{
			"another group of the name": group(),
			"PATCH of a user":           request(t, "PATCH", user, e.Token, rename).StatusCode,
		} {
			if got != want[what] {
				t.Errorf("%s answers %d, want %d", what, got, want[what])
			}
		}
	}
	if code := group(); code != 201 {
		t.Fatalf("the first group answers %d", code)
	}
	answers(map[string]int{"another group of the name": 201, "PATCH of a user": 200})
	scimtest.WriteFile(t, e.ConfigFile, "revision: second\ngroupNames: Unique\npatchAnswer: {users: NoContent}\n")
	scimtest.Eventually(t, "the second configuration is in force", func() bool { return statusz(t, e).ConfigRevision == "second" })
	answers(map[string]int{"another group of the name": 409, "PATCH of a user": 204})
}
