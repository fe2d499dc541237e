package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestScratch(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	bare := connect(t, url)
	s.Apply(t.Context(), store.Mutation{Type: "Group", ID: "g", Doc: map[string]any{"displayName": "G"}, At: time.Now()})
	s.Apply(t.Context(), store.Mutation{Type: "Group", ID: "h", Doc: map[string]any{"displayName": "G"}, At: time.Now()})
	exec(t, bare, `INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, doc, search)
				SELECT 'u' || n, 'User', 1, 0, 0, 'm' || n,
				jsonb_build_object('userName', 'm' || n), '{}' FROM generate_series(1, 100000) n`)
	exec(t, bare, `VACUUM ANALYZE`)
	n := 0
	run := func(name string, workers, each int, group func(w int) string) {
		var wg sync.WaitGroup
		begin := time.Now()
		for w := range workers {
			base := n
			n += each
			wg.Go(func() {
				for i := range each {
					_, err := s.Apply(t.Context(), store.Mutation{Operation: store.Update, Type: "Group", ID: group(w), At: time.Now(), Members: []store.MemberChange{{IDs: []string{fmt.Sprint("u", base+i+1)}}}})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		t.Logf("%s: %v per op", name, time.Since(begin)/time.Duration(workers*each))
	}
	g := func(int) string { return "g" }
	run("1 worker", 1, 100, g)
	run("1 worker", 1, 100, g)
	run("2 workers same", 2, 100, g)
	run("4 workers same", 4, 50, g)
	run("2 workers other", 2, 100, func(w int) string { return []string{"g", "h"}[w] })
	run("1 worker", 1, 100, g)
}
