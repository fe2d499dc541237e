package postgres_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// crowd makes enough rows for the planner to care: users, one group that has them all, and one that has one.
const crowd = `WITH made AS (
	INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, manager_id, active, doc, search)
	SELECT 'u' || n, 'User', 1, 0, 0, 'name' || n, 'e' || n, 'd' || n, 'u' || n / 10, n % 2 = 0, '{}'::jsonb, '{}'::jsonb FROM generate_series(1, 20000) n
	UNION ALL SELECT 'g' || n, 'Group', 1, 0, 0, NULL, NULL, 'g' || n, NULL, NULL, '{}'::jsonb, '{}'::jsonb FROM generate_series(1, 2) n
	RETURNING id, type
), mails AS (
	INSERT INTO emails SELECT id, id || '@example.com' FROM made
)
SELECT count(*) FROM made`

const crowdMembers = `INSERT INTO members SELECT 'g1', id, type FROM resources WHERE type = 'User' UNION ALL SELECT 'g2', 'u1', 'User'`

func crowded(t *testing.T) *pgxpool.Pool {
	url := pgtest.Database(t)
	_ = open(t, url)
	config, err := postgres.Configure(url)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, statement := range []string{crowd, crowdMembers, `VACUUM ANALYZE`} {
		exec(t, pool, statement)
	}
	return pool
}

// explain returns the plan of a prepared statement that does not look at its parameters, as the server keeps it.
func explain(t *testing.T, pool *pgxpool.Pool, query string) string {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	prepared, err := conn.Conn().Prepare(t.Context(), "explained", query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = conn.Conn().Deallocate(t.Context(), "explained") }()
	nulls := strings.TrimSuffix(strings.Repeat("NULL,", len(prepared.ParamOIDs)), ",")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	if _, err := conn.Exec(t.Context(), `SET plan_cache_mode = force_generic_plan`); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `EXPLAIN EXECUTE explained`+nulls)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

var scan = regexp.MustCompile(`Seq Scan on (resources|members|emails|changes)`)

func TestF21LookupsUseAnIndex(t *testing.T) {
	pool := crowded(t)
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	users, groups := registry.ResourceType(schema.User), registry.ResourceType(schema.Group)
	for text, want := range map[string]struct {
		of    *schema.ResourceType
		index string
	}{
		`id eq "u7"`:         {users, "resources_id_key"},
		`userName eq "Name"`: {users, "resources_user_name"},
		`externalId eq "e"`:  {users, "resources_external_id"},
		`displayName eq "d"`: {users, "resources_display_name"},
		`emails[type eq "work"].value eq "u7@example.com"`: {users, "emails_value"},
		`emails eq "u7@example.com"`:                       {users, "emails_value"},
		`manager eq "u7"`:                                  {users, "resources_manager"},
		`id eq "u7" and manager eq "u7"`:                   {users, "resources_id_key"},
		`userName eq "n" and title co "x"`:                 {users, "resources_user_name"},
		`active eq false`:                                  {users, "resources_active"},
		`groups.value eq "g2"`:                             {users, "members_pkey"},
		`members eq "u7"`:                                  {groups, "members_member"},
		`id eq "g1" and members eq "u7"`:                   {groups, "resources_id_key"},
	} {
		for _, total := range []bool{false, true} {
			statement := sqlquery.List(sqlquery.PostgreSQL, store.Query{
				Select: []store.Selection{{Type: want.of, Filter: parse(t, want.of, text)}}, Limit: 100, Total: total,
			})
			if plan := explain(t, pool, statement.SQL); !strings.Contains(plan, want.index) || scan.MatchString(plan) {
				t.Errorf("%s (total %t) does not use %s:\n%s\n%s", text, total, want.index, statement.SQL, plan)
			}
		}
	}
}

func TestReadsAndWritesUseAnIndex(t *testing.T) {
	pool := crowded(t)
	both := store.Want{Groups: true, Manager: true}
	statements := map[string]string{
		"get":          sqlquery.Lookup(sqlquery.PostgreSQL, sqlquery.ByID, both, 1).SQL,
		"get several":  sqlquery.Lookup(sqlquery.PostgreSQL, sqlquery.ByID, both, 16).SQL,
		"find several": sqlquery.Lookup(sqlquery.PostgreSQL, sqlquery.ByUserName, both, 16).SQL,
	}
	maps.Copy(statements, postgres.HotStatements)
	for name, statement := range statements {
		if plan := explain(t, pool, statement); scan.MatchString(plan) {
			t.Errorf("%s reads a whole table:\n%s", name, plan)
		}
	}
}
