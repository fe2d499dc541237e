package postgres

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestZZ(t *testing.T) {
	url := pgtest.Database(t)
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, _ := pgx.Connect(t.Context(), url)
	ctx := context.Background()
	for round := range 100 {
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for range 3 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						s.Horizon(ctx)
					}
				}
			})
		}
		var ww sync.WaitGroup
		for w := range 4 {
			ww.Go(func() {
				for n := range 3 {
					id := fmt.Sprintf("r%d-%d-%d", round, w, n)
					s.Apply(ctx, store.Mutation{Operation: store.Create, Type: "User", ID: id, Doc: map[string]any{"userName": id}, Change: store.Change{Event: "create"}})
				}
			})
		}
		ww.Wait()
		close(stop)
		wg.Wait()
		for range 3 {
			h, err := s.Horizon(ctx)
			st := s.horizon.Load()
			var max, last int64
			c.QueryRow(ctx, `SELECT max(sequence), (select last_value from change_sequence) FROM changes`).Scan(&max, &last)
			if h != max {
				var a, b int64
				var ok bool
				e2 := c.QueryRow(ctx, findHorizon, st.drawn).Scan(&a, &ok, &b)
				var a3, b3 int64
				e3 := c.QueryRow(ctx, findHorizon, -1).Scan(&a3, &ok, &b3)
				t.Errorf("round %d horizon %d err %v max %d last %d state %+v; manual %v %v %v %v; from -1: %v %v %v %v", round, h, err, max, last, *st, a, ok, b, e2, a3, ok, b3, e3)
			}
		}
		if t.Failed() {
			return
		}
	}
}
