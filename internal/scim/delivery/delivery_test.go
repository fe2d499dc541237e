package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// identities is a store that a test changes.
type identities struct {
	testing.TB
	store    store.Store
	notifier *delivery.Notifier
	registry *schema.Registry
	// address opens the store once more.
	address string
}

// newIdentities has a SQLite store.
func newIdentities(t testing.TB) *identities {
	t.Helper()
	return newReplica(t, "sqlite://"+filepath.Join(t.TempDir(), "scim.db"))
}

// newReplica opens a store as a replica of the endpoint does, which notices its own changes only.
func newReplica(t testing.TB, address string) *identities {
	t.Helper()
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	i := &identities{TB: t, notifier: delivery.NewNotifier(), registry: registry, address: address}
	var s store.Store
	if file, ok := strings.CutPrefix(address, "sqlite://"); ok {
		s, err = sqlite.Open(t.Context(), file)
	} else {
		s, err = postgres.Open(t.Context(), address)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	i.store = i.notifier.Watch(s)
	return i
}

// onBoth runs a test on either store.
func onBoth(t *testing.T, test func(t *testing.T, i *identities)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newIdentities(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newReplica(t, pgtest.Database(t))) })
}

func (i *identities) schemas() *schema.Registry { return i.registry }

func apply(t testing.TB, s store.Store, m store.Mutation) {
	t.Helper()
	m.At = noon
	if _, err := s.Apply(t.Context(), m); err != nil {
		t.Fatalf("changing %s: %v", m.ID, err)
	}
}

func user(id string, active bool) map[string]any {
	return map[string]any{"userName": id + "@x", "externalId": "object-" + id, "active": active}
}

func (i *identities) create(ids ...string) {
	i.Helper()
	for _, id := range ids {
		apply(i, i.store, store.Mutation{Operation: store.Create, Type: schema.User, ID: id, Doc: user(id, true),
			Change: store.Change{Event: store.EventCreate, Attributes: []string{"active", "externalId", "userName"}}})
	}
}

func (i *identities) patch(id string, doc map[string]any, event store.Event, attributes ...string) {
	i.Helper()
	apply(i, i.store, store.Mutation{Operation: store.Update, Type: schema.User, ID: id, Doc: doc,
		Change: store.Change{Event: event, Attributes: attributes}})
}

func (i *identities) deactivate(id string) {
	i.Helper()
	i.patch(id, user(id, false), store.EventDeactivate, "active")
}

func (i *identities) group(id, displayName string, members ...string) {
	i.Helper()
	apply(i, i.store, store.Mutation{Operation: store.Create, Type: schema.Group, ID: id, Doc: map[string]any{"displayName": displayName},
		Members: []store.MemberChange{{Operation: store.AddMembers, IDs: members}},
		Change:  store.Change{Event: store.EventCreate, Attributes: []string{"displayName", "members"}}})
}

// readers is how many requests of the feed read at once.
const readers = 4

// serve mounts the feed as the SCIM server does, but for authentication.
func (i *identities) serve(o delivery.FeedOptions) string {
	i.Helper()
	if o.Store == nil {
		o.Store = i.store
	}
	o.Notifier, o.Schemas, o.Readers = i.notifier, i.schemas, readers
	feed := delivery.NewFeed(o)
	ctx, stop := context.WithCancel(i.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		feed.Run(ctx)
	}()
	i.Cleanup(func() {
		stop()
		<-ended
	})
	route := func(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := answer(w, r); err != nil {
				status := http.StatusInternalServerError
				if e, ok := errors.AsType[*scimerr.Error](err); ok {
					status = e.Status
				}
				http.Error(w, err.Error(), status)
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /changes", route(feed.ServeChanges))
	mux.Handle("GET /snapshot", route(feed.ServeSnapshot))
	server := httptest.NewServer(mux)
	i.Cleanup(server.Close)
	return server.URL
}

// eventually waits for the condition, asking again at each tick.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			t.Fatalf("it did not come about that %s", what)
		case <-tick.C:
		}
	}
}

func name(n int) string { return fmt.Sprintf("u%04d", n) }
