package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// writeLanes let one transaction be filled while another one is flushed to the disk.
	writeLanes = 2
	// maxWrites bounds how many mutations share a commit, and with it their fate when one is refused: each is tried again.
	maxWrites = 16
	// writeTimeout bounds a transaction that outlives the requests that wait for it: it is what a statement may take, and
	// time to get a connection.
	writeTimeout = 30 * time.Second
)

// write is one mutation that is a single statement which yields stamps, and waits for others to share its commit.
type write struct {
	ctx       context.Context
	operation store.Operation
	// key is what the statement locks: the id of an update, the userName of a create.
	key     string
	query   string
	args    []any
	applied store.Applied
	err     error
	done    chan struct{}
}

// inOrder is the order in which the writes of a transaction lock, so that no two transactions wait for each other in a
// circle: rows, by their ids, and then userNames, which only a transaction's end gives free.
func inOrder(a, b *write) int {
	return cmp.Or(-cmp.Compare(a.operation, b.operation), cmp.Compare(a.key, b.key))
}

// together applies a write with those that come at once. Who waits no longer than its context lets it may leave a write
// behind that happens all the same, as whoever breaks off a request does.
func (s *Store) together(w *write) (store.Applied, error) {
	w.done = make(chan struct{})
	if s.writes.enter(w) {
		s.writeAll(w.ctx, []*write{w})
		if part := s.writes.next(); part != nil {
			go s.serveWrites(context.WithoutCancel(w.ctx), part)
		}
		return w.applied, w.err
	}
	select {
	case <-w.done:
		return w.applied, w.err
	case <-w.ctx.Done():
		return store.Applied{}, w.ctx.Err()
	}
}

// serveWrites applies a part and whoever comes meanwhile.
func (s *Store) serveWrites(ctx context.Context, part []*write) {
	for ; part != nil; part = s.writes.next() {
		var alive []*write
		for _, w := range part {
			if w.err = w.ctx.Err(); w.err == nil {
				alive = append(alive, w)
			}
		}
		slices.SortFunc(alive, inOrder)
		bounded, cancel := context.WithTimeout(ctx, writeTimeout)
		s.writeAll(bounded, alive)
		cancel()
		for _, w := range part {
			close(w.done)
		}
	}
}

// writeAll applies writes in one transaction. What says nothing against any of them fails all, and is tried again by who
// waits; else each is applied alone, to find the one that it says something against.
func (s *Store) writeAll(ctx context.Context, part []*write) {
	if len(part) == 0 {
		return
	}
	err := s.send(ctx, part)
	if err == nil {
		return
	}
	alone := len(part) > 1 && !errors.Is(translate(err), store.ErrUnavailable)
	for i, w := range part {
		if w.err = err; alone {
			w.err = nil
			s.writeAll(ctx, part[i:i+1])
		}
	}
}

// send is one transaction in one round trip.
func (s *Store) send(ctx context.Context, part []*write) error {
	if len(part) == 1 {
		return part[0].stored(s.pool.QueryRow(ctx, part[0].query, part[0].args...))
	}
	var batch pgx.Batch
	for _, w := range part {
		batch.Queue(w.query, w.args...).QueryRow(w.stored)
	}
	return s.pool.SendBatch(ctx, &batch).Close()
}

// stored keeps the stamps. That there are none concerns this write alone.
func (w *write) stored(row pgx.Row) error {
	applied, err := scanApplied(row)
	if errors.Is(err, pgx.ErrNoRows) {
		w.err = err
		return nil
	}
	w.applied = applied
	return err
}
