package server_test

import (
	"slices"
	"strings"
	"testing"
)

// found expects a filter to select exactly the named users of people.
func found(filter string, users ...string) step {
	st := step{method: "GET", path: "/Users?filter=" + escape(filter), status: 200}
	st.contains = []string{`"totalResults":` + string(rune('0'+len(users)))}
	for _, user := range users {
		st.contains = append(st.contains, `"userName":"`+user+`"`)
	}
	return st
}

func escape(filter string) string {
	return strings.NewReplacer(" ", "+", "#", "%23", "&", "%26", "+", "%2B", "%", "%25", `"`, "%22").Replace(filter)
}

func badFilter(filter string) step {
	return step{method: "GET", path: "/Users?filter=" + escape(filter), status: 400, contains: []string{`"scimType":"invalidFilter"`}}
}

var people = []step{
	post("/Users", "a", `{"userName":"Anna","externalId":"E1","title":"50%","active":true,
		"emails":[{"type":"work","value":"anna@x.com"},{"type":"home","value":"anna@home.org"}],"roles":[{"primary":"True","value":"editor"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}}`),
	post("/Users", "b", `{"userName":"bert#ext#@x","externalId":"e1","active":"False","emails":[{"type":"home","value":"bert@x.com"}],"title":"500",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"{a}"}}}`),
}

func TestFilter(t *testing.T) {
	cases := map[string][]step{
		"F-4 userName ignores case, externalId and id do not": {
			found(`userName eq "ANNA"`, "Anna"), found(`externalId eq "e1"`, "bert#ext#@x"), found(`id eq "{a}"`, "Anna"), found(`id eq "{b}X"`)},
		"E-3 special characters in a value":                    {found(`userName eq "bert#EXT#@x"`, "bert#ext#@x")},
		"F-1 a value path followed by a sub-attribute":         {found(`emails[type eq "work"].value eq "ANNA@x.com"`, "Anna"), found(`emails[type eq "work"].value eq "bert@x.com"`)},
		"F-1 a value path followed by pr":                      {found(`emails[type eq "work"].value pr`, "Anna")},
		"F-2 and binds closer than or, and parentheses closer": {found(`userName eq "Anna" or active eq false and title eq "x"`, "Anna"), found(`(userName eq "Anna" or active eq false) and title eq "x"`)},
		"F-3 not needs parentheses":                            {found(`not (userName eq "anna")`, "bert#ext#@x"), badFilter(`not userName eq "anna"`)},
		"F-5 ne is true of what is unassigned, pr is not":      {found(`nickName ne "x"`, "Anna", "bert#ext#@x"), found(`department pr`, "Anna"), found(`nickName pr`)},
		"F-6 order of strings and times":                       {found(`userName gt "b"`, "bert#ext#@x"), found(`meta.created gt "2001-01-01T00:00:00+02:00"`, "Anna", "bert#ext#@x"), badFilter(`active gt true`)},
		"F-7 co on a boolean is refused":                       {badFilter(`active co "t"`), badFilter(`meta.created sw "2"`)},
		"F-8 wildcards are literal":                            {found(`title sw "50%"`, "Anna"), found(`title co "_"`)},
		"F-9 a multi-valued attribute means its value":         {found(`emails co "HOME.ORG"`, "Anna"), found(`manager eq "{a}"`, "bert#ext#@x")},
		"F-10 both terms of a value path hold for one element": {found(`emails[type eq "work" and value co "home"]`), found(`emails.type eq "work" and emails.value co "home"`, "Anna")},
		"F-11 eq null":                       {found(`department eq null`, "bert#ext#@x"), found(`department ne null`, "Anna"), found(`nickName eq ""`)},
		"F-12 boolean strings":               {found(`active eq "False"`, "bert#ext#@x"), found(`active eq true`, "Anna"), found(`roles[primary eq "True"]`, "Anna")},
		"F-14 JSON escapes in a value":       {found(`userName eq "\u0061nna"`, "Anna"), badFilter(`userName eq "\x"`)},
		"F-15 bare words":                    {found(`userName sw a`, "Anna"), found(`externalId eq E1`, "Anna")},
		"F-16 unknown operator or attribute": {badFilter(`userName is "x"`), badFilter(`shoeSize eq "x"`), badFilter(`password eq "x"`), badFilter(`emails.nope eq "x"`)},
		"F-17 schemas and resource type":     {found(`schemas eq "`+enterprise+`"`, "Anna", "bert#ext#@x"), found(`meta.resourceType eq "User"`, "Anna", "bert#ext#@x")},
		"F-18 E-4 reference checks":          {found(`id eq "{b}" and manager eq "{a}"`, "bert#ext#@x"), found(`id eq "{a}" and manager eq "{a}"`)},
		"F-19 E-1 no match is 200 with nothing": {
			{method: "GET", path: `/Users?filter=userName+eq+%22x%22`, status: 200, contains: []string{`"totalResults":0`, `"Resources":[]`}},
			{method: "GET", path: `/Groups/?excludedAttributes=members&filter=displayName+eq+%22x%22`, status: 200, contains: []string{`"totalResults":0`}}},
		"F-20 limits and nonsense": {badFilter(strings.Repeat("(", 2000)), badFilter("" + strings.Repeat("a", 5000)), badFilter(`userName eq`),
			badFilter(`userName eq "x`), badFilter(`and`), badFilter(`userName`), badFilter(`userName eq "x" extra`), badFilter(`emails[type eq "work"`)},
		"S-26 URN notation": {found(enterprise+`:department eq "sales"`, "Anna"), found(`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna"`, "Anna"),
			found(`URN:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User:manager.value eq "{a}"`, "bert#ext#@x")},
	}
	for name, steps := range cases {
		runScenarios(t, []scenario{{name: name, steps: append(slices.Clip(people), steps...)}})
	}
}

func TestFilterOnMembership(t *testing.T) {
	other := post("/Groups", "other", `{"displayName":"Other"}`)
	one := []string{`"totalResults":1`, `"id":"{group}"`}
	runScenarios(t, []scenario{
		{name: "F-18 E-4 groups are found by their members", steps: []step{ann, bob, group, other,
			{method: "GET", path: `/Groups?filter=id+eq+"{group}"+and+members+eq+"{ann}"&attributes=id`, status: 200, contains: one, excludes: []string{"displayName"}},
			{method: "GET", path: `/Groups?filter=members.value+eq+"{ann}"`, status: 200, contains: one},
			{method: "GET", path: `/Groups?filter=members[value+eq+"{ann}"+and+type+eq+"User"]`, status: 200, contains: one},
			{method: "GET", path: `/Groups?filter=not+(members+pr)`, status: 200, contains: []string{`"totalResults":1`, `"id":"{other}"`}}}},
		{name: "F-18 users are found by their groups", steps: []step{ann, bob, group,
			post("/Users", "carl", `{"userName":"carl"}`),
			{method: "GET", path: `/Users?filter=groups.value+eq+"{group}"`, status: 200, contains: []string{`"totalResults":2`}},
			{method: "GET", path: `/Users?filter=groups.display+eq+"editors"`, status: 200, contains: []string{`"totalResults":2`}}}},
	})
}

func TestProjectionAndPaging(t *testing.T) {
	full := post("/Users", "ann", `{"userName":"ann","title":"T","name":{"givenName":"G","familyName":"F"},"emails":[{"type":"work","value":"a@x"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","costCenter":"C"}}`)
	get := func(query string, contains []string, excludes ...string) step {
		return step{method: "GET", path: "/Users/{ann}?" + query, status: 200, contains: contains, excludes: excludes}
	}
	runScenarios(t, []scenario{
		{name: "Q-2 both parameters are refused", steps: []step{full, refused(get("attributes=title&excludedAttributes=title", nil), 400, "invalidValue")}},
		{name: "Q-3 attributes names what is returned besides id and schemas", steps: []step{full,
			get("attributes=userName", []string{`"id"`, `"schemas"`, `"userName"`}, "meta", "title", "emails"),
			get("attributes=emails.type,name", []string{`"emails":[{"type":"work"}]`, `"name":{"familyName":"F","givenName":"G"}`}, "a@x"),
			get("attributes=meta", []string{`"meta"`}, "userName")}},
		{name: "Q-4 excludedAttributes cannot remove what is always returned", steps: []step{full,
			get("excludedAttributes=id,schemas,title,name.givenName", []string{`"id"`, `"schemas"`, `"name":{"familyName":"F"}`}, `"title"`)}},
		{name: "Q-5 names with URN in any case, whole schemas, and unknown names", steps: []step{full,
			get("Attributes="+strings.ToUpper(enterprise)+":Department,nope", []string{`{"department":"D"}`}, "userName", "costCenter"),
			get("attributes="+enterprise, []string{`{"costCenter":"C","department":"D"}`}, "userName"),
			get("excludedAttributes="+enterprise, []string{`"userName"`}, "department")}},
		{name: "Q-6 a filter in attributes is ignored", steps: []step{full, get("attributes=emails[type+eq+%22work%22]", []string{`"emails"`}, "userName")}},
		{name: "Q-1 attributes apply to POST and PUT answers", steps: []step{full,
			{method: "POST", path: "/Users?attributes=userName", body: `{"userName":"b","title":"T"}`, status: 201, excludes: []string{"title"}},
			{method: "PUT", path: "/Users/{ann}?attributes=userName", body: `{"userName":"ann","title":"T2"}`, status: 200, excludes: []string{"title"}}}},
		{name: "G-8 attributes=members.value returns only values", steps: []step{ann, bob, group,
			{method: "GET", path: "/Groups/{group}?attributes=members.value", status: 200, contains: []string{`"members":[{"value":"{ann}"},{"value":"{bob}"}]`}},
			{method: "GET", path: "/Groups/{group}?excludedAttributes=members", status: 200, excludes: []string{"members"}}}},
		{name: "Q-11 Q-12 Q-13 Q-14 Q-16 pages", steps: []step{ann, bob, post("/Users", "carl", `{"userName":"carl"}`),
			{method: "GET", path: "/Users?startIndex=2&count=1", status: 200, contains: []string{`"itemsPerPage":1`, `"startIndex":2`, `"totalResults":3`, "bob@"}, excludes: []string{"carl", "ann@"}},
			{method: "GET", path: "/Users?startindex=0&COUNT=2", status: 200, contains: []string{`"itemsPerPage":2`, `"startIndex":1`, "ann@", "bob@"}},
			{method: "GET", path: "/Users?count=0", status: 200, contains: []string{`"itemsPerPage":0`, `"totalResults":3`}},
			{method: "GET", path: "/Users?count=-1", status: 200, contains: []string{`"itemsPerPage":0`}},
			{method: "GET", path: "/Users?startIndex=9", status: 200, contains: []string{`"Resources":[]`, `"startIndex":9`, `"totalResults":3`}},
			{method: "GET", path: "/Users?count=x", status: 400, contains: []string{"invalidValue"}},
			{method: "GET", path: "/Users?count=2&startIndex=2&filter=userName+pr", status: 200, contains: []string{`"itemsPerPage":2`, `"totalResults":3`, "bob@", "carl"}, excludes: []string{"ann@"}}}},
		{name: "E-10 unknown query parameters are ignored", steps: []step{ann,
			{method: "GET", path: "/Users?aadOptscim062020", status: 200, contains: []string{`"totalResults":1`}}}},
	})
}

// TestNoParameterIsLost holds that a query that cannot be read is refused: a filter that counted as absent would answer
// everybody, and the caller would match the first of them.
func TestNoParameterIsLost(t *testing.T) {
	lost := func(path, scimType string) step {
		return refused(step{method: "GET", path: path}, 400, scimType).without("Resources", "ann@", "members")
	}
	semicolon := post("/Users", "semicolon", `{"userName":"some;body"}`)
	runScenarios(t, []scenario{
		{name: "E-3 a semicolon in a filter's value needs no escape", steps: []step{ann,
			{method: "GET", path: "/Users?filter=userName+eq+%22some;body%22", status: 200, contains: []string{`"totalResults":0`}, excludes: []string{"ann@"}},
			semicolon,
			{method: "GET", path: "/Users?filter=userName+eq+%22some;body%22", status: 200, contains: []string{`"totalResults":1`, "some;body"}, excludes: []string{"ann@"}},
			{method: "GET", path: "/Users?filter=userName+eq+%22some%3Bbody%22&count=1", status: 200, contains: []string{`"totalResults":1`, "some;body"}}}},
		{name: "a semicolon in a filter's value leaves the other parameters", steps: []step{ann, bob, group,
			{method: "GET", path: "/Groups?excludedAttributes=members&filter=displayName+ne+%22a;b%22", status: 200, contains: []string{"Editors"}, excludes: []string{"members"}},
			{method: "GET", path: "/Groups?attributes=id&filter=displayName+ne+%22a;b%22", status: 200, contains: []string{"{group}"}, excludes: []string{"Editors"}},
			{method: "GET", path: "/Users?startIndex=2&filter=userName+ne+%22a;b%22", status: 200, contains: []string{"bob@"}, excludes: []string{"ann@"}},
			{method: "GET", path: "/Users?count=1&filter=userName+ne+%22a;b%22", status: 200, contains: []string{"ann@"}, excludes: []string{"bob@"}}}},
		{name: "a semicolon separates no parameters and is refused where no value has one", steps: []step{ann, bob, group,
			lost("/Users?attributes=userName;filter=userName+eq+%22x%22", "invalidValue"),
			lost("/Users?aadOptscim062020;filter=userName+eq+%22x%22", "invalidValue"),
			lost("/Groups/{group}?excludedAttributes=members;count=1", "invalidValue"),
			lost("/Users?startIndex=2;count=1", "invalidValue"),
			lost("/Users?count=1;startIndex=2", "invalidValue")}},
		{name: "filter with a broken escape is refused", steps: []step{ann,
			lost("/Users?filter=userName+eq+%2250%%22", "invalidFilter"),
			lost("/Users?filter=userName+eq+%22a%zz%22", "invalidFilter"),
			lost("/Users?FILTER=userName+eq+%22a%22%", "invalidFilter"),
			lost("/Users?filter=userName+eq+%22%FF%22", "invalidFilter"),
			lost("/Users?filter%=userName+eq+%22a%22", "invalidValue")}},
		{name: "excludedAttributes with a broken escape is refused", steps: []step{ann, bob, group,
			lost("/Groups/{group}?excludedAttributes=members%", "invalidValue"),
			lost("/Groups?excludedAttributes=members,%zz", "invalidValue")}},
		{name: "attributes with a broken escape is refused", steps: []step{ann,
			lost("/Users/{ann}?attributes=id%", "invalidValue"),
			refused(step{method: "PATCH", path: "/Users/{ann}?attributes=id%", body: `{"Operations":[{"op":"replace","path":"title","value":"T"}]}`}, 400, "invalidValue"),
			{method: "GET", path: "/Users/{ann}", status: 200, excludes: []string{"title"}}}},
		{name: "startIndex with a broken escape is refused", steps: []step{ann, lost("/Users?startIndex=2%", "invalidValue")}},
		{name: "count with a broken escape is refused", steps: []step{ann, lost("/Users?count=%0", "invalidValue")}},
		{name: "H-6 filter given twice in any spelling is refused", steps: []step{ann,
			lost("/Users?filter=userName+eq+%22x%22&filter=userName+pr", "invalidFilter"),
			lost("/Users?filter=userName+pr&Filter=userName+eq+%22x%22", "invalidFilter"),
			lost("/Users?filter=userName+pr&%66ilter=userName+pr", "invalidFilter")}},
		{name: "H-6 excludedAttributes given twice is refused", steps: []step{ann, bob, group,
			lost("/Groups/{group}?excludedAttributes=meta&excludedattributes=members", "invalidValue")}},
		{name: "H-6 attributes given twice is refused", steps: []step{ann, lost("/Users/{ann}?attributes=userName&Attributes=id", "invalidValue")}},
		{name: "H-6 startIndex given twice is refused", steps: []step{ann, lost("/Users?startIndex=1&startindex=2", "invalidValue")}},
		{name: "H-6 count given twice is refused", steps: []step{ann, lost("/Users?count=10&COUNT=0", "invalidValue")}},
		{name: "an empty filter is refused", steps: []step{ann,
			lost("/Users?filter=", "invalidFilter"), lost("/Users?filter", "invalidFilter"), lost("/Users?filter=+", "invalidFilter"),
			lost("/Groups?count=1&FILTER=", "invalidFilter"),
			{method: "GET", path: "/Schemas?filter=", status: 403}}},
		{name: "X-3 a query that cannot be read says nothing without a token", steps: []step{
			{method: "GET", path: "/Users?filter=%", header: map[string]string{"Authorization": "none"}, status: 401}}},
		{name: "E-10 empty parts and unknown parameters, even repeated, are ignored", steps: []step{ann,
			{method: "GET", path: "/Users?&aadOptscim062020&&x=1&x=2&", status: 200, contains: []string{`"totalResults":1`}}}},
	})
}
