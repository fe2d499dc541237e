package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// discard is an answer that nobody reads.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func idIn(body string) string {
	_, rest, _ := strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// remembered answers every read of a resource from memory, so that what is left is the handler's own cost.
type remembered struct {
	store.Store

	resource store.Resource
}

func (r *remembered) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	if r.resource.ID == id {
		return r.resource, nil
	}
	got, err := r.Store.Get(ctx, resourceType, id, want)
	if err == nil {
		r.resource = got
	}
	return got, err
}

// BenchmarkHandlerAlone measures GET without network and without store.
func BenchmarkHandlerAlone(b *testing.B) {
	kept := &remembered{}
	e := start(b, func(o *server.Options) {
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
		o.Settings = func() server.Settings { return server.Settings{RequestsPerSecond: 1e9, Burst: 1e9} }
		kept.Store = o.Store
		o.Store = kept
	})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/scim/v2/Users", strings.NewReader(fixture("post-user-entra.json")))
	request.Header.Set("Authorization", "Bearer "+e.Token)
	e.Server.ServeHTTP(recorder, request)
	request = httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/scim/v2/Users/"+idIn(recorder.Body.String()), nil)
	request.Header.Set("Authorization", "Bearer "+e.Token)
	answer := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(answer.header)
		e.Server.ServeHTTP(answer, request)
	}
	if answer.status != http.StatusOK {
		b.Fatalf("status %d, want 200", answer.status)
	}
}

// BenchmarkHandler measures the handler with the store behind it and no network before it.
func BenchmarkHandler(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkHandler(b, onSQLite) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmarkHandler(b, onPostgreSQL) })
}

func benchmarkHandler(b *testing.B, open func(testing.TB) (store.Store, error)) {
	e := startOn(b, open, func(o *server.Options) {
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
		o.Settings = func() server.Settings { return server.Settings{RequestsPerSecond: 1e9, Burst: 1e9} }
	})
	serve := func(b *testing.B, method, path, body string, want int) string {
		request := httptest.NewRequest(method, "/scim/v2"+path, strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+e.Token)
		recorder := httptest.NewRecorder()
		e.Server.ServeHTTP(recorder, request)
		if recorder.Code != want {
			b.Fatalf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
		}
		return recorder.Body.String()
	}
	var id string
	for i := range 200 {
		body := strings.Replace(fixture("post-user-entra.json"), "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1", fmt.Sprintf("user%d@example.com", i), 1)
		id = idIn(serve(b, "POST", "/Users", body, 201))
	}
	groupID := idIn(serve(b, "POST", "/Groups", `{"displayName":"G"}`, 201))
	active := [2]string{`{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, `{"Operations":[{"op":"Replace","path":"active","value":"True"}]}`}
	for name, c := range map[string]struct {
		method, path string
		body         func(i int) string
		status       int
	}{
		"GET":          {"GET", "/Users/" + id, func(int) string { return "" }, 200},
		"userName eq":  {"GET", "/Users?filter=" + url.QueryEscape(`userName eq "USER7@example.com"`), func(int) string { return "" }, 200},
		"PATCH active": {"PATCH", "/Users/" + id, func(i int) string { return active[i%2] }, 200},
		"no-op PATCH":  {"PATCH", "/Users/" + id, func(int) string { return active[1] }, 200},
		"member again": {"PATCH", "/Groups/" + groupID, func(int) string {
			return `{"Operations":[{"op":"Add","path":"members","value":[{"value":"` + id + `"}]}]}`
		}, 204},
		"list 100 users": {"GET", "/Users", func(int) string { return "" }, 200},
		"unknown token":  {"GET", "/Users", func(int) string { return "" }, 0},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			answer := &discard{header: http.Header{}}
			i := 0
			for b.Loop() {
				request := httptest.NewRequest(c.method, "/scim/v2"+c.path, strings.NewReader(c.body(i)))
				if c.status != 0 {
					request.Header.Set("Authorization", "Bearer "+e.Token)
				}
				clear(answer.header)
				e.Server.ServeHTTP(answer, request)
				if c.status != 0 && answer.status != c.status {
					b.Fatalf("status %d, want %d", answer.status, c.status)
				}
				i++
			}
		})
	}
}
