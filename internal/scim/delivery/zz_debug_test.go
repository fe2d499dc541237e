package delivery_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestZZ(t *testing.T) {
	url := pgtest.Database(t)
	i := newReplica(t, url)
	c, _ := pgx.Connect(t.Context(), url)
	for round := range 200 {
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for range 3 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						i.store.Horizon(t.Context())
					}
				}
			})
		}
		var ww sync.WaitGroup
		for w := range 4 {
			ww.Go(func() {
				for n := range 3 {
					i.create(fmt.Sprintf("r%d-%d-%d", round, w, n))
				}
			})
		}
		ww.Wait()
		close(stop)
		wg.Wait()
		var h int64
		for range 3 {
			h, _ = i.store.Horizon(t.Context())
		}
		var max, last int64
		c.QueryRow(t.Context(), `SELECT max(sequence), (select last_value from change_sequence) FROM changes`).Scan(&max, &last)
		if h != max {
			rows, _ := c.Query(t.Context(), `SELECT format('%s %s %s %s %s %s', pid, database, classid, objid, objsubid, 'change_sequence'::regclass::oid) FROM pg_locks WHERE locktype='advisory'`)
			l, _ := pgx.CollectRows(rows, pgx.RowTo[string])
			t.Fatalf("round %d at %v: horizon %d max %d last %d locks %v", round, time.Now(), h, max, last, l)
		}
	}
}
