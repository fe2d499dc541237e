package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// Floor implements store.Outbox: the sequence has no holes, so what is missing before the first change was removed.
func (s *Store) Floor(ctx context.Context) (floor int64, err error) {
	row := s.read.QueryRowContext(ctx, `SELECT COALESCE((SELECT MIN(sequence) - 1 FROM changes), sequence) FROM identity`)
	if err := row.Scan(&floor); err != nil {
		return 0, fmt.Errorf("asking which changes are kept: %w", unavailable(err))
	}
	return floor, nil
}

// Lead implements store.Outbox: there is one replica.
func (s *Store) Lead(ctx context.Context, f func(ctx context.Context) error) error {
	return f(ctx)
}

// Enqueue implements store.Outbox.
func (s *Store) Enqueue(ctx context.Context, now time.Time, after, next int64, changes []store.Change) error {
	return s.changeOutbox(ctx, func(w *writer) error {
		moved, err := w.affect(sqlquery.OutboxMoveCursor, after, next)
		if err == nil && moved == 0 {
			err = store.ErrVersionChanged
		}
		for i := 0; i < len(changes) && err == nil; i++ {
			err = w.enqueue(changes[i], now)
		}
		return err
	})
}

func (w *writer) enqueue(c store.Change, now time.Time) error {
	err := w.exec(sqlquery.OutboxInsert, sqlquery.OutboxRow(c, now)...)
	if err != nil || !c.Event.Urgent() {
		return err
	}
	if err := w.exec(sqlquery.OutboxInherit, c.Sequence, c.ID); err != nil {
		return err
	}
	return w.exec(sqlquery.OutboxSupersede, c.Sequence, c.ID)
}

// Due implements store.Outbox.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]store.Queued, error) {
	return s.queued(ctx, sqlquery.OutboxDue, now.UnixMilli(), limit)
}

// DeadLetters implements store.Outbox.
func (s *Store) DeadLetters(ctx context.Context, after int64, limit int) ([]store.Queued, error) {
	return s.queued(ctx, sqlquery.OutboxDead, after, limit)
}

func (s *Store) queued(ctx context.Context, query string, args ...any) (list []store.Queued, err error) {
	rows, err := s.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", unavailable(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		q, err := sqlquery.ScanQueued(rows)
		if err != nil {
			return nil, unavailable(err)
		}
		list = append(list, q)
	}
	return list, rows.Err()
}

// Settle implements store.Outbox.
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) error {
	return s.changeOutbox(ctx, func(w *writer) error {
		for _, o := range outcomes {
			statement, args := sqlquery.OutboxDelivered, []any{o.Sequence}
			if !o.Delivered {
				statement, args = sqlquery.OutboxNotDelivered, sqlquery.OutboxOutcome(o)
			}
			if err := w.exec(statement, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Wake implements store.Outbox.
func (s *Store) Wake(ctx context.Context) error {
	return s.changeOutbox(ctx, func(w *writer) error { return w.exec(sqlquery.OutboxWake) })
}

// Replay implements store.Outbox.
func (s *Store) Replay(ctx context.Context, now time.Time, sequences ...int64) (replayed int, err error) {
	err = s.changeOutbox(ctx, func(w *writer) error {
		if len(sequences) == 0 {
			n, err := w.affect(sqlquery.OutboxReplayAll, now.UnixMilli())
			replayed = int(n)
			return err
		}
		for _, sequence := range sequences {
			n, err := w.affect(sqlquery.OutboxReplay, now.UnixMilli(), sequence)
			if err != nil {
				return err
			}
			replayed += int(n)
		}
		return nil
	})
	return replayed, err
}

// TrimOutbox implements store.Outbox.
func (s *Store) TrimOutbox(ctx context.Context, now, waitingSince, deadSince time.Time) (died, removed int, err error) {
	err = s.changeOutbox(ctx, func(w *writer) error {
		if !waitingSince.IsZero() {
			n, err := w.affect(sqlquery.OutboxExpire, now.UnixMilli(), waitingSince.UnixMilli())
			if err != nil {
				return err
			}
			died = int(n)
		}
		if deadSince.IsZero() {
			return nil
		}
		n, err := w.affect(sqlquery.OutboxTrim, deadSince.UnixMilli())
		removed = int(n)
		return err
	})
	return died, removed, err
}

func (s *Store) changeOutbox(ctx context.Context, f func(*writer) error) error {
	if err := s.writer.do(ctx, f); err != nil {
		return fmt.Errorf("changing the outbox: %w", err)
	}
	return nil
}

// OutboxStatus implements store.Outbox.
func (s *Store) OutboxStatus(ctx context.Context) (store.OutboxStatus, error) {
	status, err := sqlquery.ScanOutboxStatus(s.read.QueryRowContext(ctx, sqlquery.OutboxStatus))
	if err != nil {
		return store.OutboxStatus{}, fmt.Errorf("reading the state of the outbox: %w", unavailable(err))
	}
	return status, nil
}
