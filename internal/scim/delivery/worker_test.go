package delivery_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

// app receives webhooks. It checks every signature.
type app struct {
	testing.TB
	url        atomic.Pointer[string]
	secretFile string
	secret     string
	// strict holds timestamps to the real time, too; not for tests that move the clock.
	strict bool

	mu     sync.Mutex
	got    []events.Event
	ids    []string
	answer func(events.Event) int
}

func newApp(t testing.TB) *app {
	t.Helper()
	a := &app{TB: t, secretFile: filepath.Join(t.TempDir(), "secret")}
	a.secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	old := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("o", 32)))
	if err := os.WriteFile(a.secretFile, []byte(old+"\n"+a.secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	url := server.URL + "/hooks/scim"
	a.url.Store(&url)
	return a
}

// ServeHTTP implements http.Handler.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // a request that was given up
	}
	verifier, err := standardwebhooks.NewWebhook(a.secret)
	if err == nil {
		err = verifier.VerifyIgnoringTimestamp(body, r.Header)
	}
	if err == nil && a.strict {
		err = verifier.Verify(body, r.Header)
	}
	var envelope event.Event
	var e events.Event
	if err == nil {
		err = json.Unmarshal(body, &envelope)
	}
	if err == nil {
		err = envelope.DataAs(&e)
	}
	if err != nil || envelope.Validate() != nil || r.Header.Get("Content-Type") != "application/cloudevents+json" ||
		envelope.ID() != r.Header.Get("webhook-id") || envelope.Type() != string(e.Type) || envelope.Subject() != e.ResourceType+"s/"+e.ID ||
		envelope.Source() != "https://scim.example.com/scim/v2" || !envelope.Time().Equal(e.Time) {
		a.Errorf("error %v: a webhook is not as promised: %v %s", err, r.Header, body)
	}
	a.mu.Lock()
	a.got, a.ids = append(a.got, e), append(a.ids, envelope.ID())
	answer := a.answer
	a.mu.Unlock()
	status := http.StatusNoContent
	if answer != nil {
		status = answer(e)
	}
	w.WriteHeader(status)
}

func (a *app) answers(f func(events.Event) int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = f
}

func (a *app) received() []events.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]events.Event(nil), a.got...)
}

// worker is a running worker whose clock a test moves.
type worker struct {
	stop     func()
	metrics  *prometheus.Registry
	ahead    atomic.Int64
	expected atomic.Bool
}

func (w *worker) advance(d time.Duration) { w.ahead.Add(int64(d)) }

func (i *identities) work(a *app) *worker {
	i.Helper()
	w := &worker{metrics: prometheus.NewRegistry()}
	w.expected.Store(true)
	running := delivery.NewWorker(delivery.Options{
		Store: i.store, Notifier: i.notifier, Schemas: i.schemas, StoreExpected: w.expected.Load,
		Webhook: func() delivery.Webhook { return delivery.Webhook{URL: *a.url.Load(), SecretFile: a.secretFile} },
		Source:  "https://scim.example.com/scim/v2", Log: slog.New(slog.NewTextHandler(i.Output(), nil)), Metrics: w.metrics,
		Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
	})
	ctx, cancel := context.WithCancel(i.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		running.Run(ctx)
	}()
	w.stop = sync.OnceFunc(func() { cancel(); <-done })
	i.Cleanup(w.stop)
	return w
}

// value reads a metric; of a counter vector, the one with that label.
func (w *worker) value(t testing.TB, metric, label string) float64 {
	t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == metric && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func (i *identities) waiting() (waiting, dead int) {
	i.Helper()
	status, err := i.store.OutboxStatus(i.Context())
	if err != nil {
		i.Fatal(err)
	}
	identity, err := i.store.Identity(i.Context())
	if err != nil {
		i.Fatal(err)
	}
	return status.Waiting + int(identity.Sequence-status.Cursor), status.Dead
}

// settled waits until that many are dead and nothing waits.
func (i *identities) settled(dead int) {
	i.Helper()
	eventually(i, "everything is delivered or dead", func() bool {
		waiting, gotDead := i.waiting()
		return waiting == 0 && gotDead == dead
	})
}

func TestT7EveryChangeIsDeliveredSignedAsACloudEvent(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	a.strict = true
	i.create("ann") // before the worker begins
	w := i.work(a)
	eventually(t, "the first is delivered", func() bool { return len(a.received()) == 1 })
	i.patch("ann", user("anna", true), store.EventPatch, "userName")
	i.settled(0)
	i.patch("ann", user("anna", true), store.EventPatch, "userName") // nothing differs
	i.group("g1", "Editors", "ann")
	i.settled(0)
	want := []string{"ann create:notice", "ann patch:notice"}
	if diff := cmp.Diff(want, told(a.received())[:2]); diff != "" || len(a.received()) != 4 {
		t.Errorf("%d events; the first (-want +got):\n%s", len(a.received()), diff)
	}
	if got := a.received()[1]; got.PreviousUserName != "ann@x" || got.UserName != "anna@x" {
		t.Errorf("a rename is told as %+v", got)
	}
	if got := w.value(t, "scim_endpoint_webhook_attempts_total", "delivered"); got != 4 {
		t.Errorf("%v deliveries are counted, want 4", got)
	}
}

func TestT8WhatEndsAccessOvertakesAndSupersedes(t *testing.T) {
	onBoth(t, func(t *testing.T, i *identities) { overtake(t, i, newApp(t)) })
}

func overtake(t *testing.T, i *identities, a *app) {
	a.answers(func(events.Event) int { return http.StatusServiceUnavailable })
	w := i.work(a)
	for n := range 20 {
		i.create(name(n))
	}
	eventually(t, "the app was tried", func() bool { return len(a.received()) > 0 })
	i.patch(name(19), user("renamed", true), store.EventPatch, "userName")
	i.patch(name(19), user("again", true), store.EventPatch, "userName")
	i.deactivate(name(19)) // which renames back, too
	eventually(t, "all are queued", func() bool { waiting, _ := i.waiting(); return waiting == 20 })
	var mu sync.Mutex
	var taken []events.Event
	a.answers(func(e events.Event) int {
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, e)
		return http.StatusOK
	})
	w.advance(time.Hour)
	i.settled(0)
	mu.Lock()
	defer mu.Unlock()
	// Those that are sent at the same time may be before it.
	place := slices.IndexFunc(taken, func(e events.Event) bool { return e.ID == name(19) })
	if len(taken) != 20 || place > 7 {
		t.Fatalf("%d events were taken, the deactivation at place %d", len(taken), place)
	}
	if got := taken[place]; got.Type != events.Deactivate || *got.Active || got.PreviousUserName != name(19)+"@x" {
		t.Errorf("the app is told %+v, want a deactivation with the previous userName that it knows", got)
	}
}

func TestT9WhatFailsHoldsBackItsResourceOnly(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	a.answers(func(e events.Event) int {
		if e.ID == "ann" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	w := i.work(a)
	i.create("ann", "bob")
	i.patch("ann", user("anna", true), store.EventPatch, "userName")
	i.patch("bob", user("rob", true), store.EventPatch, "userName")
	eventually(t, "bob is through and ann was tried", func() bool {
		waiting, _ := i.waiting()
		return waiting == 2 && w.value(t, "scim_endpoint_webhook_attempts_total", "failed") > 0
	})
	a.answers(nil)
	w.advance(time.Hour)
	i.settled(0)
	var anns []events.Event
	for _, e := range a.received() {
		if e.ID == "ann" {
			anns = append(anns, e)
		}
	}
	for n := 1; n < len(anns); n++ {
		if anns[n].Sequence < anns[n-1].Sequence {
			t.Errorf("out of order: %+v", anns)
		}
	}
	if last := anns[len(anns)-1]; last.Type != events.Patch {
		t.Errorf("the last is %+v, want the change of the name", last)
	}
	first := -1
	for n, e := range a.received() {
		if e.ID == "ann" && e.Type == events.Create {
			if first >= 0 && a.ids[n] != a.ids[first] {
				t.Errorf("attempts have the ids %s and %s, want one", a.ids[first], a.ids[n])
			}
			first = n
		}
	}
}

func TestDeadLetters(t *testing.T) {
	for name, c := range map[string]struct {
		status, attempts int
	}{
		"a refusal is final":                  {http.StatusUnprocessableEntity, 1},
		"the sixteenth failure is the last":   {http.StatusInternalServerError, 16},
		"a redirect is a failure like others": {http.StatusTemporaryRedirect, 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // these wait for most of the time
			i, a := newIdentities(t), newApp(t)
			a.answers(func(events.Event) int { return c.status })
			w := i.work(a)
			i.create("ann")
			eventually(t, "the event is dead", func() bool {
				w.advance(time.Hour)
				_, dead := i.waiting()
				return dead == 1
			})
			dead, err := i.store.DeadLetters(t.Context(), 0, 10)
			if err != nil || len(a.received()) != c.attempts || dead[0].Attempts != c.attempts || dead[0].LastError == "" {
				t.Errorf("error %v, %d attempts, want %d: %+v", err, len(a.received()), c.attempts, dead)
			}
			if w.value(t, "scim_endpoint_outbox_dead_letters", "") != 1 {
				t.Error("the metric does not count it")
			}
			a.answers(nil)
			if n, err := i.store.Replay(t.Context(), noon); err != nil || n != 1 {
				t.Errorf("%d replayed, error %v", n, err)
			}
			i.settled(0)
		})
	}
}

func TestT9AnAppThatWasDownGetsEverything(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close() // nobody listens there now
	up := a.url.Swap(&down.URL)
	w := i.work(a)
	for n := range 30 {
		i.create(name(n))
	}
	eventually(t, "it was tried again and again", func() bool {
		w.advance(time.Minute)
		return w.value(t, "scim_endpoint_webhook_attempts_total", "unreachable") > 4
	})
	if waiting, dead := i.waiting(); waiting != 30 || dead != 0 {
		t.Errorf("%d wait and %d are dead, want 30 and 0: that the app is down is no event's fault", waiting, dead)
	}
	eventually(t, "the metric counts all", func() bool { return w.value(t, "scim_endpoint_outbox_waiting", "") == 30 })
	if age := w.value(t, "scim_endpoint_outbox_oldest_seconds", ""); age <= 0 {
		t.Errorf("the oldest is %v seconds old, by the metric", age)
	}
	a.url.Store(up)
	w.advance(time.Minute)
	i.settled(0)
	if len(a.received()) != 30 {
		t.Errorf("the app got %d events, want 30", len(a.received()))
	}
}

func TestNothingIsSentFromAStoreThatIsNotExpected(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	w := i.work(a)
	w.expected.Store(false)
	i.create("ann")
	other := newIdentities(t)
	other.create("bob")
	other.work(a)
	eventually(t, "another endpoint has delivered", func() bool { return len(a.received()) > 0 })
	if got := told(a.received()); !cmp.Equal(got, []string{"bob create:notice"}) {
		t.Errorf("the app was told %v", got)
	}
	w.expected.Store(true)
	i.settled(0)
}

func TestAnAttemptUnderWayIsSettledWhenTheWorkerStops(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	asked, proceed := make(chan struct{}), make(chan struct{})
	a.answers(func(events.Event) int {
		close(asked)
		<-proceed
		return http.StatusOK
	})
	w := i.work(a)
	i.create("ann")
	<-asked
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		w.stop()
	}()
	close(proceed)
	<-stopped
	if waiting, dead := i.waiting(); waiting != 0 || dead != 0 {
		t.Errorf("%d wait and %d are dead, want it to be delivered", waiting, dead)
	}
}

func TestATrimmedChangeIsStillTold(t *testing.T) {
	i, a := newIdentities(t), newApp(t)
	a.answers(func(events.Event) int { return http.StatusServiceUnavailable })
	w := i.work(a)
	i.create("ann")
	eventually(t, "it was tried", func() bool { return len(a.received()) > 0 })
	if _, err := i.store.TrimChanges(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	a.answers(nil)
	w.advance(time.Hour)
	i.settled(0)
	got := a.received()[len(a.received())-1]
	if got.ID != "ann" || got.UserName != "ann@x" || got.ResourceType != schema.User || got.Type != events.Create || !got.Time.Equal(noon) {
		t.Errorf("the app is told %+v", got)
	}
}

func TestReplicasDeliverOneAtATime(t *testing.T) {
	const changes = 40
	a, address := newApp(t), pgtest.Database(t)
	first, second := newReplica(t, address), newReplica(t, address)
	workers := map[*identities]*worker{first: first.work(a), second: second.work(a)}
	for n := range changes {
		first.create(name(n))
	}
	first.settled(0)
	if got := len(a.received()); got != changes {
		t.Errorf("%d events were delivered, want %d: each once", got, changes)
	}
	leader, other := first, second
	if workers[second].value(t, "scim_endpoint_webhook_attempts_total", "delivered") > 0 {
		leader, other = second, first
	}
	workers[leader].stop()
	other.create("late")
	other.settled(0)
	if got := a.received(); len(got) != changes+1 || got[changes].ID != "late" {
		t.Errorf("%d events were delivered after the leader had gone, want %d", len(got), changes+1)
	}
}

// TestDeliveryGoesOnInADatabaseThatWasRestored sets the database back under a running worker, whose place in the changes
// is then behind their end.
func TestDeliveryGoesOnInADatabaseThatWasRestored(t *testing.T) {
	address := pgtest.Database(t)
	i, a := newReplica(t, address), newApp(t)
	i.work(a)
	i.create("ann", "bob", "cid")
	eventually(t, "all are delivered", func() bool { return len(a.received()) == 3 })
	i.settled(0)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), `BEGIN;
		DELETE FROM changes WHERE sequence > 1;
		DELETE FROM resources WHERE id IN ('bob', 'cid');
		UPDATE outbox_cursor SET sequence = 1;
		SELECT setval('change_sequence', 1);
		COMMIT`)
	if err != nil {
		t.Fatal(err)
	}
	i.create("dan")
	eventually(t, "who came after the restore is delivered", func() bool {
		got := told(a.received())
		return got[len(got)-1] == "dan create:notice"
	})
}
