package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Options is what a Worker needs; all are required but Now.
type Options struct {
	// Store is one that the Notifier watches.
	Store    store.Store
	Notifier *Notifier
	// Schemas returns the schemas in force.
	Schemas func() *schema.Registry
	// Webhook returns where to send; each attempt reads it anew.
	Webhook func() Webhook
	// StoreExpected tells whether the store is the one that the operator knows. While it is not, nothing is sent: a
	// restored store would bring back to life who has left.
	StoreExpected func() bool
	// Source names this endpoint in the events: its public URL.
	Source  string
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Worker fills the outbox and sends what is in it.
type Worker struct {
	Options
	client  *http.Client
	metrics *metrics
}

// NewWorker returns a Worker and registers its metrics.
func NewWorker(o Options) *Worker {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Worker{Options: o, client: newClient(), metrics: newMetrics(o)}
}

// maxRestart is the longest time between two attempts to deliver while the store fails.
const maxRestart = 5 * time.Second

// Run works until the context ends, and then waits for the attempts that are under way.
func (w *Worker) Run(ctx context.Context) {
	for failures := 1; ctx.Err() == nil; failures++ {
		err := w.Store.Lead(ctx, func(ctx context.Context) error {
			failures = 1
			return w.lead(ctx)
		})
		if ctx.Err() != nil {
			return
		}
		w.Log.Error("delivery stopped and begins again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(backoff(failures, maxRestart, rand.Float64())):
		}
	}
}

// lead delivers while this replica is the one to do so.
func (w *Worker) lead(ctx context.Context) error {
	status, err := w.Store.OutboxStatus(ctx)
	if err != nil {
		return err
	}
	identity, err := w.Store.Identity(ctx)
	if err != nil {
		return err
	}
	r := &round{
		Worker: w, storeID: identity.StoreID, cursor: status.Cursor, horizon: -1,
		underWay: map[string]bool{}, attempts: make(chan attempt, parallel),
	}
	err = r.work(ctx)
	// The attempts under way end within sendTimeout; what they came to is kept even when the context is over.
	return errors.Join(err, r.drain(context.WithoutCancel(ctx)))
}

func (r *round) work(ctx context.Context) error {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		changed := r.Notifier.Changed()
		if err := r.next(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-poll.C:
		case a := <-r.attempts:
			if err := r.settle(ctx, a); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// next fills the outbox and starts what is due, unless nothing is to be sent.
func (r *round) next(ctx context.Context) error {
	if r.Webhook().URL == "" || !r.StoreExpected() {
		return nil
	}
	if err := r.fill(ctx); err != nil {
		return fmt.Errorf("filling the outbox: %w", err)
	}
	if err := r.start(ctx); err != nil {
		return fmt.Errorf("starting deliveries: %w", err)
	}
	return nil
}
