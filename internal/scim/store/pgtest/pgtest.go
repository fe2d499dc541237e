package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// envURL names a server to use instead of a throw-away one; its role must be allowed to make databases.
	envURL = "SCIM_TEST_POSTGRES"
	// envRequire makes a failure of what is otherwise skipped when no server is installed.
	envRequire = "SCIM_REQUIRE_POSTGRES"
)

// shared is the server that all tests of the binary use.
var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// databases counts the databases made, so that each has a name of its own.
var databases atomic.Int64

// Main runs the tests of a package and stops the shared server behind them; TestMain calls it.
func Main(m *testing.M) {
	code := m.Run()
	shared.Lock()
	if shared.server != nil {
		shared.server.remove()
	}
	os.Exit(code)
}

// Database makes an empty database on the shared server and returns its URL. The test is skipped when no server is
// installed, unless SCIM_REQUIRE_POSTGRES is set.
func Database(tb testing.TB) string {
	tb.Helper()
	if base := os.Getenv(envURL); base != "" {
		return database(tb, base)
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = start()
	}
	require(tb, shared.err)
	return database(tb, shared.server.URL())
}

// NewServer starts a server of the test's own, to be killed and restarted, and removes it when the test ends.
func NewServer(tb testing.TB) *Server {
	tb.Helper()
	s, err := start()
	require(tb, err)
	tb.Cleanup(s.remove)
	return s
}

// Database makes an empty database on the server and returns its URL.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	return database(tb, s.URL())
}

func require(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case err == errNotInstalled && os.Getenv(envRequire) == "": //nolint:errorlint // our own value, never wrapped
		tb.Skipf("%v; set %s to use one elsewhere, or %s to make this a failure", err, envURL, envRequire)
	default:
		tb.Fatalf("starting PostgreSQL: %v", err)
	}
}

func database(tb testing.TB, base string) string {
	tb.Helper()
	name := fmt.Sprintf("scim_test_%d_%d", os.Getpid(), databases.Add(1))
	if err := execute(base, `CREATE DATABASE `+name); err != nil {
		tb.Fatalf("making a database: %v", err)
	}
	tb.Cleanup(func() {
		// The server may be gone, as in tests that kill it; then the database is too.
		if err := execute(base, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			tb.Logf("dropping a database: %v", err)
		}
	})
	address, err := url.Parse(base)
	if err != nil {
		tb.Fatalf("reading the address of the server: %v", err)
	}
	address.Path = "/" + name
	return address.String()
}

// execute does not use the test's context, which has ended when the test is cleaned up.
func execute(address, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
