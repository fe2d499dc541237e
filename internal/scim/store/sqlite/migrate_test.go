package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// first fills a store as the first release left it.
const first = `
	INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, active, doc) VALUES
		('u', 'User', 3, 1000, 2000, 'ann', 1, '{"userName":"Ann","active":true,"title":"Größe","emails":[{"type":"Work","value":"Ann@X"}]}'),
		('g', 'Group', 1, 1000, 1000, NULL, NULL, '{"displayName":"Editors"}');
	INSERT INTO emails VALUES ('u', 'ann@x');
	INSERT INTO members VALUES ('g', 'u');
	UPDATE identity SET sequence = 7;`

func TestK7AStoreOfTheFirstReleaseIsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	db := connect(t, path)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	storeID := column(t, db, `SELECT store_id FROM identity`)[0]
	s := open(t, path)
	id, err := s.Identity(t.Context())
	if err != nil || id.StoreID != storeID || id.Sequence != 7 || len(id.CursorKey) != 32 {
		t.Errorf("identity %+v, error %v; want store %s with sequence 7 and a key", id, err, storeID)
	}
	if counts := column(t, db, `SELECT type || resources FROM counts ORDER BY type`); !cmp.Equal(counts, []string{"Group1", "User1"}) {
		t.Errorf("counts %v, want a group and a user", counts)
	}
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	rt := registry.ResourceType(schema.User)
	e, err := filter.Parse(rt, dialect.Entra, `title eq "GRÖSSE" and emails[type eq "work" and value eq "ann@x"]`)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), store.Query{Select: []store.Selection{{Type: rt, Filter: e}}, Limit: 10, Want: store.Want{Groups: true}})
	if err != nil || len(page.Resources) != 1 {
		t.Fatalf("found %v, error %v", page.Resources, err)
	}
	if diff := cmp.Diff([]store.Ref{{ID: "g", Type: schema.Group, Display: "Editors"}}, page.Resources[0].Groups); diff != "" || page.Resources[0].Version != 3 {
		t.Errorf("version %d, groups (-want +got):\n%s", page.Resources[0].Version, diff)
	}
}

// TestWhatWaitedBeforeTheUpdateWaitsSinceItsChange has an outbox as the release before enqueued_ms left it.
func TestWhatWaitedBeforeTheUpdateWaitsSinceItsChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	s := open(t, path)
	db := connect(t, path)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO outbox (sequence, event, resource_type, resource_id, urgent, at_ms, previous_user_name)
		VALUES (1, 'create', 'User', 'a', 0, 10, ''), (2, 'create', 'User', 'b', 0, 20, '')`); err != nil {
		t.Fatal(err)
	}
	died, _, err := s.TrimOutbox(t.Context(), time.UnixMilli(100), time.UnixMilli(20), time.Time{})
	if err != nil || died != 1 {
		t.Errorf("%d died, error %v; want the older one", died, err)
	}
}
