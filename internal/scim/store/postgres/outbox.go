package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// Floor implements store.Outbox.
func (s *Store) Floor(ctx context.Context) (floor int64, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT sequence_floor FROM identity`).Scan(&floor); err != nil {
		return 0, fmt.Errorf("asking which changes are kept: %w", translate(err))
	}
	return floor, nil
}

// Enqueue implements store.Outbox. All statements go to the server at once.
func (s *Store) Enqueue(ctx context.Context, now time.Time, after, next int64, changes []store.Change) error {
	batch := &pgx.Batch{}
	for _, c := range changes {
		batch.Queue(sqlquery.OutboxInsert, sqlquery.OutboxRow(c, now)...)
		if c.Event.Urgent() {
			batch.Queue(sqlquery.OutboxInherit, c.Sequence, c.ID)
			batch.Queue(sqlquery.OutboxSupersede, c.Sequence, c.ID)
		}
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		moved, err := tx.Exec(ctx, sqlquery.OutboxMoveCursor, after, next)
		if err == nil && moved.RowsAffected() == 0 {
			return store.ErrVersionChanged
		}
		return errors.Join(err, tx.SendBatch(ctx, batch).Close())
	})
	if err != nil {
		return fmt.Errorf("putting changes into the outbox: %w", translate(err))
	}
	return nil
}

// Due implements store.Outbox.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]store.Queued, error) {
	return s.queued(ctx, sqlquery.OutboxDue, now.UnixMilli(), limit)
}

// DeadLetters implements store.Outbox.
func (s *Store) DeadLetters(ctx context.Context, after int64, limit int) ([]store.Queued, error) {
	return s.queued(ctx, sqlquery.OutboxDead, after, limit)
}

func (s *Store) queued(ctx context.Context, query string, args ...any) ([]store.Queued, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", translate(err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (store.Queued, error) { return sqlquery.ScanQueued(row) })
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", translate(err))
	}
	return list, nil
}

// Settle implements store.Outbox.
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) error {
	batch := &pgx.Batch{}
	for _, o := range outcomes {
		if o.Delivered {
			batch.Queue(sqlquery.OutboxDelivered, o.Sequence)
		} else {
			batch.Queue(sqlquery.OutboxNotDelivered, sqlquery.OutboxOutcome(o)...)
		}
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("recording deliveries: %w", translate(err))
	}
	return nil
}

// Wake implements store.Outbox.
func (s *Store) Wake(ctx context.Context) error {
	_, err := s.changeOutbox(ctx, sqlquery.OutboxWake)
	return err
}

// Replay implements store.Outbox.
func (s *Store) Replay(ctx context.Context, now time.Time, sequences ...int64) (replayed int, err error) {
	if len(sequences) == 0 {
		return s.changeOutbox(ctx, sqlquery.OutboxReplayAll, now.UnixMilli())
	}
	for _, sequence := range sequences {
		n, err := s.changeOutbox(ctx, sqlquery.OutboxReplay, now.UnixMilli(), sequence)
		if err != nil {
			return replayed, err
		}
		replayed += n
	}
	return replayed, nil
}

// TrimOutbox implements store.Outbox.
func (s *Store) TrimOutbox(ctx context.Context, now, waitingSince, deadSince time.Time) (died, removed int, err error) {
	if !waitingSince.IsZero() {
		if died, err = s.changeOutbox(ctx, sqlquery.OutboxExpire, now.UnixMilli(), waitingSince.UnixMilli()); err != nil {
			return 0, 0, err
		}
	}
	if !deadSince.IsZero() {
		removed, err = s.changeOutbox(ctx, sqlquery.OutboxTrim, deadSince.UnixMilli())
	}
	return died, removed, err
}

func (s *Store) changeOutbox(ctx context.Context, statement string, args ...any) (int, error) {
	changed, err := s.pool.Exec(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("changing the outbox: %w", translate(err))
	}
	return int(changed.RowsAffected()), nil
}

// OutboxStatus implements store.Outbox.
func (s *Store) OutboxStatus(ctx context.Context) (store.OutboxStatus, error) {
	status, err := sqlquery.ScanOutboxStatus(s.pool.QueryRow(ctx, sqlquery.OutboxStatus))
	if err != nil {
		return store.OutboxStatus{}, fmt.Errorf("reading the state of the outbox: %w", translate(err))
	}
	return status, nil
}
