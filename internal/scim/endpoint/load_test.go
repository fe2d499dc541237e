package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

// replica is an endpoint that the test ends itself.
type replica struct {
	*endpoint.Endpoint
	ready atomic.Bool
}

func TestMain(m *testing.M) { pgtest.Main(m) }

// ownStore is the address of a new SQLite file.
func ownStore(t *testing.T) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "scim.db")
}

func startReplica(t *testing.T, store, hashes string, delay time.Duration) *replica {
	t.Helper()
	running, err := endpoint.Start(t.Context(), endpoint.Options{
		Listen: "127.0.0.1:0", ManagementListen: "127.0.0.1:0", BasePath: "/scim/v2", Store: store,
		TokenHashes: hashes, Dialect: "entra", DrainDelay: delay, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{Endpoint: running}
	r.ready.Store(true)
	return r
}

// load sends requests from several clients until its end. As behind a Service of Kubernetes, a connection goes to a
// replica that was ready when it was opened, and stays there. It counts the answers by status; 0 stands for a request
// that got none.
type load struct {
	replicas []*replica
	client   *http.Client
	stopped  atomic.Bool
	workers  sync.WaitGroup
	// begun and ended count the requests of each worker.
	begun, ended [4]atomic.Int64

	mu       sync.Mutex
	statuses map[int]int
	errs     []error
	// hasty counts the answers 503 that do not say when to come again.
	hasty int
}

func startLoad(t *testing.T, token func() string, replicas ...*replica) *load {
	t.Helper()
	l := &load{replicas: replicas, statuses: map[int]int{}}
	l.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, DialContext: l.dial}}
	for worker := range l.begun {
		l.workers.Go(func() {
			for i := 0; !l.stopped.Load(); i++ {
				l.begun[worker].Add(1)
				l.send(token(), worker, i)
				l.ended[worker].Add(1)
			}
		})
	}
	return l
}

func (l *load) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	for _, r := range l.replicas {
		if r.ready.Load() {
			host := strings.TrimSuffix(strings.TrimPrefix(r.URL(), "http://"), "/scim/v2")
			return new(net.Dialer).DialContext(ctx, network, host)
		}
	}
	return nil, errors.New("no replica is ready")
}

func (l *load) send(token string, worker, i int) {
	method, path, body := http.MethodGet, "/Users?count=1", ""
	if i%3 == 0 {
		method, path, body = http.MethodPost, "/Users", fmt.Sprintf(`{"userName":"u-%d-%d"}`, worker, i)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, "http://scim.test/scim/v2"+path, strings.NewReader(body))
	if err != nil {
		l.count(0, err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := l.client.Do(request)
	if err != nil {
		l.count(0, err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") == "" {
		l.mu.Lock()
		l.hasty++
		l.mu.Unlock()
	}
	l.count(response.StatusCode, nil)
}

func (l *load) count(status int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statuses[status]++
	if err != nil {
		l.errs = append(l.errs, err)
	}
}

func (l *load) succeeded() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.statuses[200] + l.statuses[201]
}

// more waits until that many further requests have succeeded.
func (l *load) more(t *testing.T, n int) {
	t.Helper()
	goal := l.succeeded() + n
	scimtest.Eventually(t, "requests succeed", func() bool { return l.succeeded() >= goal })
}

// settle waits until the requests that are under way have ended.
func (l *load) settle(t *testing.T) {
	t.Helper()
	for worker := range l.begun {
		begun := l.begun[worker].Load()
		scimtest.Eventually(t, "the requests under way end", func() bool { return l.ended[worker].Load() >= begun })
	}
}

// end stops the load and fails the test if any request failed in another way than those that may.
func (l *load) end(t *testing.T, may ...int) {
	t.Helper()
	l.stopped.Store(true)
	l.workers.Wait()
	for status, count := range l.statuses {
		if status != 200 && status != 201 && !slices.Contains(may, status) {
			t.Errorf("%d requests got the status %d", count, status)
		}
	}
	if err := errors.Join(l.errs...); err != nil {
		t.Error(err)
	}
}

func TestARollingUpdateUnderLoadFailsNoRequest(t *testing.T) {
	t.Run("replicas on one PostgreSQL", func(t *testing.T) {
		t.Parallel() // the delays are waited for
		address := pgtest.Database(t)
		rollOver(t, func() string { return address })
	})
	t.Run("replicas that share nothing", func(t *testing.T) {
		t.Parallel()
		rollOver(t, func() string { return ownStore(t) })
	})
}

func rollOver(t *testing.T, store func() string) {
	t.Helper()
	token, hashes := auth.NewToken(), filepath.Join(t.TempDir(), "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String()+" id=entra\n")
	var replicas []*replica
	const delay = 5 * time.Second // in which the others have to notice
	for _, delay := range []time.Duration{delay, delay, 0} {
		replicas = append(replicas, startReplica(t, store(), hashes, delay))
	}
	replicas[1].ready.Store(false)
	l := startLoad(t, func() string { return token }, replicas...)
	for i, old := range replicas[:2] {
		l.more(t, 100)
		stopped := make(chan error, 1)
		go func() { stopped <- old.Shutdown(context.WithoutCancel(t.Context())) }()
		scimtest.Eventually(t, "the old replica is not ready", func() bool {
			code, _ := get(t, "http://"+old.ManagementAddr()+"/readyz", "")
			return code == http.StatusServiceUnavailable
		})
		l.more(t, 20) // to the old replica: whoever asks for readiness does so only now and then
		replicas[i+1].ready.Store(true)
		old.ready.Store(false)
		if err := <-stopped; err != nil {
			t.Errorf("shutting down: %v", err)
		}
	}
	l.more(t, 100)
	l.end(t)
	if err := replicas[2].Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("shutting down: %v", err)
	}
}

// TestADrainingEndpointAnswersAndEndsTheConnection: else the client of a kept connection would send its next request
// into the closing of the port.
func TestADrainingEndpointAnswersAndEndsTheConnection(t *testing.T) {
	token, hashes := auth.NewToken(), filepath.Join(t.TempDir(), "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String()+" id=entra\n")
	r := startReplica(t, ownStore(t), hashes, time.Hour)
	if response := request(t, "GET", r.URL()+"/Users", token, ""); response.StatusCode != http.StatusOK || response.Close {
		t.Errorf("before: %d, the connection ends: %v; want 200 and a kept connection", response.StatusCode, response.Close)
	}
	ctx, enough := context.WithCancel(context.WithoutCancel(t.Context()))
	stopped := make(chan error, 1)
	go func() { stopped <- r.Shutdown(ctx) }()
	scimtest.Eventually(t, "readiness fails", func() bool {
		code, _ := get(t, "http://"+r.ManagementAddr()+"/readyz", "")
		return code == http.StatusServiceUnavailable
	})
	if response := request(t, "GET", r.URL()+"/Users", token, ""); response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("while it drains: %d, the connection ends: %v; want 200 and the end", response.StatusCode, response.Close)
	}
	// Who waits for changes is answered at once.
	if response := request(t, "GET", r.URL()+"/changes?after=0&wait=30s", token, ""); response.StatusCode != http.StatusOK {
		t.Errorf("waiting for changes: %d, want 200", response.StatusCode)
	}
	enough()
	if err := <-stopped; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("shutting down without patience: %v", err)
	}
}

// TestATokenChangeUnderLoadRefusesNoRequest: both tokens are accepted in between, and the client changes over there.
func TestATokenChangeUnderLoadRefusesNoRequest(t *testing.T) {
	hashes := filepath.Join(t.TempDir(), "hashes")
	line := func(token, id string) string { return auth.HashOf(token).String() + " id=" + id + "\n" }
	var current atomic.Value
	current.Store(auth.NewToken())
	token := func() string { return current.Load().(string) }
	scimtest.WriteFile(t, hashes, line(token(), "t0"))
	r := startReplica(t, ownStore(t), hashes, 0)
	l := startLoad(t, token, r)
	for i := 1; i <= 5; i++ {
		next := auth.NewToken()
		scimtest.WriteFile(t, hashes, line(token(), "current")+line(next, "next"))
		scimtest.Eventually(t, "the next token is accepted", func() bool {
			code, _ := get(t, r.URL()+"/Schemas", next)
			return code == http.StatusOK
		})
		old := token()
		current.Store(next)
		l.settle(t)
		l.more(t, 50)
		scimtest.WriteFile(t, hashes, line(next, fmt.Sprintf("t%d", i)))
		scimtest.Eventually(t, "the old token is refused", func() bool {
			code, _ := get(t, r.URL()+"/Schemas", old)
			return code == http.StatusUnauthorized
		})
	}
	l.end(t)
	if err := r.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("shutting down: %v", err)
	}
}
