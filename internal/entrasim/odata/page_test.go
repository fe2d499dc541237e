package odata

import (
	"iter"
	"net/url"
	"testing"
)

// TestAPageMakesWhatItShows: of a large collection only the objects on the page are made, unless a filter has to see them.
func TestAPageMakesWhatItShows(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		made  int
		next  int
	}{
		"the first page":              {"$top=10", 10, 10},
		"a later page":                {"$top=10&$skiptoken=500", 10, 510},
		"the last page":               {"$top=10&$skiptoken=990", 10, 0},
		"a filter sees up to the end": {"$top=10&$filter=n+lt+20", 21, 10},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := Collection{}.ParseQuery(values, false)
			if err != nil {
				t.Fatal(err)
			}
			made := 0
			var all iter.Seq[Lazy] = func(yield func(Lazy) bool) {
				for i := range 1000 {
					if !yield(func() Object { made++; return Object{"n": float64(i)} }) {
						return
					}
				}
			}
			page, next, _ := q.Page(all)
			if len(page) != 10 || made > c.made || next != c.next {
				t.Errorf("%d objects on the page, %d made, next %d; want 10, at most %d and %d", len(page), made, next, c.made, c.next)
			}
		})
	}
}
