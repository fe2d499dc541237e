package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// replica is an endpoint that the test ends itself.
type replica struct {
	*endpoint.Endpoint
	ready atomic.Bool
}

func startReplica(t *testing.T, hashes string, delay time.Duration) *replica {
	t.Helper()
	running, err := endpoint.Start(t.Context(), endpoint.Options{
		Listen: "127.0.0.1:0", ManagementListen: "127.0.0.1:0", BasePath: "/scim/v2", Store: "sqlite://" + filepath.Join(t.TempDir(), "scim.db"),
		TokenHashes: hashes, Dialect: "entra", DrainDelay: delay, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{Endpoint: running}
	r.ready.Store(true)
	return r
}

// load sends requests from several clients over kept connections, each to a replica that is ready, until stop is called.
// It counts the answers by status; 0 stands for a request that got none.
type load struct {
	replicas []*replica
	client   *http.Client
	stopped  atomic.Bool
	workers  sync.WaitGroup

	mu       sync.Mutex
	statuses map[int]int
	errs     []error
}

func startLoad(t *testing.T, token func() string, replicas ...*replica) *load {
	t.Helper()
	l := &load{replicas: replicas, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}, statuses: map[int]int{}}
	for worker := range 4 {
		l.workers.Go(func() {
			for i := 0; !l.stopped.Load(); i++ {
				l.send(token(), worker, i)
			}
		})
	}
	return l
}

func (l *load) send(token string, worker, i int) {
	var to *replica
	for _, r := range l.replicas {
		if r.ready.Load() {
			to = r
		}
	}
	method, path, body := http.MethodGet, "/Users?count=1", ""
	if i%3 == 0 {
		method, path, body = http.MethodPost, "/Users", fmt.Sprintf(`{"userName":"u-%d-%d"}`, worker, i)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, to.URL()+path, strings.NewReader(body))
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

// end stops the load and fails the test if any request failed.
func (l *load) end(t *testing.T) {
	t.Helper()
	l.stopped.Store(true)
	l.workers.Wait()
	for status, count := range l.statuses {
		if status != 200 && status != 201 {
			t.Errorf("%d requests got the status %d", count, status)
		}
	}
	if err := errors.Join(l.errs...); err != nil {
		t.Error(err)
	}
}

// TestARollingUpdateUnderLoadFailsNoRequest: what sends requests asks for readiness now and then, as Kubernetes does,
// so it goes on sending to a replica for a while after that has begun to drain.
func TestARollingUpdateUnderLoadFailsNoRequest(t *testing.T) {
	token, hashes := auth.NewToken(), filepath.Join(t.TempDir(), "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String()+" id=entra\n")
	old, updated := startReplica(t, hashes, time.Second), startReplica(t, hashes, 0)
	updated.ready.Store(false)
	l := startLoad(t, func() string { return token }, old, updated)
	l.more(t, 100)

	updated.ready.Store(true)
	stopped := make(chan error, 1)
	go func() { stopped <- old.Shutdown(context.WithoutCancel(t.Context())) }()
	scimtest.Eventually(t, "the old replica is not ready", func() bool {
		code, _ := get(t, "http://"+old.ManagementAddr()+"/readyz", "")
		return code == http.StatusServiceUnavailable
	})
	l.more(t, 100) // while the old replica drains
	old.ready.Store(false)
	if err := <-stopped; err != nil {
		t.Errorf("shutting down: %v", err)
	}
	l.more(t, 100)
	l.end(t)
	if err := updated.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("shutting down: %v", err)
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
	r := startReplica(t, hashes, 0)
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
		l.more(t, 50) // requests with the old token that are under way end
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
