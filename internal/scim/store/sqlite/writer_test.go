package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

func TestAFullDiskFailsWhatItCannotTakeAndNothingElse(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "scim.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	limitPages := func(pages int) {
		if err := s.writer.do(t.Context(), func(w *writer) error {
			return w.exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
		}); err != nil {
			t.Fatal(err)
		}
	}
	create := func(i int) error {
		id := fmt.Sprintf("u%d", i)
		_, err := s.Apply(t.Context(), store.Mutation{
			Operation: store.Create, Type: schema.User, ID: id, At: time.UnixMilli(0),
			Doc: map[string]any{"userName": id, "title": strings.Repeat("x", 5000)},
		})
		return err
	}
	limitPages(200)
	const n, fitting = 200, 5
	errs := make([]error, n)
	for i := range fitting { // one by one, for the rest may all be in one transaction, which fails as a whole
		errs[i] = create(i)
	}
	var wg sync.WaitGroup
	for i := fitting; i < n; i++ {
		wg.Go(func() { errs[i] = create(i) })
	}
	wg.Wait()
	refused := 0
	for i, err := range errs {
		_, missing := s.Get(t.Context(), schema.User, fmt.Sprintf("u%d", i), store.Want{})
		if err == nil && missing != nil || err != nil && !errors.Is(missing, store.ErrNotFound) {
			t.Errorf("u%d: answered %v, then read with %v", i, err, missing)
		}
		if err != nil {
			refused++
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("u%d: error %v, want that the store is unavailable", i, err)
			}
		}
	}
	if refused == 0 || refused > n-fitting {
		t.Errorf("%d of %d were refused: the disk was never full, or never not", refused, n)
	}
	limitPages(1 << 20)
	if err := create(n); err != nil {
		t.Errorf("once there is room again: %v", err)
	}
	if changes, err := s.Changes(t.Context(), 0, 2*n); err != nil || len(changes) != n-refused+1 {
		t.Errorf("%d changes, error %v, want %d", len(changes), err, n-refused+1)
	}
}

func TestWritesThatWaitShareOneCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	db, err := sql.Open("sqlite", dsn(path, writing))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	connection, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	w := &writer{ctx: t.Context(), connection: connection, prepared: map[string]prepared{}, jobs: make(chan job, 3)}
	there := func(id string) bool {
		_, err := s.Get(t.Context(), schema.User, id, store.Want{})
		return err == nil
	}
	var done []chan error
	queue := func(id, userName string, look func()) job {
		answer := make(chan error, 1)
		done = append(done, answer)
		return job{ctx: t.Context(), done: answer, run: func(w *writer) error {
			look()
			e, err := encode(map[string]any{"userName": userName})
			if err != nil {
				return err
			}
			_, err = w.apply(store.Mutation{Operation: store.Create, Type: schema.User, ID: id, At: time.UnixMilli(0)}, e)
			return err
		}}
	}
	nothing := func() {}
	first := queue("a", "a", nothing)
	w.jobs <- queue("b", "A", nothing)
	w.jobs <- queue("c", "c", func() {
		if there("a") || len(done[0]) > 0 {
			t.Error("the first write was committed, or answered, before the others")
		}
	})
	w.batch(first)
	for i, want := range []error{nil, store.ErrUserNameTaken, nil} {
		if err := <-done[i]; !errors.Is(err, want) {
			t.Errorf("write %d: error %v, want %v", i, err, want)
		}
	}
	if !there("a") || there("b") || !there("c") {
		t.Errorf("a %v, b %v, c %v: want a and c", there("a"), there("b"), there("c"))
	}
	if sequence, err := s.Horizon(t.Context()); err != nil || sequence != 2 {
		t.Errorf("sequence %d, error %v, want 2", sequence, err)
	}
}
