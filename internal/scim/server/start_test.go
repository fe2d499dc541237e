package server_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

// running is a server on a real store that ends with its test.
type running struct {
	// URL is the base, with the base path.
	URL string
	// Token has scope write and id "test", ReadToken scope read and id "app", and EndedToken ended with the year 2025.
	Token, ReadToken, EndedToken string
	Store                        store.Store
	Server                       *server.Server
	Log                          *logBuffer
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns all of it.
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestMain(m *testing.M) { pgtest.Main(m) }

func onSQLite(t testing.TB) (store.Store, error) {
	return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "scim.db"))
}

func onPostgreSQL(t testing.TB) (store.Store, error) {
	return postgres.Open(t.Context(), pgtest.Database(t))
}

// onBothStores runs a test with a server on each store.
func onBothStores(t *testing.T, test func(t *testing.T, e *running)) {
	t.Run("SQLite", func(t *testing.T) { test(t, startOn(t, onSQLite)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, startOn(t, onPostgreSQL)) })
}

// start starts a server in the Entra dialect on SQLite.
func start(t testing.TB, change ...func(*server.Options)) *running {
	t.Helper()
	return startOn(t, onSQLite, change...)
}

func startOn(t testing.TB, open func(testing.TB) (store.Store, error), change ...func(*server.Options)) *running {
	t.Helper()
	opened, err := open(t)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	e := &running{Token: auth.NewToken(), ReadToken: auth.NewToken(), EndedToken: auth.NewToken(), Store: opened, Log: &logBuffer{}}
	hashes := filepath.Join(t.TempDir(), "hashes")
	lines := auth.HashOf(e.Token).String() + " id=test\n" + auth.HashOf(e.ReadToken).String() + " scope=read id=app\n" +
		auth.HashOf(e.EndedToken).String() + " id=old notAfter=2025-12-31T23:59:59Z\n"
	if err := os.WriteFile(hashes, []byte(lines), 0o600); err != nil {
		t.Fatalf("writing the token hashes: %v", err)
	}
	log := slog.New(slog.NewJSONHandler(e.Log, nil))
	verifier, err := auth.NewVerifier(hashes, log, time.Now)
	if err != nil {
		t.Fatalf("reading the token hashes: %v", err)
	}
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(nil)
	e.URL = "http://" + web.Listener.Addr().String() + "/scim/v2"
	options := server.Options{
		BasePath: "/scim/v2", PublicURL: e.URL, Store: opened, Verifier: verifier, Dialect: dialect.Entra, Log: log,
		Schemas: func() *schema.Registry { return registry }, Metrics: prometheus.NewRegistry(),
	}
	for _, c := range change {
		c(&options)
	}
	e.Server = server.New(options)
	web.Config.Handler = e.Server
	web.Start()
	t.Cleanup(func() {
		web.Close()
		if err := opened.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return e
}
