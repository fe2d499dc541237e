package endurance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

func TestRollingRestartAndTokenChangeFailNoRequest(t *testing.T) {
	store := pgtest.NewServer(t).URL()
	endpoints := []*scimkit.Endpoint{startEndpoint(t, store), startEndpoint(t, store)}
	old, next := auth.NewToken(), auth.NewToken()
	accept(t, endpoints, old)

	service := newService(old, endpoints...)
	client := scimkit.Client{BaseURL: "http://service", HTTP: &http.Client{Transport: service, Timeout: patience}}
	l := newLoad(t, client, func(err error) error { return err })
	l.during(t, func() {
		for range rounds(t) {
			for i, endpoint := range endpoints {
				l.acknowledge(t, 50)
				service.takeOut(i)
				endpoint.Stop()
				restart(t, endpoint)
				service.putIn(i)
			}
		}
		accept(t, endpoints, old, next)
		service.token.Store(&next)
		l.acknowledge(t, 50)
		service.settle() // no request with the old token is under way
		accept(t, endpoints, next)
		l.acknowledge(t, 50)
	})
	t.Logf("%d operations acknowledged, none failed", l.acknowledged.Load())
}

// accept changes the accepted tokens of every endpoint, and returns when each says that it knows.
func accept(t *testing.T, endpoints []*scimkit.Endpoint, tokens ...string) {
	t.Helper()
	for _, endpoint := range endpoints {
		if err := endpoint.Accept(tokens...); err != nil {
			t.Fatal(err)
		}
	}
	for _, endpoint := range endpoints {
		err := scimkit.Await(t.Context(), nil, func(ctx context.Context) bool {
			hashes, err := endpoint.TokenHashes(ctx)
			return err == nil && len(hashes) == len(tokens)
		})
		if err != nil {
			t.Fatalf("the endpoint does not accept the tokens: %v", err)
		}
	}
}

// service sends requests to the endpoints in turn, as a Service of Kubernetes does to the pods that are ready: when a pod
// ends, it is taken out first, and told to end when no request is on its way to it any more.
type service struct {
	token atomic.Pointer[string]
	turn  atomic.Int64

	mu      sync.Mutex
	changed *sync.Cond
	pods    []pod
}

type pod struct {
	url      *url.URL
	in       bool
	underway int
	http     *http.Transport
}

func newService(token string, endpoints ...*scimkit.Endpoint) *service {
	s := &service{}
	s.changed = sync.NewCond(&s.mu)
	s.token.Store(&token)
	for _, endpoint := range endpoints {
		base, err := url.Parse(endpoint.URL)
		if err != nil {
			panic(fmt.Sprint("scimkit made a URL that is none: ", err))
		}
		s.pods = append(s.pods, pod{url: base, in: true, http: &http.Transport{MaxIdleConnsPerHost: workers}})
	}
	return s
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(request *http.Request) (*http.Response, error) {
	i := s.pick()
	defer s.done(i)
	sent := request.Clone(request.Context())
	sent.URL.Host, sent.URL.Path, sent.Host = s.pods[i].url.Host, s.pods[i].url.Path+request.URL.Path, ""
	sent.Header.Set("Authorization", "Bearer "+*s.token.Load())
	return s.pods[i].http.RoundTrip(sent)
}

func (s *service) pick() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if i := int(s.turn.Add(1)) % len(s.pods); s.pods[i].in {
			s.pods[i].underway++
			return i
		}
	}
}

func (s *service) done(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pods[i].underway--
	s.changed.Broadcast()
}

func (s *service) putIn(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pods[i].in = true
}

func (s *service) takeOut(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pods[i].in = false
	for s.pods[i].underway > 0 {
		s.changed.Wait()
	}
	s.pods[i].http.CloseIdleConnections()
}

// settle returns when no request is under way that was sent before it was called.
func (s *service) settle() {
	for i := range s.pods {
		s.takeOut(i)
		s.putIn(i)
	}
}
