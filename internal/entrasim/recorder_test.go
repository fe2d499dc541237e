package entrasim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// sent is one request that the engine made to the endpoint.
type sent struct {
	method, path, query string
	body                map[string]any
}

// wire stands between the engine and a real endpoint, and remembers what goes over it. It can answer in the endpoint's place.
type wire struct {
	URL, Token string

	mu       sync.Mutex
	requests []sent
	answer   func(w http.ResponseWriter, r *http.Request) bool
	lose     func(r *http.Request) bool // the endpoint does what it is asked, and nobody hears of it
	lost     map[string]bool            // the path of each such request
}

func startWire(t *testing.T) *wire {
	t.Helper()
	endpoint := scimtest.Start(t)
	target, err := url.Parse(endpoint.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Token: endpoint.Token, lost: map[string]bool{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(raw))
		s := sent{method: r.Method, path: strings.TrimPrefix(r.URL.Path, target.Path), query: r.URL.RawQuery}
		_ = json.Unmarshal(raw, &s.body)
		w.mu.Lock()
		w.requests = append(w.requests, s)
		answer, lose := w.answer, w.lose
		w.mu.Unlock()
		if lose != nil && lose(r) {
			w.mu.Lock()
			w.lost[s.path] = true
			w.mu.Unlock()
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		if answer == nil || !answer(rw, r) {
			proxy.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL + target.Path
	return w
}

// instead answers in the endpoint's place when the function says so; nil ends that.
func (w *wire) instead(answer func(http.ResponseWriter, *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// take returns the requests with the method, any method when it is empty, since the last call, and forgets all of them.
func (w *wire) take(method string) []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []sent
	for _, r := range w.requests {
		if method == "" || r.method == method {
			out = append(out, r)
		}
	}
	w.requests = nil
	return out
}

// operations are the PATCH operations since the last call.
func (w *wire) operations() []any {
	var out []any
	for _, r := range w.take(http.MethodPatch) {
		list, _ := r.body["Operations"].([]any)
		out = append(out, list...)
	}
	return out
}
