package server_test

import (
	"strings"
	"testing"
)

// search is a POST of .search.
func search(path, body string, contains ...string) step {
	return step{method: "POST", path: path, body: body, status: 200, contains: contains}
}

func TestSearchAndRoot(t *testing.T) {
	all := []step{ann, bob, group}
	with := func(steps ...step) []step { return append(append([]step{}, all...), steps...) }
	long := `userName eq "` + strings.Repeat("x", 5000) + `"`
	runScenarios(t, []scenario{
		{name: "M-2 .search answers as GET does", steps: with(
			search("/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName eq \"ANN@example.com\""}`,
				`"totalResults":1`, `"userName":"ann@example.com"`, "ListResponse").without("bob@"),
			search("/Groups/.search", `{"attributes":["displayName"],"startIndex":1,"count":10}`, `"displayName":"Editors"`, `"startIndex":1`).without("members"),
			search("/Groups/.search", `{"excludedAttributes":["members","meta"]}`, `"displayName":"Editors"`).without("members", "meta"),
			search("/Users/.search", `{"sortBy":"userName","sortOrder":"descending","count":1}`, "bob@", `"totalResults":2`).without("ann@"),
			search("/.search", `{"filter":"displayName eq \"editors\" or userName sw \"ann\""}`, `"totalResults":2`, "Editors", "ann@"))},
		{name: "M-2 F-20 a filter in a body may be longer than one in a URL", steps: with(
			refused(step{method: "GET", path: "/Users?filter=" + escape(long)}, 400, "invalidFilter"),
			search("/Users/.search", `{"filter":`+quoted(long)+`}`, `"totalResults":0`),
			refused(search("/Users/.search", `{"filter":`+quoted(`userName eq "`+strings.Repeat("x", 17000)+`"`)+`}`), 400, "invalidFilter"))},
		{name: "M-2 what is wrong is refused as in a URL", steps: with(
			refused(search("/Users/.search", `{"filter":""}`), 400, "invalidFilter"),
			refused(search("/Users/.search", `{"filter":7}`), 400, "invalidFilter"),
			refused(search("/Users/.search", `{"count":"x"}`), 400, "invalidValue"),
			refused(search("/Users/.search", `{"attributes":[1]}`), 400, "invalidValue"),
			refused(search("/Users/.search", `{"attributes":["id"],"excludedAttributes":["meta"]}`), 400, "invalidValue"),
			refused(search("/Users/.search", `[]`), 400, "invalidSyntax"),
			step{method: "GET", path: "/Users/.search", status: 405, wantHeader: map[string]string{"Allow": "POST"}})},
		{name: "P-8 S-16 strict: .search names its schema", strict: true, steps: []step{
			refused(search("/Users/.search", `{}`), 400, "invalidSyntax"),
			search("/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`, `"totalResults":0`)}},
		{name: "M-3 the root searches all types and wants a filter", steps: with(
			refused(step{method: "GET", path: "/"}, 400, "tooMany"),
			search("/.search", `{"attributes":["displayName","userName"],"count":2}`, `"totalResults":3`, `"itemsPerPage":2`),
			step{method: "GET", path: `/?filter=meta.resourceType+eq+User`, status: 200, contains: []string{`"totalResults":2`}, excludes: []string{`"displayName":"Editors"`}},
			step{method: "GET", path: `?filter=id+eq+"{group}"`, status: 200, contains: []string{`"totalResults":1`, "Editors", `"members":[`}},
			step{method: "GET", path: `/?filter=id+pr&attributes=displayName,userName`, status: 200, contains: []string{`"totalResults":3`, "Editors", "ann@"}, excludes: []string{"members", "meta"}})},
		{name: "F-16 at the root a term is false for a type without the attribute", steps: with(
			step{method: "GET", path: "/?filter=" + escape(`userName pr`), status: 200, contains: []string{`"totalResults":2`}, excludes: []string{`"displayName":"Editors"`}},
			step{method: "GET", path: "/?filter=" + escape(`not (userName pr)`), status: 200, contains: []string{`"totalResults":1`, "Editors"}},
			step{method: "GET", path: "/?filter=" + escape(`members[value eq "{ann}"] or emails[type eq "work"].value eq "x"`), status: 200, contains: []string{`"totalResults":1`, "Editors"}},
			step{method: "GET", path: "/?filter=" + escape(`userName sw "ann" and displayName pr`), status: 200, contains: []string{`"totalResults":0`}},
			refused(step{method: "GET", path: "/?filter=" + escape(`shoeSize eq "44"`)}, 400, "invalidFilter"),
			refused(step{method: "GET", path: "/?filter=" + escape(`userName is "44"`)}, 400, "invalidFilter"))},
	})
}
