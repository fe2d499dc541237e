package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/storetest"
)

func userMutation(id string) store.Mutation {
	return store.Mutation{
		Operation: store.Create, Type: schema.User, ID: id, Doc: map[string]any{"userName": id},
		Change: store.Change{Event: store.EventCreate},
	}
}

// load writes and reads until it is stopped, and remembers what was acknowledged.
type load struct {
	store        *postgres.Store
	acknowledged sync.Map
	writes       atomic.Int64
	unavailable  atomic.Int64
}

func (l *load) run(t *testing.T, ctx context.Context, worker int) { //nolint:revive // the test comes first
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("u-%d-%d", worker, n)
		_, err := l.store.Apply(t.Context(), userMutation(id))
		switch {
		case err == nil:
			l.acknowledged.Store(id, true)
			l.writes.Add(1)
		case errors.Is(err, store.ErrUnavailable):
			l.unavailable.Add(1)
		default:
			t.Errorf("writing: %v", err)
		}
		_, err = l.store.Get(t.Context(), schema.User, id, store.Want{Groups: true})
		if err != nil && !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("reading: %v", err)
		}
	}
}

// until waits for so many more writes.
func (l *load) until(more int64) {
	for begin := l.writes.Load(); l.writes.Load() < begin+more; {
		if _, err := l.store.Identity(context.Background()); err != nil {
			continue
		}
	}
}

func TestARestartOfTheServerIsSurvived(t *testing.T) {
	for _, mode := range []string{"fast", "immediate"} {
		t.Run(mode, func(t *testing.T) {
			server := pgtest.NewServer(t)
			l := &load{store: open(t, server.Database(t))}
			ctx, stop := context.WithCancel(t.Context())
			var workers sync.WaitGroup
			for worker := range 4 {
				workers.Go(func() { l.run(t, ctx, worker) })
			}
			l.until(50)
			if err := errors.Join(server.Stop(mode), server.Start()); err != nil {
				t.Fatal(err)
			}
			l.until(50)
			stop()
			workers.Wait()
			if l.unavailable.Load() == 0 {
				t.Error("nothing was refused while the server was down")
			}
			l.acknowledged.Range(func(id, _ any) bool {
				if _, err := l.store.Get(t.Context(), schema.User, id.(string), store.Want{}); err != nil {
					t.Errorf("%s was acknowledged: %v", id, err)
				}
				return true
			})
		})
	}
}

func TestAServerThatIsDownIsUnavailable(t *testing.T) {
	server := pgtest.NewServer(t)
	url := server.Database(t)
	s := open(t, url)
	if err := server.Stop("fast"); err != nil {
		t.Fatal(err)
	}
	_, get := s.Get(t.Context(), schema.User, "u", store.Want{})
	_, list := s.List(t.Context(), store.Query{Select: []store.Selection{{Type: userSchema(t)}}, Limit: 1})
	_, apply := s.Apply(t.Context(), userMutation("u"))
	_, horizon := s.Horizon(t.Context())
	_, identity := s.Identity(t.Context())
	_, opened := postgres.Open(t.Context(), url)
	for name, err := range map[string]error{
		"get": get, "list": list, "apply": apply, "horizon": horizon, "identity": identity, "ready": s.Ready(t.Context()), "open": opened,
		"view":  s.View(t.Context(), func(store.Reader) error { return nil }),
		"erase": s.Erase(t.Context(), "u", store.Mutation{}),
	} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: error %v, want that the store is unavailable", name, err)
		}
	}
}

func TestASessionThatIsEndedIsUnavailableOnce(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	if _, err := s.Apply(t.Context(), userMutation("u")); err != nil {
		t.Fatal(err)
	}
	// As an administrator does it, or a server that goes into standby.
	exec(t, connect(t, url), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'scim-endpoint'`)
	var err error
	for range 2 {
		if _, err = s.Get(t.Context(), schema.User, "u", store.Want{}); err == nil {
			break
		}
		if !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("error %v, want that the store is unavailable", err)
		}
	}
	if err != nil {
		t.Errorf("the store does not recover: %v", err)
	}
}

func TestAStatementThatTakesTooLongIsUnavailable(t *testing.T) {
	url := pgtest.Database(t)
	if _, err := open(t, url).Apply(t.Context(), userMutation("u")); err != nil {
		t.Fatal(err)
	}
	s := open(t, url+"&statement_timeout=200")
	tx, err := connect(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // the test has ended
	if _, err := tx.Exec(t.Context(), `SELECT FROM resources FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	m := userMutation("u")
	m.Operation, m.Doc = store.Update, map[string]any{"userName": "v"}
	if _, err := s.Apply(t.Context(), m); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want that the store is unavailable", err)
	}
}

func TestKill(t *testing.T) {
	storetest.Kill(t, func() string { return pgtest.Database(t) }, func(ctx context.Context, url string) (store.Store, error) {
		if err := pgtest.AwaitNobody(ctx, url); err != nil { // the server may still commit what the killed process asked for
			return nil, err
		}
		return postgres.Open(ctx, url)
	})
}
