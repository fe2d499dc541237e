package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/storetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(tb testing.TB, url string) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), url)
	if err != nil {
		tb.Fatalf("opening: %v", err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// connect looks at a database past the store.
func connect(tb testing.TB, url string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), url)
	if err != nil {
		tb.Fatalf("connecting: %v", err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

func exec(tb testing.TB, on *pgxpool.Pool, statement string, args ...any) {
	tb.Helper()
	if _, err := on.Exec(tb.Context(), statement, args...); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// texts reads a column of texts.
func texts(tb testing.TB, on *pgxpool.Pool, query string, args ...any) []string {
	tb.Helper()
	rows, err := on.Query(tb.Context(), query, args...)
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return values
}

// harness opens stores, and remembers where they are.
func harness() storetest.Harness {
	var urls sync.Map
	return storetest.Harness{
		Open: func(t testing.TB) store.Store {
			url := pgtest.Database(t)
			s := open(t, url)
			urls.Store(store.Store(s), url)
			return s
		},
		Dump: func(t testing.TB, s store.Store) string {
			url, _ := urls.Load(s)
			return dump(t, connect(t, url.(string)))
		},
	}
}

func dump(t testing.TB, pool *pgxpool.Pool) string {
	var all strings.Builder
	for _, table := range texts(t, pool, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`) {
		for _, row := range texts(t, pool, fmt.Sprintf(`SELECT to_jsonb(t)::text FROM %s t`, pgx.Identifier{table}.Sanitize())) {
			all.WriteString(table + ": " + row + "\n")
		}
	}
	return all.String()
}

func TestStore(t *testing.T) {
	storetest.Run(t, harness())
}
