package telemetry

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Store returns a store that does what s does and measures what the serving of SCIM waits for.
func Store(s store.Store, registerer prometheus.Registerer, traces *Traces) store.Store {
	m := &meter{tracer: traces.tracer(), duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "scim_endpoint_store_duration_seconds",
		Help: "Time that an operation of the store took, by operation and by result: ok, refused (such as a userName that is taken) or failed.",
		// From a read that is cached to the time-out of a request.
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"operation", "result"})}
	registerer.MustRegister(m.duration)
	return measured{Store: s, reader: reader{Reader: s, meter: m}}
}

// meter observes operations.
type meter struct {
	duration *prometheus.HistogramVec
	// tracer is nil when there are no traces.
	tracer trace.Tracer
}

// begin starts the measurement of an operation; the function that it returns ends it.
func (m *meter) begin(ctx context.Context, operation string) (context.Context, func(error)) {
	started := time.Now()
	var span trace.Span
	if m.tracer != nil {
		ctx, span = m.tracer.Start(ctx, "store "+operation)
	}
	return ctx, func(err error) {
		result := resultOf(err)
		m.duration.WithLabelValues(operation, result).Observe(time.Since(started).Seconds())
		if span == nil {
			return
		}
		if result == failed {
			span.SetStatus(codes.Error, "") // the error may hold values
		}
		span.End()
	}
}

// The results of an operation.
const (
	ok      = "ok"
	refused = "refused"
	failed  = "failed"
)

func resultOf(err error) string {
	var unknown *store.UnknownMemberError
	switch {
	case err == nil:
		return ok
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrUserNameTaken), errors.Is(err, store.ErrVersionChanged), errors.As(err, &unknown):
		return refused
	}
	return failed
}

// reader measures reads.
type reader struct {
	store.Reader

	meter *meter
}

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	ctx, end := r.meter.begin(ctx, "get")
	found, err := r.Reader.Get(ctx, resourceType, id, want)
	end(err)
	return found, err
}

// List implements store.Reader.
func (r reader) List(ctx context.Context, q store.Query) (store.Page, error) {
	ctx, end := r.meter.begin(ctx, "list")
	page, err := r.Reader.List(ctx, q)
	end(err)
	return page, err
}

// Members implements store.Reader. The time includes what the caller does with each member.
func (r reader) Members(ctx context.Context, groupID string, f func(store.Ref) error) error {
	ctx, end := r.meter.begin(ctx, "members")
	err := r.Reader.Members(ctx, groupID, f)
	end(err)
	return err
}

// Memberships implements store.Reader.
func (r reader) Memberships(ctx context.Context, ids ...string) (map[string][]store.Membership, error) {
	ctx, end := r.meter.begin(ctx, "memberships")
	found, err := r.Reader.Memberships(ctx, ids...)
	end(err)
	return found, err
}

// measured measures reads and writes.
type measured struct {
	store.Store

	reader reader
}

// Get implements store.Reader.
func (s measured) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	return s.reader.Get(ctx, resourceType, id, want)
}

// List implements store.Reader.
func (s measured) List(ctx context.Context, q store.Query) (store.Page, error) {
	return s.reader.List(ctx, q)
}

// Members implements store.Reader.
func (s measured) Members(ctx context.Context, groupID string, f func(store.Ref) error) error {
	return s.reader.Members(ctx, groupID, f)
}

// Memberships implements store.Reader.
func (s measured) Memberships(ctx context.Context, ids ...string) (map[string][]store.Membership, error) {
	return s.reader.Memberships(ctx, ids...)
}

// View implements store.Store: what is read within is measured, each by itself.
func (s measured) View(ctx context.Context, f func(store.Reader) error) error {
	return s.Store.View(ctx, func(r store.Reader) error { return f(reader{Reader: r, meter: s.reader.meter}) })
}

// Apply implements store.Store.
func (s measured) Apply(ctx context.Context, m store.Mutation) (store.Applied, error) {
	ctx, end := s.reader.meter.begin(ctx, operations[m.Operation])
	applied, err := s.Store.Apply(ctx, m)
	end(err)
	return applied, err
}

// operations name what Apply does.
var operations = map[store.Operation]string{store.Create: "create", store.Update: "update", store.Delete: "delete"}
