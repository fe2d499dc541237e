package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// crowded shows groups with very many members, and may fail after some of them.
type crowded struct {
	store.Store

	members, failAfter int
	// views counts those that are under way.
	views atomic.Int64
}

func (c *crowded) View(ctx context.Context, f func(store.Reader) error) error {
	c.views.Add(1)
	defer c.views.Add(-1)
	return c.Store.View(ctx, func(r store.Reader) error { return f(&crowdedReader{r, c}) })
}

type crowdedReader struct {
	store.Reader

	of *crowded
}

func (r *crowdedReader) Members(_ context.Context, _ string, f func(store.Ref) error) error {
	for i := range r.of.members {
		if i == r.of.failAfter {
			return store.ErrUnavailable
		}
		if err := f(store.Ref{ID: fmt.Sprint("member-", i), Type: schema.User, Display: "Somebody"}); err != nil {
			return err
		}
	}
	return nil
}

// chunks keeps a body, how much was written at once, and until when it was to be.
type chunks struct {
	httptest.ResponseRecorder

	largest   int
	writes    int
	deadlines []time.Time
}

// SetWriteDeadline is what http.ResponseController calls.
func (c *chunks) SetWriteDeadline(deadline time.Time) error {
	c.deadlines = append(c.deadlines, deadline)
	return nil
}

func (c *chunks) Write(p []byte) (int, error) {
	c.largest = max(c.largest, len(p))
	c.writes++
	return c.ResponseRecorder.Write(p)
}

// ask serves one request and tells whether the answer was cut off.
func ask(t *testing.T, e *running, method, path, body string) (answer *chunks, cut bool) {
	t.Helper()
	answer = &chunks{ResponseRecorder: *httptest.NewRecorder()}
	request := httptest.NewRequestWithContext(t.Context(), method, "/scim/v2"+path, bytes.NewReader([]byte(body)))
	request.Header.Set("Authorization", "Bearer "+e.Token)
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			cut = true
		}
	}()
	e.Server.ServeHTTP(answer, request)
	return answer, false
}

func TestG8ManyMembersAreStreamed(t *testing.T) {
	full := &crowded{members: 100_000, failAfter: -1}
	e := start(t, func(o *server.Options) {
		full.Store = o.Store
		o.Store = full
	})
	_, body := send(t, e, "POST", "/Groups?attributes=id", `{"displayName":"G"}`, nil)
	id := idOf(t, body)
	for name, c := range map[string]struct{ method, path, body string }{
		"GET of one": {"GET", "/Groups/" + id, ""},
		"a list":     {"GET", "/Groups", ""},
		".search":    {"POST", "/Groups/.search", "{}"},
		"PUT":        {"PUT", "/Groups/" + id, `{"displayName":"G"}`},
	} {
		t.Run(name, func(t *testing.T) {
			full.failAfter = -1
			answer, cut := ask(t, e, c.method, c.path, c.body)
			if n := bytes.Count(answer.Body.Bytes(), []byte(`"value":"member-`)); answer.Code != 200 || cut || n != 100_000 || !json.Valid(answer.Body.Bytes()) {
				t.Errorf("status %d, cut off %v, %d members", answer.Code, cut, n)
			}
			if answer.largest > 128<<10 {
				t.Errorf("%d bytes were held back at once", answer.largest)
			}
			full.failAfter = 50_000
			if answer, cut := ask(t, e, c.method, c.path, c.body); !cut || json.Valid(answer.Body.Bytes()) {
				t.Errorf("an answer that broke off looks whole: cut off %v", cut)
			}
			full.failAfter = 1
			answer, cut = ask(t, e, c.method, c.path, c.body)
			if answer.Code != http.StatusServiceUnavailable || cut || answer.Header().Get("Retry-After") == "" || answer.Header().Get("ETag") != "" {
				t.Errorf("an error before the first byte: status %d, cut off %v: %s", answer.Code, cut, answer.Body)
			}
		})
	}
}
