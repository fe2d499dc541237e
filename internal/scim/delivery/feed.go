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
	// maxRequests is how many requests of the feed may be there at once, waiting ones included. Each of them may hold a
	// page of events in memory.
	maxRequests = 128
	// retryAfter is how many seconds one that comes above that is asked to stay away.
	retryAfter = "5"
)

// FeedOptions is what a Feed needs; all are required but Done.
type FeedOptions struct {
	// Store is one that the Notifier watches.
	Store    store.Store
	Notifier *Notifier
	// Schemas returns the schemas in force.
	Schemas func() *schema.Registry
	// Readers is how many requests may read from the store at once, each by one connection; others wait.
	Readers int
	// Done is closed when the endpoint drains: who waits is answered then.
	Done <-chan struct{}
}

// Feed answers the two routes by which an app fetches identities. Run has to run beside it.
type Feed struct {
	FeedOptions
	// requests and readers are taken by requests that are there and that read.
	requests, readers chan struct{}
	// moved tells who waits that the horizon is elsewhere.
	moved *Notifier
}

// NewFeed returns a Feed.
func NewFeed(o FeedOptions) *Feed {
	return &Feed{
		FeedOptions: o, moved: NewNotifier(),
		requests: make(chan struct{}, maxRequests), readers: make(chan struct{}, o.Readers),
	}
}

// Run looks at the horizon for all requests that wait, until the context ends. However many they are, the store is asked
// once, and each of them reads only when there is something to read.
func (f *Feed) Run(ctx context.Context) {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for seen := int64(-1); ; {
		changed := f.Notifier.Changed()
		if len(f.requests) > 0 {
			// Where the store does not answer, who waits will be told so at the end of the wait.
			if horizon, err := f.Store.Horizon(ctx); err == nil && horizon != seen {
				seen = horizon
				f.moved.notify()
			}
		} else {
			seen = -1 // who comes next may have read before the next look
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-poll.C:
		}
	}
}

// enter takes a place for a request, which leave gives back.
func (f *Feed) enter(w http.ResponseWriter) error {
	select {
	case f.requests <- struct{}{}:
		return nil
	default:
		w.Header().Set("Retry-After", retryAfter)
		return scimerr.New(http.StatusServiceUnavailable, "%d requests of the feed are there already: each app should have one at a time", maxRequests)
	}
}

func (f *Feed) leave() { <-f.requests }

// reading runs f when few enough others read. It must not wait for the client.
func (f *Feed) reading(ctx context.Context, read func() error) error {
	select {
	case f.readers <- struct{}{}:
		defer func() { <-f.readers }()
		return read()
	case <-ctx.Done():
		return ctx.Err()
	}
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
	if err := f.enter(w); err != nil {
		return err
	}
	defer f.leave()
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
	done := f.Done
	select {
	case <-done: // a client that asks again at once must not do so without pause
		done, q.wait = nil, min(q.wait, drainWait)
	default:
	}
	enough := time.NewTimer(q.wait)
	defer enough.Stop()
	for last := q.wait == 0; ; {
		moved := f.moved.Changed()
		var answer Changes
		err := f.reading(ctx, func() (err error) {
			answer, err = f.read(ctx, q)
			return err
		})
		if err != nil || last || len(answer.Changes) > 0 {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return Changes{}, ctx.Err()
		case <-done:
			last = true
		case <-enough.C:
			last = true
		case <-moved:
		}
	}
}

// read returns the next changes and where to go on. A page that is not full says that nothing else was there up to
// the horizon, which is then the place: a quiet app does not fall behind what is kept.
func (f *Feed) read(ctx context.Context, q feedQuery) (Changes, error) {
	identity, err := f.Store.Identity(ctx)
	if err != nil {
		return Changes{}, err
	}
	if err := q.check(identity); err != nil {
		return Changes{}, err
	}
	horizon, err := f.Store.Horizon(ctx)
	if err != nil {
		return Changes{}, err
	}
	changes, err := f.Store.Changes(ctx, q.after, q.limit)
	if err != nil {
		return Changes{}, err
	}
	// The floor is read last: changes that were trimmed before they could be read are below it.
	floor, err := f.Store.Floor(ctx)
	if err != nil {
		return Changes{}, err
	}
	if q.after < floor {
		return Changes{}, scimerr.New(http.StatusGone, "changes after %d are not kept any more: take the snapshot and go on from its sequence", q.after)
	}
	answer := Changes{StoreID: identity.StoreID, Next: q.after}
	if len(changes) > 0 {
		answer.Next = changes[len(changes)-1].Sequence
	}
	if len(changes) < q.limit {
		answer.Next = max(answer.Next, horizon)
	}
	answer.Changes, err = eventsOf(ctx, f.Store, f.Schemas(), changes)
	return answer, err
}
