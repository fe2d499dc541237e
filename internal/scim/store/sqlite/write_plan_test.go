package sqlite_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

// usualWrites are those of every day, in all their forms.
func usualWrites() []store.Mutation {
	user := func(id, userName, externalID string) map[string]any {
		return map[string]any{
			"userName": userName, "externalId": externalID, "displayName": userName, "active": externalID != "",
			"emails":                 []any{map[string]any{"value": userName + "@example.com"}},
			schema.EnterpriseUserURN: map[string]any{"manager": map[string]any{"value": id + externalID}},
		}
	}
	members := func(o store.MemberOperation, ids ...string) []store.MemberChange {
		return []store.MemberChange{{Operation: o, IDs: ids}}
	}
	return []store.Mutation{
		{Operation: store.Create, Type: schema.User, ID: "ann", Doc: user("ann", "ann", "1")},
		{Operation: store.Create, Type: schema.User, ID: "bob", Doc: user("bob", "bob", "2")},
		{Operation: store.Update, Type: schema.User, ID: "ann", Doc: user("ann", "anna", "")},
		{Operation: store.Create, Type: schema.Group, ID: "g", Doc: map[string]any{"displayName": "G"}, Members: members(store.AddMembers, "ann")},
		{Operation: store.Create, Type: schema.Group, ID: "outer", Doc: map[string]any{"displayName": "O"}, Members: members(store.AddMembers, "g")},
		{Operation: store.Update, Type: schema.Group, ID: "g", Members: members(store.AddMembers, "bob")},
		{Operation: store.Update, Type: schema.Group, ID: "g", Members: members(store.RemoveMembers, "ann")},
		{Operation: store.Update, Type: schema.Group, ID: "g", Members: members(store.ReplaceMembers, "ann")},
		{Operation: store.Update, Type: schema.Group, ID: "g", Doc: map[string]any{"displayName": "H"}},
		{Operation: store.Update, Type: schema.User, ID: "ann", Doc: user("ann", "anna", "3"), LeaveGroups: true},
		{Operation: store.Delete, Type: schema.Group, ID: "g"},
		{Operation: store.Delete, Type: schema.User, ID: "ann"},
	}
}

// small are what may be read whole: tables of one row or two, and what a statement itself makes.
var small = []string{"identity", "outbox_cursor", "counts", "json_each", "touched", "CONSTANT"}

func TestF21UsualWritesFindTheirRowsByAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	s := open(t, path).(*sqlite.Store)
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, m := range usualWrites() {
		m.At, m.Change.Event = now, store.EventPatch
		if _, err := s.Apply(t.Context(), m); err != nil {
			t.Fatalf("%d of %s: %v", m.Operation, m.ID, err)
		}
	}
	changes, err := s.Changes(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	changes[len(changes)-1].Event = store.EventDelete // which supersedes others
	if err := s.Enqueue(t.Context(), now, 0, changes[len(changes)-1].Sequence, changes); err != nil {
		t.Fatal(err)
	}
	outcomes := []store.Outcome{{Sequence: changes[0].Sequence, Delivered: true}, {Sequence: changes[1].Sequence, Attempts: 1}}
	if err := s.Settle(t.Context(), outcomes); err != nil {
		t.Fatal(err)
	}
	statements, err := s.Written(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db := connect(t, path)
	explained := 0
	for _, statement := range statements {
		if !regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH)\b`).MatchString(statement) {
			continue
		}
		explained++
		parameters := 0
		for _, match := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(statement, -1) {
			n, _ := strconv.Atoi(match[1])
			parameters = max(parameters, n)
		}
		plan := strings.Join(column(t, db, `EXPLAIN QUERY PLAN `+statement, make([]any, parameters)...), "\n")
		for _, scan := range regexp.MustCompile(`SCAN (\w+)`).FindAllStringSubmatch(plan, -1) {
			if !slices.Contains(small, scan[1]) {
				t.Errorf("%s is read whole by\n%s\n%s", scan[1], statement, plan)
			}
		}
	}
	if explained < 25 {
		t.Errorf("only %d statements were explained", explained)
	}
}
