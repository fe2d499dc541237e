package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// maxMoves bounds how many mutations wait for one commit. Each leaves a version of the group's row behind and holds a lock
// of drawing until then.
const maxMoves = 32

// moveTimeout bounds a transaction of moves, which outlives the requests that wait for it: it is what a statement may take,
// and time to get a connection.
const moveTimeout = 30 * time.Second

// moves combines the mutations that only add or only remove members of a group. The version of the group makes one wait
// for the other's commit; so while one transaction of a group is under way, those that come meanwhile queue, and go
// together in the next one. Each is a statement with a result of its own.
type moves struct {
	mu sync.Mutex
	// waiting has the queue of each group that a transaction is under way for.
	waiting map[string][]*move
}

// move is one mutation that waits.
type move struct {
	// ctx is that of who waits; when it ends before the transaction begins there is no move.
	ctx     context.Context
	m       *store.Mutation
	applied store.Applied
	err     error
	done    chan struct{}
	// apart is true once the statement for users has left it to the one for any member.
	apart bool
}

// isMove is true of a mutation that can be combined with others: it needs to know nothing of the group.
func isMove(m *store.Mutation) bool {
	return m.Operation == store.Update && m.Doc == nil && m.Expected == 0 && len(m.Members) == 1 &&
		m.Members[0].Operation != store.ReplaceMembers
}

// move adds or removes members without reading the group (G-1). Who waits no longer than its context lets it may leave a
// mutation behind that happens all the same, as whoever breaks off a request does.
func (s *Store) move(ctx context.Context, m *store.Mutation) (store.Applied, error) {
	if err := ctx.Err(); err != nil {
		return store.Applied{}, err
	}
	waiter := &move{ctx: ctx, m: m, done: make(chan struct{})}
	if s.moves.enqueue(waiter) {
		go s.moveAll(context.WithoutCancel(ctx), m.ID)
	}
	select {
	case <-waiter.done:
		return waiter.applied, waiter.err
	case <-ctx.Done():
		return store.Applied{}, ctx.Err()
	}
}

// enqueue returns true when nothing is under way for the group, so that somebody has to begin.
func (q *moves) enqueue(waiter *move) (idle bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	queue, busy := q.waiting[waiter.m.ID]
	q.waiting[waiter.m.ID] = append(queue, waiter)
	return !busy
}

// take returns who comes next; when nobody does, nothing is under way for the group any more.
func (q *moves) take(groupID string) []*move {
	q.mu.Lock()
	defer q.mu.Unlock()
	queue := q.waiting[groupID]
	if len(queue) == 0 {
		delete(q.waiting, groupID)
		return nil
	}
	n := min(len(queue), maxMoves)
	q.waiting[groupID] = queue[n:]
	return queue[:n:n]
}

// moveAll serves who waits for a group until nobody does. What the statement for users left is applied behind the others,
// who are answered by then.
func (s *Store) moveAll(ctx context.Context, groupID string) {
	for taken := s.moves.take(groupID); taken != nil; taken = s.moves.take(groupID) {
		s.serveMoves(ctx, s.serveMoves(ctx, taken))
	}
}

// serveMoves applies those who still wait, and answers them but for those who are left.
func (s *Store) serveMoves(ctx context.Context, taken []*move) (left []*move) {
	var alive []*move
	for _, waiter := range taken {
		if waiter.err = waiter.ctx.Err(); waiter.err == nil {
			alive = append(alive, waiter)
		} else {
			close(waiter.done)
		}
	}
	s.moveTogether(ctx, alive)
	for _, waiter := range alive {
		if errors.Is(waiter.err, errApart) {
			left = append(left, waiter)
		} else {
			close(waiter.done)
		}
	}
	return left
}

// moveTogether applies moves in one transaction. What says nothing against any of them fails all, and is tried again by
// who waits; else each is applied alone, to find the one that it says something against.
func (s *Store) moveTogether(ctx context.Context, together []*move) {
	if len(together) == 0 {
		return
	}
	err := s.sendMoves(ctx, together)
	if err == nil {
		return
	}
	alone := len(together) > 1 && !errors.Is(translate(err), store.ErrUnavailable)
	for _, waiter := range together {
		if waiter.err = err; alone {
			waiter.err = nil
			s.moveTogether(ctx, []*move{waiter})
		}
	}
}

// holdMembers locks members as a foreign key does it, which hinders no update. How many they are is hidden in a subquery:
// of a list that it can count the server would make a plan each time.
const holdMembers = `SELECT FROM (SELECT id FROM unnest((SELECT $1::text[])) id ORDER BY id) asked
	CROSS JOIN LATERAL (SELECT FROM resources WHERE id = asked.id FOR KEY SHARE OFFSET 0) held`

// sendMoves is one transaction in one round trip. It locks all members in the order of their ids, then the group, so that
// writers do not wait for each other in a circle and each statement sees what the last one left.
func (s *Store) sendMoves(ctx context.Context, together []*move) error {
	ctx, cancel := context.WithTimeout(ctx, moveTimeout)
	defer cancel()
	var ids []string
	for _, waiter := range together {
		ids = append(ids, waiter.m.Members[0].IDs...)
	}
	var batch pgx.Batch
	batch.Queue(holdMembers, distinct(ids))
	batch.Queue(hold+`NO KEY UPDATE`, together[0].m.ID, together[0].m.Type)
	for _, steps := range stepsOf(together) {
		if steps[0].isStep() {
			steps.queue(&batch)
		} else {
			steps[0].queue(&batch)
		}
	}
	return s.pool.SendBatch(ctx, &batch).Close()
}

// queue puts the statement of a mutation into a batch. A result that refuses the mutation is no error of the batch.
func (w *move) queue(batch *pgx.Batch) {
	change := &w.m.Members[0]
	args := append(changeArgs(w.m, withMembers(w.m.Change.Attributes)), any(distinct(change.IDs)))
	if change.Operation == store.RemoveMembers {
		batch.Queue(removeMembers, args...).QueryRow(w.removed)
		return
	}
	batch.Queue(addMembers, append(args, change.IgnoreUnknown)...).QueryRow(w.added)
}

func (w *move) added(row pgx.Row) error {
	var moved int
	var known []string
	applied, err := scanApplied(row, &moved, &known)
	if err != nil {
		return w.refused(err)
	}
	applied.Changed, applied.Added = moved > 0, moved
	applied.Unknown, w.err = unknown(&w.m.Members[0], setOf(known))
	w.applied = applied
	return nil
}

func (w *move) removed(row pgx.Row) error {
	var moved int
	applied, err := scanApplied(row, &moved)
	if err != nil {
		return w.refused(err)
	}
	applied.Changed, applied.Removed = moved > 0, moved
	w.applied = applied
	return nil
}

// refused keeps what concerns this move alone: that there is no such group.
func (w *move) refused(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		w.err = err
		return nil
	}
	return err
}
