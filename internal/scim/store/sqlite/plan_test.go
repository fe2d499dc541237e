package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

func TestF21UsualFiltersStartFromAnIndex(t *testing.T) {
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "scim.db")
	open(t, path)
	db := connect(t, path)
	for name, c := range map[string]struct{ resourceType, filter, index string }{
		"id":                           {schema.User, `id eq "x"`, "SEARCH r USING INDEX sqlite_autoindex_resources_1 (id=?)"},
		"userName":                     {schema.User, `userName eq "x"`, "INDEX resources_user_name (user_name_key=?)"},
		"externalId":                   {schema.User, `externalId eq "x"`, "INDEX resources_external_id (type=? AND external_id=?)"},
		"displayName of a user":        {schema.User, `displayName eq "x"`, "INDEX resources_display_name (type=? AND display_name_key=?)"},
		"displayName of a group":       {schema.Group, `displayName eq "x"`, "INDEX resources_display_name (type=? AND display_name_key=?)"},
		"manager":                      {schema.User, `manager eq "x"`, "INDEX resources_manager (manager_id=?)"},
		"active":                       {schema.User, `active eq true`, "INDEX resources_active (type=? AND active=?)"},
		"emails":                       {schema.User, `emails eq "x"`, "SEARCH emails USING COVERING INDEX emails_value (value_key=?)"},
		"F-1 Entra's mail address":     {schema.User, `emails[type eq "work"].value eq "x"`, "SEARCH emails USING COVERING INDEX emails_value (value_key=?)"},
		"members":                      {schema.Group, `members eq "x"`, "SEARCH members USING COVERING INDEX members_member (member_id=?)"},
		"members in brackets":          {schema.Group, `members[value eq "x" and type eq "User"]`, "SEARCH members USING COVERING INDEX members_member (member_id=?)"},
		"groups":                       {schema.User, `groups eq "x"`, "SEARCH members USING PRIMARY KEY (group_id=?)"},
		"a conjunction, index first":   {schema.User, `externalId eq "x" and title co "y"`, "INDEX resources_external_id (type=? AND external_id=?)"},
		"a conjunction, index last":    {schema.User, `title co "y" and not (name.givenName pr) and userName eq "x"`, "INDEX resources_user_name (user_name_key=?)"},
		"a conjunction with the group": {schema.User, `title co "y" and groups eq "x"`, "SEARCH members USING PRIMARY KEY (group_id=?)"},
		"two indexes":                  {schema.User, `active eq true and externalId eq "x"`, "INDEX resources_external_id (type=? AND external_id=?)"},
	} {
		t.Run(name, func(t *testing.T) {
			rt := registry.ResourceType(c.resourceType)
			e, err := filter.Parse(rt, dialect.Entra, c.filter)
			if err != nil {
				t.Fatal(err)
			}
			q := store.Query{Select: []store.Selection{{Type: rt, Filter: e}}, Limit: 100, Total: true, Want: store.Want{Groups: true, Manager: true}}
			wantPlan(t, explain(t, db, q), c.index)
		})
	}
}

func wantPlan(t *testing.T, plan, part string) {
	t.Helper()
	if !strings.Contains(plan, part) || strings.Contains(plan, "SCAN r\n") || strings.Contains(plan, "SCAN resources") {
		t.Errorf("want %s without a scan in the plan:\n%s", part, plan)
	}
}

func TestQ17DeepPagesPassOverAnIndexOnly(t *testing.T) {
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "scim.db")
	open(t, path)
	db := connect(t, path)
	users := store.Selection{Type: registry.ResourceType(schema.User)}
	plan := explain(t, db, store.Query{Select: []store.Selection{users}, Limit: 100, Offset: 250_000, Total: true})
	wantPlan(t, plan, "SEARCH r USING COVERING INDEX resources_type (type=?)")
	if found, _, _ := strings.Cut(plan, "SCAN page"); strings.Contains(found, "TEMP B-TREE") {
		t.Errorf("more than the page is sorted:\n%s", plan)
	}
	after := store.Query{Select: []store.Selection{users}, Limit: 100, After: &store.Place{Position: 250_000}}
	wantPlan(t, explain(t, db, after), "SEARCH r USING COVERING INDEX resources_type (type=? AND position>?)")
}

func explain(t testing.TB, db *sql.DB, q store.Query) string {
	t.Helper()
	statement := sqlquery.List(sqlquery.SQLite, q)
	return strings.Join(column(t, db, `EXPLAIN QUERY PLAN `+statement.SQL, statement.Args...), "\n") + "\n"
}
