package server_test

import "testing"

// inOrder expects the userNames in that order.
func inOrder(path string, names ...string) step {
	st := step{method: "GET", path: path, status: 200}
	for _, name := range names {
		st.order = append(st.order, `"userName":"`+name+`"`)
	}
	return st
}

func TestSort(t *testing.T) {
	sortable := []step{
		post("/Users", "a", `{"userName":"Zoe","title":"b","emails":[{"value":"c@x"},{"value":"a@x","primary":true}]}`),
		post("/Users", "b", `{"userName":"adam","title":"A","emails":[{"value":"b@x"}],"externalId":"B"}`),
		post("/Users", "c", `{"userName":"Bob","externalId":"a"}`),
		post("/Users", "d", `{"userName":"carl","title":"b"}`),
	}
	with := func(steps ...step) []step { return append(append([]step{}, sortable...), steps...) }
	runScenarios(t, []scenario{
		{name: "Q-8 by the case rule of the attribute, ascending unless said", steps: with(
			inOrder("/Users?sortBy=userName", "adam", "Bob", "carl", "Zoe"),
			inOrder("/Users?sortBy=userName&sortOrder=descending", "Zoe", "carl", "Bob", "adam"),
			inOrder("/Users?sortBy=externalId", "adam", "Bob"))},
		{name: "Q-8 a multi-valued attribute sorts by its primary value, else its first", steps: with(
			inOrder("/Users?sortBy=emails", "Zoe", "adam", "Bob", "carl"),
			inOrder("/Users?sortBy=emails.value&sortOrder=DESCENDING", "Bob", "carl", "adam", "Zoe"))},
		{name: "Q-9 missing values are last when ascending and first when descending", steps: with(
			inOrder("/Users?sortBy=title", "adam", "Zoe", "carl", "Bob"),
			inOrder("/Users?sortBy=title&sortOrder=descending", "Bob", "Zoe"))},
		{name: "Q-10 pages of equal values do not overlap", steps: with(
			inOrder("/Users?sortBy=active&count=2", "Zoe", "adam").without("Bob", "carl"),
			inOrder("/Users?sortBy=active&count=2&startIndex=3", "Bob", "carl").without("Zoe", "adam"))},
		{name: "Q-10 what cannot be sorted by is refused", steps: with(
			refused(step{method: "GET", path: "/Users?sortBy=shoeSize"}, 400, "invalidValue"),
			refused(step{method: "GET", path: "/Users?sortBy=name"}, 400, "invalidValue"),
			refused(step{method: "GET", path: "/Users?sortBy=password"}, 400, "invalidValue"),
			refused(step{method: "GET", path: "/Users?sortBy=userName&sortOrder=sideways"}, 400, "invalidValue"))},
		{name: "Q-8 the root sorts over the types", steps: with(
			post("/Groups", "g", `{"displayName":"Group"}`),
			step{method: "GET", path: "/?filter=meta.resourceType+pr&sortBy=userName", status: 200,
				order: []string{"adam", "Bob", "carl", "Zoe", "Group"}, contains: []string{`"totalResults":5`}})},
		{name: "Q-15 without sortBy the order is that of creation", steps: with(inOrder("/Users", "Zoe", "adam", "Bob", "carl"))},
	})
}
