package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// slowWriter draws a sequence as a write of the store does, and is not done yet.
func slowWriter(t *testing.T, pool *pgxpool.Pool) (sequence int64, end func(commit bool)) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.QueryRow(t.Context(), `SELECT nextval('change_sequence') FROM `+postgres.Drawing).Scan(&sequence); err != nil {
		t.Fatal(err)
	}
	return sequence, func(commit bool) {
		t.Helper()
		if !commit {
			err = tx.Rollback(context.Background())
		} else if _, err = tx.Exec(t.Context(), `INSERT INTO changes (sequence, at_ms, event, resource_type, resource_id, version,
			external_id, user_name, previous_user_name, attributes, added, removed, actor, request_id)
			VALUES ($1, 0, 'patch', 'User', 'slow', 1, '', '', '', '{}', '{}', '{}', '', '')`, sequence); err == nil {
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheHorizonStopsBelowWhoeverIsUnderWay(t *testing.T) {
	url := pgtest.Database(t)
	first, second, pool := open(t, url), open(t, url), connect(t, url)
	apply := func(id string) {
		t.Helper()
		if _, err := first.Apply(t.Context(), userMutation(id)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(why string, sequence int64, ids ...string) {
		t.Helper()
		for _, s := range []*postgres.Store{first, second} {
			horizon, err := s.Horizon(t.Context())
			if err != nil || horizon != sequence {
				t.Errorf("%s: horizon %d, error %v, want %d", why, horizon, err, sequence)
			}
			changes, err := s.Changes(t.Context(), 0, 100)
			if err != nil || len(changes) != len(ids) {
				t.Fatalf("%s: changes %v, error %v, want those of %v", why, changes, err, ids)
			}
			for i, c := range changes {
				if c.ID != ids[i] {
					t.Errorf("%s: change %d is of %s, want %s", why, i, c.ID, ids[i])
				}
			}
		}
	}
	want("nothing was written", 0)
	apply("a")
	want("one write", 1, "a")
	slow, commit := slowWriter(t, pool)
	_, giveUp := slowWriter(t, pool)
	apply("b")
	want("two writers are under way below b", 1, "a")
	commit(true)
	want("one has committed, the other has drawn a sequence behind it", slow, "a", "slow")
	giveUp(false)
	want("the other has given up", slow+2, "a", "slow", "b")
	_, giveUp = slowWriter(t, pool)
	giveUp(false)
	// A number that was drawn in vain is no horizon: the server may give it again after a crash.
	want("a sequence was drawn in vain", slow+2, "a", "slow", "b")
}

func TestTheHorizonGoesBackWithADatabaseThatWasRestored(t *testing.T) {
	for name, looks := range map[string]int{"at rest": 3, "while it was busy": 1} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.Database(t)
			s, pool := open(t, url), connect(t, url)
			apply := func(id string) {
				t.Helper()
				if _, err := s.Apply(t.Context(), userMutation(id)); err != nil {
					t.Fatal(err)
				}
			}
			want := func(why string, looks int, sequence int64) {
				t.Helper()
				for range looks { // a replica remembers what it has seen twice
					if horizon, err := s.Horizon(t.Context()); err != nil || horizon != sequence {
						t.Errorf("%s: horizon %d, error %v, want %d", why, horizon, err, sequence)
					}
				}
			}
			for _, id := range []string{"a", "b", "c"} {
				apply(id)
			}
			want("before", looks, 3)
			exec(t, pool, `DELETE FROM changes WHERE sequence > 1`)
			exec(t, pool, `DELETE FROM resources WHERE id IN ('b', 'c')`)
			exec(t, pool, `SELECT setval('change_sequence', 1)`)
			want("an older state under a running process", 3, 1)
			apply("d")
			want("a write in that state", 3, 2)
		})
	}
}

func TestTheSequenceOutlivesTheChanges(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	for _, id := range []string{"a", "b"} {
		m := userMutation(id)
		if _, err := s.Apply(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, connect(t, url), `UPDATE changes SET at_ms = 0`)
	if n, err := s.TrimChanges(t.Context(), userMutation("").At.AddDate(2000, 0, 0)); err != nil || n != 2 {
		t.Fatalf("trimmed %d, error %v", n, err)
	}
	for name, s := range map[string]*postgres.Store{"the same replica": s, "a new one": open(t, url)} {
		identity, err := s.Identity(t.Context())
		if err != nil || identity.Sequence != 2 {
			t.Errorf("%s: sequence %d, error %v, want 2", name, identity.Sequence, err)
		}
		if horizon, err := s.Horizon(t.Context()); err != nil || horizon != 2 {
			t.Errorf("%s: horizon %d, error %v, want 2", name, horizon, err)
		}
	}
}
