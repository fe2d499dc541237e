package delivery

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// parallel is how many events are sent at once, each of another resource, and reserved how many of the places are
	// kept for those that end access (T-8).
	parallel = 8
	reserved = 2
	// fillPage is how many changes are put into the outbox at once.
	fillPage = 500
)

// round is the work of a replica while it is the one that delivers.
type round struct {
	*Worker
	storeID string
	// cursor is that of the outbox, horizon the one up to which it was filled.
	cursor, horizon int64
	// underWay has the resources that an event is being sent of, so that each has one at a time and in order.
	underWay map[string]bool
	attempts chan attempt
	// failures counts how often in a row the app was unreachable; until resume nothing is sent.
	failures int
	resume   time.Time
}

// attempt is an event that was sent, or could not be made because the store did not answer.
type attempt struct {
	store.Queued
	answer answer
	err    error
}

// fill puts into the outbox what has changed since.
func (r *round) fill(ctx context.Context) error {
	horizon, err := r.Store.Horizon(ctx)
	if err != nil || horizon == r.horizon {
		return err
	}
	if horizon < r.cursor { // the database may have been set back to an older state, with the cursor that it had
		status, err := r.Store.OutboxStatus(ctx)
		if err != nil {
			return err
		}
		r.cursor = status.Cursor
	}
	for {
		changes, err := r.Store.Changes(ctx, r.cursor, fillPage)
		if err != nil {
			return err
		}
		if len(changes) > 0 {
			next := changes[len(changes)-1].Sequence
			if err := r.Store.Enqueue(ctx, r.Now(), r.cursor, next, changes); err != nil {
				return err
			}
			r.cursor = next
		}
		if len(changes) < fillPage {
			r.horizon = horizon
			return nil
		}
	}
}

// start sends what is due. After a failure to reach the app a single event tries whether it is back.
func (r *round) start(ctx context.Context) error {
	now := r.Now()
	if now.Before(r.resume) {
		return nil
	}
	places := parallel - len(r.underWay)
	if r.failures > 0 {
		places = 1 - len(r.underWay)
	}
	if places <= 0 {
		return nil
	}
	due, err := r.Store.Due(ctx, now, places+len(r.underWay))
	if err != nil {
		return err
	}
	for _, q := range due {
		if r.underWay[q.ID] || r.failures == 0 && places <= reserved && !q.Event.Urgent() {
			continue
		}
		if places == 0 {
			break
		}
		places--
		r.underWay[q.ID] = true
		go func() { r.attempts <- r.try(context.WithoutCancel(ctx), q) }()
	}
	return nil
}

// try makes the event of the present state and sends it.
func (r *round) try(ctx context.Context, q store.Queued) attempt {
	ctx, cancel := context.WithTimeout(ctx, 2*sendTimeout)
	defer cancel()
	m, err := r.message(ctx, q)
	if err != nil {
		return attempt{Queued: q, err: err}
	}
	return attempt{Queued: q, answer: send(ctx, r.client, r.Webhook(), m, r.Now())}
}

func (r *round) message(ctx context.Context, q store.Queued) (message, error) {
	// A change that was trimmed meanwhile is told with what the outbox knows of it.
	change := store.Change{Sequence: q.Sequence, At: q.At, Event: q.Event, Type: q.Type, ID: q.ID}
	changes, err := r.Store.Changes(ctx, q.Sequence-1, 1)
	if err != nil {
		return message{}, err
	}
	if len(changes) == 1 && changes[0].Sequence == q.Sequence {
		change = changes[0]
	}
	change.PreviousUserName = q.PreviousUserName
	list, err := eventsOf(ctx, r.Store, r.Schemas(), []store.Change{change})
	if err != nil {
		return message{}, err
	}
	return newMessage(list[0], r.storeID, r.Source)
}

// drain waits for the attempts under way and settles them.
func (r *round) drain(ctx context.Context) error {
	for len(r.underWay) > 0 {
		if err := r.settle(ctx, <-r.attempts); err != nil {
			return err
		}
	}
	return nil
}

// settle records what became of an attempt, and of the others that have ended meanwhile, in one write.
func (r *round) settle(ctx context.Context, first attempt) error {
	ended := []attempt{first}
	for more := true; more; {
		select {
		case a := <-r.attempts:
			ended = append(ended, a)
		default:
			more = false
		}
	}
	var outcomes []store.Outcome
	answered := false
	for _, a := range ended {
		delete(r.underWay, a.ID)
		if a.err != nil {
			r.Log.Error("an event could not be made", "sequence", a.Sequence, "error", a.err)
			r.resume = r.Now().Add(time.Second)
			continue
		}
		r.metrics.attempts.WithLabelValues(string(a.answer.verdict)).Inc()
		answered = answered || a.answer.verdict != unreachable
		outcomes = append(outcomes, r.outcome(a))
	}
	if err := r.Store.Settle(ctx, outcomes); err != nil {
		return err
	}
	if answered && r.failures > 0 {
		r.Log.Info("the app answers again")
		r.failures, r.resume = 0, time.Time{}
		return r.Store.Wake(ctx)
	}
	return nil
}

// outcome decides what is next for an event.
func (r *round) outcome(a attempt) store.Outcome {
	now := r.Now()
	o := store.Outcome{Sequence: a.Sequence, Attempts: a.Attempts + 1, Error: a.answer.reason}
	switch a.answer.verdict {
	case delivered:
		o.Delivered = true
	case unreachable:
		o.Attempts, o.NotBefore = a.Attempts, r.pause(now, a.answer)
	case failed:
		o.NotBefore = now.Add(backoff(o.Attempts, maxBackoff, rand.Float64()))
		if o.Attempts >= maxAttempts {
			o.DeadAt = now
		}
	case refused:
		o.DeadAt = now
	}
	if !o.DeadAt.IsZero() {
		r.Log.Error("an event is a dead letter", "sequence", a.Sequence, "event", a.Event, "resourceID", a.ID, "attempts", o.Attempts, "reason", o.Error)
	}
	return o
}

// pause stops all sending for a while and returns until when. Attempts that were under way together count once.
func (r *round) pause(now time.Time, a answer) time.Time {
	if now.Before(r.resume) {
		return r.resume
	}
	r.failures++
	if r.failures == 1 {
		r.Log.Error("the app is unreachable: events wait", "reason", a.reason)
	}
	r.resume = now.Add(max(a.retryAfter, backoff(r.failures, maxPause, rand.Float64())))
	return r.resume
}
