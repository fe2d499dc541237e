package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// trim removes one part of the old changes, and remembers how far the sequence had come.
const trim = `WITH gone AS (
	DELETE FROM changes WHERE sequence IN (SELECT sequence FROM changes WHERE at_ms < $1 LIMIT $2) RETURNING sequence
), remembered AS (
	UPDATE identity SET sequence_floor = GREATEST(sequence_floor, (SELECT max(sequence) FROM gone)) WHERE EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone`

// TrimChanges implements store.Store, a part at a time, so that no statement takes long.
func (s *Store) TrimChanges(ctx context.Context, before time.Time) (int, error) {
	const part = 5000
	for total := 0; ; {
		var n int
		if err := s.pool.QueryRow(ctx, trim, before.UnixMilli(), part).Scan(&n); err != nil {
			return total, fmt.Errorf("removing old changes: %w", translate(err))
		}
		if total += n; n < part {
			return total, nil
		}
	}
}

// Erase implements store.Store. Of the changes stays what happened when to which id, without any value.
func (s *Store) Erase(ctx context.Context, id string, m store.Mutation) error {
	m.Operation, m.ID = store.Delete, id
	if err := s.retry(ctx, func() error { return s.erase(ctx, &m) }); err != nil {
		return fmt.Errorf("erasing %s: %w", id, translate(err))
	}
	return nil
}

func (s *Store) erase(ctx context.Context, m *store.Mutation) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer rollback(tx)
	err = tx.QueryRow(ctx, `SELECT type FROM resources WHERE id = $1 FOR UPDATE`, m.ID).Scan(&m.Type)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		err = wasThere(ctx, tx, m.ID)
	case err == nil:
		_, err = s.remove(ctx, tx, m)
	}
	if err != nil {
		return err
	}
	// The changes of a resource have no index; erasing is rare, and may take its time.
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE changes SET external_id = '', user_name = '', previous_user_name = '', active = NULL WHERE resource_id = $1`,
		`DELETE FROM outbox WHERE resource_id = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, m.ID); err != nil {
			return fmt.Errorf("clearing the changes: %w", err)
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO tombstones (id, at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING`, m.ID, m.At.UnixMilli())
	if err != nil {
		return fmt.Errorf("leaving a tombstone: %w", err)
	}
	return tx.Commit(ctx)
}

// wasThere returns ErrNotFound when nothing is known of the id.
func wasThere(ctx context.Context, on querier, id string) error {
	var known bool
	err := on.QueryRow(ctx, `SELECT EXISTS (SELECT FROM tombstones WHERE id = $1)
		OR EXISTS (SELECT FROM changes WHERE resource_id = $1)`, id).Scan(&known)
	if err == nil && !known {
		return store.ErrNotFound
	}
	return err
}
