package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// Erase implements store.Store. Of the changes stays what happened when to which id, without any value.
func (s *Store) Erase(ctx context.Context, id string, m store.Mutation) error {
	m.Operation, m.ID = store.Delete, id
	err := s.writer.do(ctx, func(w *writer) error { return w.erase(m) })
	if err != nil {
		return fmt.Errorf("erasing %s: %w", id, err)
	}
	// What was overwritten is still in the log; where readers or writers hold that, it goes with a later checkpoint.
	if _, err := s.read.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return fmt.Errorf("emptying the log after erasing %s: %w", id, unavailable(err))
	}
	return nil
}

func (w *writer) erase(m store.Mutation) error {
	err := w.row(`SELECT type FROM resources WHERE id = $1`, m.ID).Scan(&m.Type)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = w.wasThere(m.ID)
	case err == nil:
		_, err = w.delete(m)
	}
	if err != nil {
		return unavailable(err)
	}
	err = w.exec(`UPDATE changes SET external_id = NULL, user_name = NULL, previous_user_name = NULL, active = NULL WHERE id = $1`, m.ID)
	if err != nil {
		return fmt.Errorf("clearing the changes: %w", err)
	}
	if err := w.exec(sqlquery.OutboxErase, m.ID); err != nil {
		return fmt.Errorf("clearing the outbox: %w", err)
	}
	err = w.exec(`INSERT INTO tombstones (id, at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING`, m.ID, m.At.UnixMilli())
	if err != nil {
		return fmt.Errorf("leaving a tombstone: %w", err)
	}
	return nil
}

// wasThere returns ErrNotFound when nothing is known of the id.
func (w *writer) wasThere(id string) error {
	var known bool
	err := w.row(`SELECT EXISTS (SELECT 1 FROM tombstones WHERE id = $1) OR EXISTS (SELECT 1 FROM changes WHERE id = $1)`, id).Scan(&known)
	if err == nil && !known {
		return store.ErrNotFound
	}
	return err
}
