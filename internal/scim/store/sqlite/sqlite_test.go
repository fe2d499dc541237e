package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
	"github.com/scim-operator/scim-operator/internal/scim/store/storetest"
)

func open(t *testing.T, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		folder := filepath.Join(t.TempDir(), "a folder?with#odd%20signs")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		s := open(t, filepath.Join(folder, "scim.db"))
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

func TestIdentitySurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	first := open(t, path)
	want, err := first.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	defer func() { _ = second.Close() }()
	got, err := second.Identity(t.Context())
	if err != nil || got != want {
		t.Errorf("identity %+v, error %v, want %+v", got, err, want)
	}
	third := open(t, filepath.Join(t.TempDir(), "other.db"))
	defer func() { _ = third.Close() }()
	other, err := third.Identity(t.Context())
	if err != nil || other.StoreID == want.StoreID {
		t.Errorf("another store has the same identity %+v, error %v", other, err)
	}
}

func TestF21LookupsUseAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	s := open(t, path)
	defer func() { _ = s.Close() }()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for field, index := range map[store.Field]string{
		store.FieldID:          "sqlite_autoindex_resources_1",
		store.FieldUserName:    "resources_user_name",
		store.FieldExternalID:  "resources_external_id",
		store.FieldDisplayName: "resources_display_name",
		store.FieldManager:     "resources_manager",
		store.FieldActive:      "resources_active",
		store.FieldEmail:       "emails_value",
		store.FieldMember:      "members_member",
		store.FieldGroup:       "members",
	} {
		where, args := sqlite.WhereClause(store.Query{Type: "User", Conditions: []store.Condition{{Field: field, Value: "x"}}})
		if plan := explain(t, db, `SELECT * FROM resources r WHERE `+where+` ORDER BY r.position`, args); !strings.Contains(plan, index) || strings.Contains(plan, "SCAN r") {
			t.Errorf("field %d does not use %s:\n%s", field, index, plan)
		}
	}
}

func explain(t *testing.T, db *sql.DB, query string, args []any) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
