package postgres_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestOneReplicaLeadsAtATime(t *testing.T) {
	url := pgtest.Database(t)
	var leading, led atomic.Int32
	var replicas sync.WaitGroup
	for range 3 {
		s := open(t, url)
		replicas.Go(func() {
			err := s.Lead(t.Context(), func(ctx context.Context) error {
				if leading.Add(1) > 1 {
					t.Error("two replicas lead")
				}
				led.Add(1)
				_, err := s.OutboxStatus(ctx) // some work
				leading.Add(-1)
				return err
			})
			if err != nil {
				t.Errorf("leading: %v", err)
			}
		})
	}
	replicas.Wait()
	if led.Load() != 3 {
		t.Errorf("%d replicas have led, want each of 3 in its turn", led.Load())
	}
}

func TestAReplicaWhoseSessionEndsStopsLeadingAndAnotherTakesOver(t *testing.T) {
	url := pgtest.Database(t)
	first, second := open(t, url), open(t, url)
	leads, lost := make(chan struct{}), make(chan error, 1)
	go func() {
		lost <- first.Lead(t.Context(), func(ctx context.Context) error {
			close(leads)
			<-ctx.Done()
			return nil
		})
	}()
	<-leads
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.WithoutCancel(t.Context())) }()
	var ended int
	err = admin.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&ended)
	if err != nil || ended != 1 {
		t.Fatalf("%d sessions ended, error %v, want 1: that of the leader", ended, err)
	}
	if err := second.Lead(t.Context(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("the other replica did not take over: %v", err)
	}
	if err := <-lost; err == nil {
		t.Error("the first replica does not know that it leads no more")
	}
}

func TestNothingIsImportedIntoAStoreThatIsServed(t *testing.T) {
	url := pgtest.Database(t)
	serving, other := open(t, url), open(t, url)
	nothing := func() (store.Exported, error) { return store.Exported{}, io.EOF }
	err := serving.Lead(t.Context(), func(ctx context.Context) error {
		return other.Import(ctx, store.Identity{StoreID: "x", CursorKey: []byte("key")}, nothing)
	})
	if !errors.Is(err, store.ErrServed) {
		t.Errorf("error %v, want ErrServed", err)
	}
	for errors.Is(err, store.ErrServed) { // the server drops the lock a little after the session has ended
		err = other.Import(t.Context(), store.Identity{StoreID: "x", CursorKey: []byte("key")}, func() (store.Exported, error) {
			if err := serving.Import(t.Context(), store.Identity{StoreID: "y", CursorKey: []byte("key")}, nothing); !errors.Is(err, store.ErrServed) {
				t.Errorf("error %v of an import beside another, want ErrServed", err)
			}
			return nothing()
		})
	}
	if err != nil {
		t.Errorf("error %v when nobody serves", err)
	}
}

func TestNobodyWritesIntoAStoreThatIsBeingFilled(t *testing.T) {
	url := pgtest.Database(t)
	filled, started := open(t, url), open(t, url+"&lock_timeout=100ms") // a server that starts after the import began
	var written error
	next := func() (store.Exported, error) {
		_, written = started.Apply(t.Context(), userMutation("u"))
		return store.Exported{}, io.EOF
	}
	if err := filled.Import(t.Context(), store.Identity{StoreID: "x", Sequence: 7, CursorKey: []byte("key")}, next); err != nil {
		t.Errorf("error %v of the import", err)
	}
	if !errors.Is(written, store.ErrUnavailable) {
		t.Errorf("error %v of a write meanwhile, want that the store is unavailable", written)
	}
	if _, err := started.Apply(t.Context(), userMutation("v")); err != nil {
		t.Errorf("error %v of a write afterwards", err)
	}
	if identity, err := started.Identity(t.Context()); err != nil || identity.Sequence != 8 {
		t.Errorf("sequence %d, error %v; want that of the import and one more", identity.Sequence, err)
	}
}
