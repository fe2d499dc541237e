package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// interval is how often it is looked for what has become too old.
	interval = time.Hour
	// pageSize is how many users are read at once.
	pageSize = 100
	// actor stands in audit records and logs where else a token's id does.
	actor = "retention"
)

// Policy says how long things are kept; 0 is for ever.
type Policy struct {
	// Inactive is for users who are not active, since their last change.
	Inactive time.Duration
	// Outbox is for events that wait, which then become dead letters; DeadLetters is for those.
	Outbox, DeadLetters time.Duration
	// Audit is for the records of changes.
	Audit time.Duration
}

// Options is what a Worker needs; all are required.
type Options struct {
	Store store.Store
	// Policy returns the policy in force.
	Policy func() Policy
	// Schemas returns the schemas in force.
	Schemas func() *schema.Registry
	// StoreExpected tells whether the store is the one that the operator knows; from another nothing is removed.
	StoreExpected func() bool
	Log           *slog.Logger
	Metrics       prometheus.Registerer
	// Now is the clock.
	Now func() time.Time
}

// Worker removes what has become too old. Every replica has one: a removal is one atomic step that succeeds once, so
// that they need not know of one another, and the audit record tells of it once.
type Worker struct {
	Options

	removed *prometheus.CounterVec
}

// NewWorker returns a Worker and registers its metrics.
func NewWorker(o Options) *Worker {
	w := &Worker{Options: o, removed: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "scim_endpoint_retention_removed_total",
		Help: "What became too old, by kind: users that were removed, records and deadLetters that were removed, events that became dead letters.",
	}, []string{"kind"})}
	for _, kind := range []string{"users", "records", "deadLetters", "events"} {
		w.removed.WithLabelValues(kind)
	}
	o.Metrics.MustRegister(w.removed)
	return w
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := w.Sweep(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("what is too old was not all removed: it is tried again", "in", interval.String(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Sweep removes once what has become too old. One kind that fails does not keep the others.
func (w *Worker) Sweep(ctx context.Context) error {
	if !w.StoreExpected() {
		return nil
	}
	p, now := w.Policy(), w.Now().UTC()
	return errors.Join(w.users(ctx, p, now), w.outbox(ctx, p, now), w.records(ctx, p, now))
}

// outbox is before records, because an event is made of its record.
func (w *Worker) outbox(ctx context.Context, p Policy, now time.Time) error {
	if p.Outbox == 0 && p.DeadLetters == 0 {
		return nil
	}
	died, removed, err := w.Store.TrimOutbox(ctx, now, before(now, p.Outbox), before(now, p.DeadLetters))
	if err != nil {
		return fmt.Errorf("trimming the outbox: %w", err)
	}
	w.tell("events", died)
	w.tell("deadLetters", removed)
	return nil
}

func (w *Worker) records(ctx context.Context, p Policy, now time.Time) error {
	if p.Audit == 0 {
		return nil
	}
	removed, err := w.Store.TrimChanges(ctx, before(now, p.Audit))
	if err != nil {
		return fmt.Errorf("trimming the records of changes: %w", err)
	}
	w.tell("records", removed)
	return nil
}

// before is when a time span ended, and no time at all for one of 0.
func before(now time.Time, span time.Duration) time.Time {
	if span == 0 {
		return time.Time{}
	}
	return now.Add(-span)
}

func (w *Worker) tell(kind string, count int) {
	if count == 0 {
		return
	}
	w.removed.WithLabelValues(kind).Add(float64(count))
	w.Log.Info("retention", "kind", kind, "count", count)
}

// users deletes who is inactive and unchanged for long enough.
func (w *Worker) users(ctx context.Context, p Policy, now time.Time) error {
	if p.Inactive == 0 {
		return nil
	}
	users := w.Schemas().ResourceType(schema.User)
	unchangedSince := before(now, p.Inactive).Format(time.RFC3339Nano)
	selected, err := filter.Parse(users, dialect.Strict, `active eq false and meta.lastModified lt "`+unchangedSince+`"`)
	if err != nil {
		return fmt.Errorf("selecting inactive users: %w", err)
	}
	query := store.Query{Select: []store.Selection{{Type: users, Filter: selected}}, Limit: pageSize}
	for {
		page, err := w.Store.List(ctx, query)
		if err != nil {
			return fmt.Errorf("selecting inactive users: %w", err)
		}
		for _, user := range page.Resources {
			if err := w.purge(ctx, user.Record, now); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		query.After = page.Next
	}
}

// purge deletes a user in the very state in which it was selected: who has been let in again meanwhile stays, and so
// does what another replica has removed.
func (w *Worker) purge(ctx context.Context, user store.Record, now time.Time) error {
	_, err := w.Store.Apply(ctx, store.Mutation{
		Operation: store.Delete, Type: schema.User, ID: user.ID, Expected: user.Version, At: now,
		Change: store.Change{Event: store.EventDelete, Actor: actor},
	})
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrVersionChanged):
		return nil
	case err != nil:
		return fmt.Errorf("removing the inactive user %s: %w", user.ID, err)
	}
	w.removed.WithLabelValues("users").Inc()
	w.Log.Info("audit", "token", actor, "operation", "delete", "resourceType", schema.User, "resourceID", user.ID, "attributes", []string{})
	return nil
}
