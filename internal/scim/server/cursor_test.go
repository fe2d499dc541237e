package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/server"
)

// page is a ListResponse.
type page struct {
	TotalResults int
	StartIndex   *int
	NextCursor   string
	Resources    []struct{ ID, UserName string }
}

func getPage(t *testing.T, e *running, path string) page {
	t.Helper()
	response, body := send(t, e, http.MethodGet, path, "", nil)
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v: %s", path, response.StatusCode, err, body)
	}
	return p
}

func createUsers(t *testing.T, e *running, prefix string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		response, body := send(t, e, http.MethodPost, "/Users", fmt.Sprintf(`{"userName":"%s%03d"}`, prefix, i), nil)
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("POST: %d %s", response.StatusCode, body)
		}
		ids[i] = idOf(t, body)
	}
	return ids
}

func TestQ21AWalkByCursorReturnsEachOnce(t *testing.T) {
	onBothStores(t, checkQ21AWalkByCursorReturnsEachOnce)
}

func checkQ21AWalkByCursorReturnsEachOnce(t *testing.T, e *running) {
	t.Helper()
	ids := createUsers(t, e, "u", 25)
	for name, query := range map[string]string{
		"in the order of creation": "count=10",
		"sorted":                   "count=10&sortBy=userName&sortOrder=descending",
		"filtered and projected":   "count=10&filter=userName+pr&attributes=userName",
		"sorted by what none has":  "count=10&sortBy=title",
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]int{}
			cursor, sizes := "", ""
			for {
				p := getPage(t, e, "/Users?"+query+"&cursor="+cursor)
				if p.StartIndex != nil || p.TotalResults != 25 {
					t.Errorf("startIndex %v, totalResults %d, want none and 25", p.StartIndex, p.TotalResults)
				}
				sizes += fmt.Sprint(len(p.Resources), " ")
				for _, r := range p.Resources {
					seen[r.ID]++
				}
				if cursor = p.NextCursor; cursor == "" {
					break
				}
				if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(cursor) {
					t.Errorf("Q-23 the cursor %q is not made of unreserved characters", cursor)
				}
			}
			if sizes != "10 10 5 " {
				t.Errorf("page sizes %s, want 10 10 5", sizes)
			}
			for _, id := range ids {
				if seen[id] != 1 {
					t.Errorf("%s was returned %d times", id, seen[id])
				}
			}
		})
	}
}

func TestCursorRules(t *testing.T) {
	var offset atomic.Int64
	e := start(t, func(o *server.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	})
	createUsers(t, e, "u", 3)
	first := getPage(t, e, "/Users?cursor&count=2&filter=userName+pr")
	next := url.QueryEscape(first.NextCursor)
	other := start(t)
	createUsers(t, other, "u", 3)
	foreign := getPage(t, other, "/Users?cursor=&count=2&filter=userName+pr").NextCursor
	get := func(query string) step { return step{method: "GET", path: "/Users?" + query} }
	good := get("cursor=" + next + "&count=2&filter=userName+pr")
	good.status, good.contains = 200, []string{"u002", `"itemsPerPage":1`}
	for name, st := range map[string]step{
		"Q-20 cursor and startIndex exclude each other":        refused(get("cursor&startIndex=1"), 400, "invalidValue"),
		"Q-21 the last page has no nextCursor":                 good.without("nextCursor", "previousCursor"),
		"Q-22 another filter":                                  refused(get("count=2&filter=userName+co+%22u%22&cursor="+next), 400, "invalidCursor"),
		"Q-22 no filter":                                       refused(get("count=2&cursor="+next), 400, "invalidCursor"),
		"Q-22 another count":                                   refused(get("count=1&filter=userName+pr&cursor="+next), 400, "invalidCursor"),
		"Q-22 a sort":                                          refused(get("count=2&filter=userName+pr&sortBy=userName&cursor="+next), 400, "invalidCursor"),
		"Q-22 other attributes":                                refused(get("count=2&filter=userName+pr&attributes=id&cursor="+next), 400, "invalidCursor"),
		"Q-22 another type":                                    refused(step{method: "GET", path: "/Groups?count=2&filter=id+pr&cursor=" + next}, 400, "invalidCursor"),
		"Q-24 every page is authorised":                        {method: "GET", path: good.path, header: map[string]string{"Authorization": "Bearer x"}, status: 401},
		"Q-25 a cursor of another store":                       refused(get("count=2&filter=userName+pr&cursor="+foreign), 400, "invalidCursor"),
		"Q-25 a changed cursor":                                refused(get("count=2&filter=userName+pr&cursor="+strings.Repeat("A", 4)+next[4:]), 400, "invalidCursor"),
		"Q-25 a malformed cursor":                              refused(get("count=2&filter=userName+pr&cursor=%21"), 400, "invalidCursor"),
		"Q-29 a count above the limit is reduced":              {method: "GET", path: "/Users?cursor&count=100000", status: 200, contains: []string{`"totalResults":3`}},
		"Q-30 a count that is no number":                       refused(get("cursor&count=x"), 400, "invalidCount"),
		"Q-30 a count of nothing":                              refused(get("cursor&count=0"), 400, "invalidCount"),
		"Q-27 without cursor the pages are by index":           {method: "GET", path: "/Users?count=2", status: 200, contains: []string{`"startIndex":1`}, excludes: []string{"nextCursor"}},
		"Q-28 .search takes cursor and count":                  {method: "POST", path: "/Users/.search", body: `{"cursor":"","count":2}`, status: 200, contains: []string{"nextCursor"}},
		"Q-28 .search goes on with the cursor of a GET":        {method: "POST", path: "/Users/.search", body: `{"cursor":"` + next + `","count":2,"filter":"userName pr"}`, status: 200, contains: []string{"u002"}},
		"Q-26 totalResults is what the first page counted":     {method: "GET", path: good.path, status: 200, contains: []string{`"totalResults":3`}},
		"Q-23 D-5 the provider configuration tells of cursors": {method: "GET", path: "/ServiceProviderConfig", status: 200, contains: []string{`"cursorTimeout":3600`, `"defaultPaginationMethod":"index"`}},
	} {
		t.Run(name, func(t *testing.T) { st.run(t, e, map[string]string{"base": e.URL}) })
	}
	offset.Store(int64(61 * time.Minute))
	t.Run("Q-25 an old cursor is expired", func(t *testing.T) {
		refused(good, 400, "expiredCursor").run(t, e, map[string]string{})
	})
}

// TestQ31Q18I19AWalkByCursorSkipsNobody deletes and inserts between the pages; Q-18 says that a walk by index would skip.
func TestQ31Q18I19AWalkByCursorSkipsNobody(t *testing.T) {
	onBothStores(t, checkQ31Q18I19AWalkByCursorSkipsNobody)
}

func checkQ31Q18I19AWalkByCursorSkipsNobody(t *testing.T, e *running) {
	t.Helper()
	ids := createUsers(t, e, "u", 60)
	seen := map[string]int{}
	cursor, deleted := "", 0
	for pages := 0; ; pages++ {
		p := getPage(t, e, "/Users?count=10&cursor="+cursor)
		for _, r := range p.Resources {
			seen[r.ID]++
		}
		if cursor = p.NextCursor; cursor == "" {
			break
		}
		for range 5 { // of those already walked past, which is what makes index paging skip
			if response, _ := send(t, e, http.MethodDelete, "/Users/"+ids[deleted], "", nil); response.StatusCode != http.StatusNoContent {
				t.Fatalf("DELETE: %d", response.StatusCode)
			}
			deleted++
		}
		if pages < 5 {
			createUsers(t, e, fmt.Sprintf("new%d-", pages), 5)
		}
	}
	for _, id := range ids {
		if seen[id] != 1 {
			t.Errorf("%s was returned %d times", id, seen[id])
		}
	}
}

func TestQ18AWalkByIndexSkipsByNature(t *testing.T) {
	e := start(t)
	ids := createUsers(t, e, "u", 20)
	first := getPage(t, e, "/Users?count=10")
	for _, id := range ids[:5] {
		send(t, e, http.MethodDelete, "/Users/"+id, "", nil)
	}
	second := getPage(t, e, "/Users?count=10&startIndex=11")
	if len(first.Resources) != 10 || len(second.Resources) != 5 || second.Resources[0].UserName != "u015" {
		t.Errorf("the second page begins with %v: five were to be skipped", second.Resources)
	}
}
