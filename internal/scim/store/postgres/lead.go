package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// leading is the lock of the replica that delivers, which is one of those that serve. It has two keys, which tells it
	// from the locks of those who draw sequences, and one of them is the table's identity, so that stores in one database
	// do not see each other's.
	leading = `1818583396, ('outbox'::regclass::oid::bigint & 2147483647)::integer`
	tryLock = `SELECT pg_try_advisory_lock(` + leading + `)`
	// leadEvery is how often another replica tries to take over, and the leader asks whether its session still lives.
	leadEvery = 2 * time.Second
)

// Lead implements store.Outbox by a lock that the server drops together with the session.
func (s *Store) Lead(ctx context.Context, f func(ctx context.Context) error) error {
	again := time.NewTicker(leadEvery)
	defer again.Stop()
	for {
		leader, err := s.tryLead(ctx, f)
		if leader || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// tryLead runs f if no other replica leads. The connection of the leader leaves the pool, so that its end releases the
// lock in any case.
func (s *Store) tryLead(ctx context.Context, f func(ctx context.Context) error) (leader bool, err error) {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("connecting to become the leader: %w", translate(err))
	}
	err = pooled.QueryRow(ctx, tryLock).Scan(&leader)
	if err != nil || !leader {
		pooled.Release()
		if err != nil {
			err = fmt.Errorf("asking to be the leader: %w", translate(err))
		}
		return false, err
	}
	conn := pooled.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
		defer cancel()
		_ = conn.Close(closing) // the session is over, however that is told
	}()
	leading, lose := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchSession(leading, conn, lose)
	}()
	err = f(leading)
	if ctx.Err() == nil {
		err = errors.Join(err, context.Cause(leading))
	}
	lose(nil)
	<-watched
	return true, err
}

// watchSession ends the lead when the session may have ended.
func watchSession(ctx context.Context, conn *pgx.Conn, lose context.CancelCauseFunc) {
	tick := time.NewTicker(leadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asking, cancel := context.WithTimeout(ctx, leadEvery)
		err := conn.Ping(asking)
		cancel()
		if err != nil && ctx.Err() == nil {
			lose(fmt.Errorf("another replica may lead by now: %w", translate(err)))
		}
	}
}
