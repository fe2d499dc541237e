package postgres

import (
	"sync"
	"time"
)

// patience is how long a part of a queue may be under way until one that comes no longer waits for its end: it may be
// held up by a lock or by a connection that is dead.
const patience = 20 * time.Millisecond

// queue combines requests to the server: while as many are under way as there are lanes, those that come meanwhile wait
// and go together. Sending, planning, waking and committing cost the server and us more than what is asked for does.
type queue[T any] struct {
	// lanes are the parts that may be under way at once, and most is how many a part has.
	lanes, most int

	mu      sync.Mutex
	waiting []T
	// underWay counts parts, and began is when the last of them did.
	underWay int
	began    time.Time
}

// enter returns true when a lane is free, which the caller then has; else the waiter waits.
func (q *queue[T]) enter(waiter T) (free bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now := time.Now(); q.underWay < q.lanes || now.Sub(q.began) > patience {
		q.underWay++
		q.began = now
		return true
	}
	q.waiting = append(q.waiting, waiter)
	return false
}

// next returns who goes next in the lane of the caller; when nobody waits the lane is free again.
func (q *queue[T]) next() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.underWay--
		return nil
	}
	q.began = time.Now()
	n := min(len(q.waiting), q.most)
	part := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return part
}
