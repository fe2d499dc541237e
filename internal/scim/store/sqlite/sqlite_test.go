package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
	"github.com/scim-operator/scim-operator/internal/scim/store/storetest"
)

func open(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// harness remembers the file of each store.
func harness() storetest.Harness {
	var paths sync.Map
	return storetest.Harness{
		Open: func(t testing.TB) store.Store {
			folder := filepath.Join(t.TempDir(), "a folder?with#odd%20signs")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "scim.db")
			s := open(t, path)
			paths.Store(s, path)
			return s
		},
		Dump: func(t testing.TB, s store.Store) string {
			path, _ := paths.Load(s)
			return dump(t, connect(t, path.(string))) + content(t, path.(string)) + content(t, path.(string)+"-wal")
		},
	}
}

func TestStore(t *testing.T) {
	storetest.Run(t, harness())
}

// connect opens the file beside the store.
func connect(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("?", "%3f", "#", "%23", "%", "%25").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// content returns the bytes of a file, in which erased values must not be, either.
func content(t testing.TB, path string) string {
	t.Helper()
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

// dump returns the rows of all tables.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	var b strings.Builder
	for _, table := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		dumpTable(t, db, table, &b)
	}
	return b.String()
}

func dumpTable(t testing.TB, db *sql.DB, table string, b *strings.Builder) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			fmt.Fprintf(b, "%v\t", *v.(*any))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// column returns the last column of a query as text.
func column(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for rows.Next() {
		targets := make([]any, len(columns))
		for i := range targets {
			targets[i] = new(any)
		}
		var s string
		targets[len(targets)-1] = &s
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestIdentitySurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	identity := func(s store.Store) store.Identity {
		id, err := s.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first := open(t, path)
	want := identity(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, identity(open(t, path))); diff != "" {
		t.Errorf("identity (-before +after):\n%s", diff)
	}
	if other := identity(open(t, filepath.Join(t.TempDir(), "other.db"))); other.StoreID == want.StoreID || string(other.CursorKey) == string(want.CursorKey) {
		t.Errorf("another store has the same identity %+v", other)
	}
}

func TestKilledStoreKeepsWhatItAcknowledged(t *testing.T) {
	storetest.Kill(t, func() string { return filepath.Join(t.TempDir(), "scim.db") },
		func(ctx context.Context, path string) (store.Store, error) { return sqlite.Open(ctx, path) })
}
