package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

func TestManyReplicasMigrateAtOnce(t *testing.T) {
	url := pgtest.Database(t)
	const replicas = 5
	identities := make([]store.Identity, replicas)
	var wg sync.WaitGroup
	for i := range replicas {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Errorf("opening: %v", err)
				return
			}
			defer s.Close()
			if err := s.Ready(t.Context()); err != nil {
				t.Errorf("ready: %v", err)
			}
			identities[i], err = s.Identity(t.Context())
			if err != nil {
				t.Errorf("identity: %v", err)
			}
		})
	}
	wg.Wait()
	for _, identity := range identities {
		if identity.StoreID == "" || identity.StoreID != identities[0].StoreID || len(identity.CursorKey) != 32 {
			t.Errorf("identity %q with a key of %d bytes, the first is %q", identity.StoreID, len(identity.CursorKey), identities[0].StoreID)
		}
	}
}

func TestADatabaseNewerThanTheProgramIsAccepted(t *testing.T) {
	url := pgtest.Database(t)
	old := open(t, url)
	pool := connect(t, url)
	// A later release adds a column, a table and its migration.
	exec(t, pool, `ALTER TABLE resources ADD COLUMN later text`)
	exec(t, pool, `CREATE TABLE later (id text)`)
	exec(t, pool, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	for name, s := range map[string]*postgres.Store{"that runs": old, "that starts": open(t, url)} {
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("the old program %s is not ready: %v", name, err)
		}
		if _, err := s.Apply(t.Context(), userMutation(name)); err != nil {
			t.Errorf("the old program %s cannot write: %v", name, err)
		}
	}
}

func TestAMissingMigrationIsNotReady(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	exec(t, connect(t, url), `DELETE FROM goose_db_version WHERE version_id > 0`)
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want that the store is unavailable", err)
	}
}

// TestAnEarlierReplicaFillsTheOutboxToo has rows as the release before enqueued_ms writes them, while both run.
func TestAnEarlierReplicaFillsTheOutboxToo(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	exec(t, connect(t, url), `INSERT INTO outbox (sequence, event, resource_type, resource_id, urgent, at_ms, previous_user_name)
		VALUES (1, 'create', 'User', 'a', 0, 10, ''), (2, 'create', 'User', 'b', 0, 20, '')`)
	died, _, err := s.TrimOutbox(t.Context(), time.UnixMilli(100), time.UnixMilli(20), time.Time{})
	if err != nil || died != 1 {
		t.Errorf("%d died, error %v; want the older one", died, err)
	}
}
