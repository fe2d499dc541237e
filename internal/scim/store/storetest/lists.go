package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var listTests = map[string]func(suite){
	"Q-15 pages come in the order of creation":                    pages,
	"Q-14 a page behind the end is empty and has a total":         pageBehindTheEnd,
	"a page tells whether there is a next one":                    nextPage,
	"a page brings along what is wanted":                          pageWants,
	"the root lists several types in one order":                   root,
	"Q-9 missing values come last, or first when descending":      sortMissing,
	"Q-8 a list sorts by its primary element, else its first":     sortMultiValued,
	"Q-31 a walk while others come and go meets each survivor":    walkWhileChanging,
	"keys follow a changed document":                              keysFollow,
	"filters on derived attributes read what others are now":      derived,
	"F-8 wildcards are literal":                                   wildcards,
	"K-6 meta times compare as instants, finer than milliseconds": metaTimes,
}

// filtered returns the ids of those that a filter selects.
func (s suite) filtered(resourceType, text string) []string {
	s.Helper()
	rt, other := types(s)
	if resourceType == schema.Group {
		rt = other
	}
	e, err := filter.Parse(rt, dialect.Entra, text)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	page := s.page(store.Query{Select: []store.Selection{{Type: rt, Filter: e}}, Total: true, BaseURL: baseURL})
	if page.Total != len(page.Resources) {
		s.Errorf("%s: a total of %d with %d resources", text, page.Total, len(page.Resources))
	}
	return idsOf(page)
}

const baseURL = "https://scim.example.com/scim/v2"

func pages(s suite) {
	for i := range 5 {
		s.apply(user(fmt.Sprintf("u%d", 9-i), fmt.Sprint(i)))
	}
	q := s.users()
	q.Limit, q.Total = 2, true
	for offset, want := range map[int][]string{0: {"u9", "u8"}, 3: {"u6", "u5"}, 4: {"u5"}, 9: {}} {
		q.Offset = offset
		page := s.page(q)
		s.equal(idsOf(page), want)
		s.equal(page.Total, 5)
	}
}

func pageBehindTheEnd(s suite) {
	s.apply(user("u", "a"))
	q := s.users()
	q.Limit, q.Offset, q.Total = 10, 1, true
	s.equal(s.page(q), store.Page{Total: 1})
	q.Limit, q.Offset = 0, 0
	page, err := s.store.List(s.ctx, q)
	s.wantError(err, nil)
	s.equal(page, store.Page{Total: 1})
	q.Total = false
	page, err = s.store.List(s.ctx, q)
	s.wantError(err, nil)
	s.equal(page, store.Page{})
}

func nextPage(s suite) {
	s.apply(user("u1", "a"), user("u2", "b"), user("u3", "c"))
	q := s.users()
	q.Limit = 2
	first := s.page(q)
	s.equal(first.Next, &store.Place{Position: s.get(schema.User, "u2").Position})
	q.After = first.Next
	second := s.page(q)
	s.equal(idsOf(second), []string{"u3"})
	s.equal(second.Next, (*store.Place)(nil))
	q.After, q.Limit = nil, 3
	s.equal(s.page(q).Next, (*store.Place)(nil))
}

func pageWants(s suite) {
	boss := user("boss", "boss")
	boss.Doc["displayName"] = "Boss"
	ann := user("ann", "ann")
	ann.Doc[schema.EnterpriseUserURN] = object{"manager": object{"value": "boss"}}
	bob := user("bob", "bob")
	bob.Doc[schema.EnterpriseUserURN] = object{"manager": object{"value": "g"}}
	s.apply(boss, group("g", "G", "boss"), ann, bob, group("h", "H", "ann", "boss"))
	q := s.users()
	q.Want = store.Want{Groups: true, Manager: true}
	g, h := store.Ref{ID: "g", Type: schema.Group, Display: "G"}, store.Ref{ID: "h", Type: schema.Group, Display: "H"}
	want := map[string]store.Resource{
		"boss": {Groups: []store.Ref{g, h}}, "ann": {Groups: []store.Ref{h}, Manager: &store.Ref{ID: "boss", Type: schema.User, Display: "Boss"}}, "bob": {},
	}
	for _, resource := range s.page(q).Resources {
		s.equal(resource.Groups, want[resource.ID].Groups)
		s.equal(resource.Manager, want[resource.ID].Manager)
	}
}

func root(s suite) {
	s.apply(user("u1", "b"), group("g1", "x"), user("u2", "a"), group("g2", "y"))
	q := s.everything()
	q.Limit, q.Total = 3, true
	page := s.page(q)
	s.equal(idsOf(page), []string{"u1", "g1", "u2"})
	s.equal(page.Total, 4)
	q.After = page.Next
	s.equal(idsOf(s.page(q)), []string{"g2"})
	q.After, q.Sorted, q.Limit = nil, true, 100
	q.Select[0].SortBy = s.userPath("userName")
	s.equal(idsOf(s.page(q)), []string{"u2", "u1", "g1", "g2"})
}

func (s suite) userPath(notation string) schema.Path {
	s.Helper()
	rt, _ := types(s)
	path, err := rt.Resolve(notation, true)
	if err != nil {
		s.Fatal(err)
	}
	return path
}

// sorted returns the ids in order, read in pages of two.
func (s suite) sorted(notation string, descending bool) []string {
	s.Helper()
	q := s.users()
	q.Select[0].SortBy, q.Sorted, q.Descending = s.userPath(notation), true, descending
	return s.walk(q, 2)
}

// walk follows the places from page to page, as a cursor does: through JSON.
func (s suite) walk(q store.Query, limit int) []string {
	s.Helper()
	ids := []string{}
	q.Limit = limit
	for {
		page := s.page(q)
		ids = append(ids, idsOf(page)...)
		if page.Next == nil {
			return ids
		}
		q.After = s.throughJSON(*page.Next)
	}
}

func (s suite) throughJSON(p store.Place) *store.Place {
	s.Helper()
	content, err := json.Marshal(p)
	if err != nil {
		s.Fatal(err)
	}
	var decoded store.Place
	if err := json.Unmarshal(content, &decoded); err != nil {
		s.Fatal(err)
	}
	return &decoded
}

func sortMissing(s suite) {
	for i, title := range []string{"b", "", "C", "a", ""} {
		m := user(fmt.Sprintf("u%d", i), fmt.Sprint(i))
		if title != "" {
			m.Doc["title"] = title
		}
		s.apply(m)
	}
	s.equal(s.sorted("title", false), []string{"u3", "u0", "u2", "u1", "u4"})
	s.equal(s.sorted("title", true), []string{"u1", "u4", "u2", "u0", "u3"})
}

func sortMultiValued(s suite) {
	emails := func(id string, elements ...any) store.Mutation {
		m := user(id, id)
		m.Doc["emails"] = elements
		return m
	}
	s.apply(
		emails("u1", object{"value": "a@x"}, object{"value": "D@x", "primary": true}),
		emails("u2", object{"value": "C@x"}, object{"value": "a@x"}),
		emails("u3", object{"value": "b@x", "primary": false}), user("u4", "u4"))
	s.equal(s.sorted("emails", false), []string{"u3", "u2", "u1", "u4"})
	s.equal(s.sorted("emails.value", true), []string{"u4", "u1", "u2", "u3"})
}

func walkWhileChanging(s suite) {
	const n = 60
	for i := range n {
		s.apply(user(fmt.Sprintf("u%02d", i), fmt.Sprintf("n%02d", i*37%n)))
	}
	for _, sorted := range []bool{false, true} {
		q := s.users()
		q.Limit, q.Sorted = 7, sorted
		if sorted {
			q.Select[0].SortBy = s.userPath("userName")
		}
		before := idsOf(s.page(s.users()))
		deleted, met := map[string]bool{}, map[string]int{}
		for step := 0; ; step++ {
			page := s.page(q)
			for _, id := range idsOf(page) {
				met[id]++
			}
			gone := before[step*5%len(before)]
			if !deleted[gone] {
				s.apply(remove(schema.User, gone))
				deleted[gone] = true
			}
			s.apply(user(fmt.Sprintf("new-%t-%d", sorted, step), fmt.Sprintf("n%02d-%t", step*11%n, sorted)))
			if page.Next == nil {
				break
			}
			q.After = s.throughJSON(*page.Next)
		}
		for _, id := range before {
			if !deleted[id] && met[id] != 1 || met[id] > 1 {
				s.Errorf("sorted %v: %s was met %d times", sorted, id, met[id])
			}
		}
	}
}

func keysFollow(s suite) {
	s.apply(create(schema.User, "u", object{
		"userName": "ann", "externalId": "e", "displayName": "A", "active": true,
		"emails": []any{object{"value": "Ann@X"}, object{"value": "ann@x"}}, schema.EnterpriseUserURN: object{"manager": object{"value": "m"}},
	}))
	terms := []string{`userName eq "ANN"`, `externalId eq "e"`, `displayName eq "a"`, `active eq true`, `emails eq "ann@x"`, `manager eq "m"`}
	for _, term := range terms {
		s.equal(s.filtered(schema.User, term), []string{"u"})
	}
	s.apply(update(schema.User, "u", object{"userName": "zoe"}))
	for _, term := range terms {
		s.equal(s.filtered(schema.User, term), []string{})
	}
	s.equal(s.filtered(schema.User, `userName eq "Zoe"`), []string{"u"})
}

func derived(s suite) {
	ann := user("ann", "ann")
	ann.Doc[schema.EnterpriseUserURN] = object{"manager": object{"value": "boss"}}
	s.apply(create(schema.User, "boss", object{"userName": "boss", "displayName": "The Boss"}), ann, group("g", "Editors", "ann"), group("h", "All", "g", "boss"))
	for text, want := range map[string][]string{
		`groups eq "g"`: {"ann"}, `groups.display eq "EDITORS"`: {"ann"}, `groups.type eq "direct"`: {"boss", "ann"}, `groups pr`: {"boss", "ann"},
		`groups[display eq "all" and value eq "g"]`: {}, `groups.$ref eq "` + baseURL + `/Groups/g"`: {"ann"}, `not (groups pr)`: {},
		`manager.displayName sw "the"`: {"ann"}, `manager.$ref eq "` + baseURL + `/Users/boss"`: {"ann"}, `manager[displayName eq "the boss"]`: {"ann"},
		`meta.location eq "` + baseURL + `/Users/ann"`: {"ann"}, `meta.resourceType eq "User"`: {"boss", "ann"}, `meta.version eq "W/\"1\""`: {"boss", "ann"},
		`schemas eq "` + schema.EnterpriseUserURN + `"`: {"ann"}, `schemas eq "` + schema.UserURN + `"`: {"boss", "ann"}, `id sw "b"`: {"boss"},
	} {
		s.equal(s.filtered(schema.User, text), want)
	}
	for text, want := range map[string][]string{
		`members eq "ann"`: {"g"}, `members.type eq "group"`: {"h"}, `members.display co "boss"`: {"h"}, `members[type eq "User" and value eq "boss"]`: {"h"},
		`members.$ref ew "/Users/ann"`: {"g"}, `members ne "ann"`: {"h"},
	} {
		s.equal(s.filtered(schema.Group, text), want)
	}
	s.apply(update(schema.User, "boss", object{"userName": "boss", "displayName": "New"}))
	s.equal(s.filtered(schema.User, `manager.displayName eq "new"`), []string{"ann"})
}

func wildcards(s suite) {
	for i, title := range []string{`100%`, `1000`, `a_b`, `axb`, `a\b`, `*`, `it's`, `"q"`} {
		m := user(fmt.Sprintf("u%d", i), fmt.Sprint(i))
		m.Doc["title"] = title
		s.apply(m)
	}
	for text, want := range map[string][]string{
		`title sw "100%"`: {"u0"}, `title co "%"`: {"u0"}, `title eq "a_b"`: {"u2"}, `title ew "_b"`: {"u2"}, `title co "\\"`: {"u4"}, `title sw "*"`: {"u5"},
		`title co "'"`: {"u6"}, `title ew "\""`: {"u7"}, `title ew "a longer text than any"`: {},
	} {
		s.equal(s.filtered(schema.User, text), want)
	}
}

func metaTimes(s suite) {
	early, late := user("early", "a"), user("late", "b")
	late.At = epoch.Add(time.Millisecond)
	s.apply(early, late)
	at := func(d time.Duration) string { return epoch.Add(d).Format(time.RFC3339Nano) }
	for text, want := range map[string][]string{
		`meta.created eq "` + at(0) + `"`: {"early"}, `meta.created ne "` + at(0) + `"`: {"late"}, `meta.created gt "` + at(0) + `"`: {"late"},
		`meta.created gt "` + at(1000) + `"`: {"late"}, `meta.created ge "` + at(1000) + `"`: {"late"}, `meta.created lt "` + at(1000) + `"`: {"early"},
		`meta.created eq "` + at(1000) + `"`: {}, `meta.created ne "` + at(1000) + `"`: {"early", "late"}, `meta.lastModified le "` + at(time.Millisecond) + `"`: {"early", "late"},
		`meta.created eq "2026-01-02T04:04:05.678+01:00"`: {"early"}, `meta.created lt "9999-12-31T23:59:59Z"`: {"early", "late"}, `meta.created gt "0001-01-01T00:00:00Z"`: {"early", "late"},
	} {
		s.equal(s.filtered(schema.User, text), want)
	}
}
