//go:build bench

package perf

import (
	"database/sql"
	"fmt"
	"io"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// spareGroups are empty groups that bare statements put members into: any of them with any user, so that pairs do not run out.
const spareGroups = 1000

// population is what a store is filled with: users 1 to n, a group of each size with the first users, and spare groups.
type population struct {
	users  int
	groups []int
}

func userID(n int) string   { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func groupID(n int) string  { return fmt.Sprintf("00000000-0000-4000-9000-%012d", n) }
func userName(n int) string { return fmt.Sprintf("user%d@example.com", n) }

// userDocument is about what Entra's default mapping sends.
func userDocument(name, externalID string) map[string]any {
	return map[string]any{
		"userName": name, "externalId": externalID, "active": true, "displayName": "User of the Benchmark", "title": "Engineer", "preferredLanguage": "en",
		"name":                   map[string]any{"givenName": "User", "familyName": "Benchmark", "formatted": "User Benchmark"},
		"emails":                 []any{map[string]any{"type": "work", "primary": true, "value": name}},
		schema.EnterpriseUserURN: map[string]any{"department": "Engineering", "employeeNumber": externalID},
	}
}

// fill makes the population as `scim-endpoint import` does.
func (p population) fill(t *testing.T, address string) {
	t.Helper()
	s, err := endpoint.OpenStore(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	identity, err := s.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Import(t.Context(), identity, p.records()); err != nil {
		t.Fatalf("filling the store: %v", err)
	}
}

func (p population) records() func() (store.Exported, error) {
	made := time.UnixMilli(1_700_000_000_000).UTC()
	ids := make([]string, p.users)
	n := 0
	return func() (store.Exported, error) {
		n++
		x := store.Exported{Record: store.Record{Version: 1, Created: made, Modified: made, Position: int64(n)}}
		group := n - p.users - 1
		switch {
		case n <= p.users:
			x.ID, x.Type, x.Doc = userID(n), schema.User, userDocument(userName(n), fmt.Sprint("external-", n))
			ids[n-1] = x.ID
			return x, nil
		case group < len(p.groups):
			x.ID, x.Members = groupID(p.groups[group]), ids[:p.groups[group]]
		case group < len(p.groups)+spareGroups:
			x.ID = groupID(900_000_000 + group - len(p.groups))
		default:
			return store.Exported{}, io.EOF
		}
		x.Type, x.Doc = schema.Group, map[string]any{"displayName": "Group " + x.ID}
		return x, nil
	}
}

// settle gives PostgreSQL its statistics and writes out what the filling left behind, so that neither happens in the middle
// of a measurement.
func settle(t *testing.T, urls ...string) {
	t.Helper()
	for _, url := range urls {
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
