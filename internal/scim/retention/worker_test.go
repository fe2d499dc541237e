package retention_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/scim-operator/scim-operator/internal/scim/retention"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	day  = 24 * time.Hour
	year = 365 * day
)

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// world is a store with a worker whose clock stands still.
type world struct {
	*testing.T
	store    store.Store
	policy   retention.Policy
	expected bool
	log      strings.Builder
	logger   *slog.Logger // locks log
	metrics  *prometheus.Registry
	worker   *retention.Worker
}

func onBothStores(t *testing.T, test func(*world)) {
	t.Helper()
	run := func(name string, open func(t *testing.T) (store.Store, error)) {
		t.Run(name, func(t *testing.T) {
			s, err := open(t)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			w := &world{T: t, store: s, expected: true}
			w.logger = slog.New(slog.NewTextHandler(&w.log, nil))
			w.worker = w.newWorker(s)
			test(w)
		})
	}
	run("sqlite", func(t *testing.T) (store.Store, error) {
		return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "scim.db"))
	})
	run("postgres", func(t *testing.T) (store.Store, error) { return postgres.Open(t.Context(), pgtest.Database(t)) })
}

func (w *world) newWorker(s store.Store) *retention.Worker {
	w.metrics = prometheus.NewRegistry()
	return retention.NewWorker(retention.Options{
		Store: s, Policy: func() retention.Policy { return w.policy }, StoreExpected: func() bool { return w.expected },
		Schemas: func() *schema.Registry { r, _ := schema.NewRegistry(); return r },
		Log:     w.logger, Metrics: w.metrics, Now: func() time.Time { return now },
	})
}

// user makes a user who was last changed that long ago.
func (w *world) user(id string, ago time.Duration, active any) {
	w.Helper()
	doc := map[string]any{"userName": id}
	if active != nil {
		doc["active"] = active
	}
	w.apply(store.Mutation{Operation: store.Create, Type: schema.User, ID: id, Doc: doc, At: now.Add(-ago), Change: store.Change{Event: store.EventCreate}})
}

func (w *world) apply(m store.Mutation) {
	w.Helper()
	if _, err := w.store.Apply(w.Context(), m); err != nil {
		w.Fatal(err)
	}
}

func (w *world) sweep() {
	w.Helper()
	if err := w.worker.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// users are the ids of those who are left.
func (w *world) users() string {
	w.Helper()
	registry, _ := schema.NewRegistry()
	page, err := w.store.List(w.Context(), store.Query{Select: []store.Selection{{Type: registry.ResourceType(schema.User)}}, Limit: 1000})
	if err != nil {
		w.Fatal(err)
	}
	var ids []string
	for _, r := range page.Resources {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

func (w *world) count(kind string) float64 {
	w.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "scim_endpoint_retention_removed_total" && m.GetLabel()[0].GetValue() == kind {
				return m.GetCounter().GetValue()
			}
		}
	}
	w.Fatalf("there is no metric for %s; the registry has %d", kind, func() int { n, _ := testutil.GatherAndCount(w.metrics); return n }())
	return 0
}

func TestOnlyUsersWhoAreInactiveForLongAreRemoved(t *testing.T) {
	onBothStores(t, func(w *world) {
		w.user("gone", year, false)
		w.user("on-leave", 10*day, false)
		w.user("just-too-young", 180*day-time.Millisecond, false)
		w.user("old-and-active", year, true)
		w.user("old-and-unsaid", year, nil)
		w.apply(store.Mutation{
			Operation: store.Create, Type: schema.Group, ID: "group", Doc: map[string]any{"displayName": "Old", "active": false}, At: now.Add(-year),
			Members: []store.MemberChange{{IDs: []string{"gone", "old-and-active"}}}, Change: store.Change{Event: store.EventCreate},
		})
		before := w.users()
		w.sweep()
		if diff := cmp.Diff(before, w.users()); diff != "" {
			w.Errorf("without a policy (-want +got):\n%s", diff)
		}
		w.policy.Inactive, w.expected = 180*day, false
		w.sweep()
		if diff := cmp.Diff(before, w.users()); diff != "" {
			w.Errorf("in a store that nobody expects (-want +got):\n%s", diff)
		}
		w.expected = true
		w.sweep()
		if diff := cmp.Diff("on-leave just-too-young old-and-active old-and-unsaid", w.users()); diff != "" {
			w.Errorf("users who are left (-want +got):\n%s", diff)
		}
		if _, err := w.store.Get(w.Context(), schema.Group, "group", store.Want{}); err != nil {
			w.Errorf("the group: %v", err)
		}
		if w.count("users") != 1 || strings.Count(w.log.String(), "msg=audit") != 1 || !strings.Contains(w.log.String(), "resourceID=gone") {
			w.Errorf("%v users are counted, the log is\n%s", w.count("users"), w.log.String())
		}
		changes, err := w.store.Changes(w.Context(), 0, 1000)
		if err != nil {
			w.Fatal(err)
		}
		if last := changes[len(changes)-1]; !deletedByRetention(changes) {
			w.Errorf("no change says that retention deleted the user; the last is %+v", last)
		}
	})
}

func deletedByRetention(changes []store.Change) bool {
	for _, c := range changes {
		if c.Event == store.EventDelete && c.ID == "gone" && c.Actor == "retention" {
			return true
		}
	}
	return false
}

func TestMoreUsersThanAPageAreRemovedByTwoReplicasAtOnce(t *testing.T) {
	onBothStores(t, func(w *world) {
		for i := range 250 {
			w.user("u"+time.Duration(i).String(), year, false)
		}
		w.user("stays", year, true)
		w.policy.Inactive = 180 * day
		first, second := w.worker, w.newWorker(w.store)
		var replicas sync.WaitGroup
		for _, worker := range []*retention.Worker{first, second} {
			replicas.Go(func() {
				if err := worker.Sweep(w.Context()); err != nil {
					w.Errorf("sweeping: %v", err)
				}
			})
		}
		replicas.Wait()
		if diff := cmp.Diff("stays", w.users()); diff != "" {
			w.Errorf("users who are left (-want +got):\n%s", diff)
		}
		if got := strings.Count(w.log.String(), "msg=audit"); got != 250 {
			w.Errorf("%d removals are audited, want each of 250 once", got)
		}
	})
}

// returning lets a user in again between the selection and the removal.
type returning struct {
	store.Store
	id   string
	once sync.Once
}

func (r *returning) Apply(ctx context.Context, m store.Mutation) (store.Applied, error) {
	r.once.Do(func() {
		_, _ = r.Store.Apply(ctx, store.Mutation{
			Operation: store.Update, Type: schema.User, ID: r.id, Doc: map[string]any{"userName": r.id, "active": true}, At: now,
			Change: store.Change{Event: store.EventActivate},
		})
	})
	return r.Store.Apply(ctx, m)
}

func TestWhoIsLetInAgainInTheLastMomentStays(t *testing.T) {
	onBothStores(t, func(w *world) {
		w.user("ann", year, false)
		w.policy.Inactive = 180 * day
		w.worker = w.newWorker(&returning{Store: w.store, id: "ann"})
		w.sweep()
		if got := w.users(); got != "ann" {
			w.Errorf("left is %q, want ann", got)
		}
	})
}

func TestOldRecordsGoAndTheYoungStay(t *testing.T) {
	onBothStores(t, func(w *world) {
		w.user("old", year, true)
		w.user("young", day, true)
		w.sweep()
		w.policy.Audit = 30 * day
		w.sweep()
		changes, err := w.store.Changes(w.Context(), 0, 10)
		if err != nil || len(changes) != 1 || changes[0].ID != "young" {
			w.Errorf("records %+v, %v; want the young one's", changes, err)
		}
		if got := w.count("records"); got != 1 {
			w.Errorf("%v records are counted, want 1", got)
		}
	})
}

func TestEventsThatWaitForLongDieAndTheDeadGo(t *testing.T) {
	onBothStores(t, func(w *world) {
		w.user("old", 20*day, true)
		w.user("young", day, true)
		changes, err := w.store.Changes(w.Context(), 0, 10)
		if err != nil {
			w.Fatal(err)
		}
		status, err := w.store.OutboxStatus(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		after := status.Cursor
		for _, c := range changes {
			if err := w.store.Enqueue(w.Context(), c.At, after, c.Sequence, []store.Change{c}); err != nil {
				w.Fatal(err)
			}
			after = c.Sequence
		}
		w.policy.Outbox = 7 * day
		w.sweep()
		left, err := w.store.OutboxStatus(w.Context())
		if err != nil || left.Waiting != 1 || left.Dead != 1 || w.count("events") != 1 {
			w.Errorf("outbox %+v, %v, %v events counted; want one that waits and one dead", left, err, w.count("events"))
		}
		w.policy = retention.Policy{DeadLetters: 30 * day}
		w.sweep()
		if left, _ := w.store.OutboxStatus(w.Context()); left.Dead != 1 {
			w.Errorf("%d dead letters, want the young one kept", left.Dead)
		}
	})
}
