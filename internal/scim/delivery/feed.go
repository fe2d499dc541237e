package delivery

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// pollInterval is how often changes of other replicas are looked for; those of this process wake at once.
	pollInterval = 500 * time.Millisecond
	// drainWait is how long a request waits that comes while the endpoint drains.
	drainWait = time.Second
)

// Feed answers the two routes by which an app fetches identities.
type Feed struct {
	// Store is one that the Notifier watches.
	Store    store.Store
	Notifier *Notifier
	// Schemas returns the schemas in force.
	Schemas func() *schema.Registry
	// Done is closed when the endpoint drains: who waits is answered then.
	Done <-chan struct{}
}

// Changes is the body of the answer to GET /changes.
type Changes struct {
	// StoreID names the store. Sequences of another store say nothing in this one.
	StoreID string `json:"storeID"`
	// Next is the value of after for the next request.
	Next    int64          `json:"next"`
	Changes []events.Event `json:"changes"`
}

// ServeChanges answers GET /changes?after=SEQ&wait=30s&limit=N&storeID=ID: what changed after that sequence, in order
// and without a gap. When there is nothing it waits. It answers 410 when it cannot tell what changed since then.
func (f *Feed) ServeChanges(w http.ResponseWriter, r *http.Request) error {
	q, err := parseFeedQuery(r.URL.Query())
	if err != nil {
		return err
	}
	answer, err := f.wait(r.Context(), q)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(answer) // the client is gone: nobody is left to tell
	return nil
}

// wait reads until there is a change, the time is up, or the endpoint drains.
func (f *Feed) wait(ctx context.Context, q feedQuery) (Changes, error) {
	identity, err := f.Store.Identity(ctx)
	if err != nil {
		return Changes{}, err
	}
	if err := q.check(identity); err != nil {
		return Changes{}, err
	}
	done := f.Done
	select {
	case <-done: // a client that asks again at once must not do so without pause
		done, q.wait = nil, min(q.wait, drainWait)
	default:
	}
	enough := time.NewTimer(q.wait)
	defer enough.Stop()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for last := q.wait == 0; ; {
		changed := f.Notifier.Changed()
		changes, next, err := f.read(ctx, q)
		if err != nil {
			return Changes{}, err
		}
		if last || len(changes) > 0 {
			list, err := eventsOf(ctx, f.Store, f.Schemas(), changes)
			return Changes{StoreID: identity.StoreID, Next: next, Changes: list}, err
		}
		select {
		case <-ctx.Done():
			return Changes{}, ctx.Err()
		case <-done:
			last = true
		case <-enough.C:
			last = true
		case <-changed:
		case <-poll.C:
		}
	}
}

// read returns the next changes and where to go on. A page that is not full says that nothing else was there up to
// the horizon, which is then the place: a quiet app does not fall behind what is kept.
func (f *Feed) read(ctx context.Context, q feedQuery) (changes []store.Change, next int64, err error) {
	horizon, err := f.Store.Horizon(ctx)
	if err != nil {
		return nil, 0, err
	}
	if changes, err = f.Store.Changes(ctx, q.after, q.limit); err != nil {
		return nil, 0, err
	}
	// The floor is read last: changes that were trimmed before they could be read are below it.
	floor, err := f.Store.Floor(ctx)
	if err != nil {
		return nil, 0, err
	}
	if q.after < floor {
		return nil, 0, scimerr.New(http.StatusGone, "changes after %d are not kept any more: take the snapshot and go on from its sequence", q.after)
	}
	next = q.after
	if len(changes) > 0 {
		next = changes[len(changes)-1].Sequence
	}
	if len(changes) < q.limit {
		next = max(next, horizon)
	}
	return changes, next, nil
}
