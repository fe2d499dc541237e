package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

// views are the columns that docs/reference/sql-views.md promises, in their order.
var views = map[string][]string{
	"scim_users_v1": {
		"id text", "external_id text", "user_name text", "previous_user_name text", "active boolean", "display_name text",
		"roles jsonb", "version bigint", "created timestamp with time zone", "last_modified timestamp with time zone",
	},
	"scim_groups_v1": {
		"id text", "external_id text", "display_name text", "version bigint", "created timestamp with time zone",
		"last_modified timestamp with time zone",
	},
	"scim_group_members_v1": {"group_id text", "member_id text", "member_type text"},
	"scim_effective_roles_v1": {
		"user_id text", "external_id text", "user_name text", "active boolean", "role text", "display text", "source text",
		"source_group_id text",
	},
}

func TestTheViewsHaveTheirColumns(t *testing.T) {
	url := pgtest.Database(t)
	_ = open(t, url)
	pool := connect(t, url)
	for view, want := range views {
		got := texts(t, pool, `SELECT column_name || ' ' || data_type FROM information_schema.columns
			WHERE table_name = $1 ORDER BY ordinal_position`, view)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", view, diff)
		}
	}
}

func TestTheReaderReadsTheViewsAndNothingElse(t *testing.T) {
	url := pgtest.Database(t)
	_ = open(t, url)
	pool := connect(t, url)
	tables := texts(t, pool, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind IN ('r', 'v', 'S') AND relname NOT LIKE 'pg_%' ORDER BY 1`)
	if len(tables) < 10 {
		t.Fatalf("only %v", tables)
	}
	exec(t, pool, `SELECT 1`)
	conn, err := pgx.Connect(t.Context(), url+"&options=-c%20role%3Dscim_reader")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, table := range tables {
		_, isView := views[table]
		_, err := conn.Exec(t.Context(), `SELECT * FROM `+pgx.Identifier{table}.Sanitize())
		if isView != (err == nil) {
			t.Errorf("reading %s as scim_reader: %v", table, err)
		}
		for _, statement := range []string{`DELETE FROM `, `TRUNCATE `} {
			if _, err := conn.Exec(t.Context(), statement+pgx.Identifier{table}.Sanitize()); err == nil {
				t.Errorf("scim_reader may %s%s", statement, table)
			}
		}
	}
	if _, err := conn.Exec(t.Context(), `UPDATE scim_users_v1 SET active = true`); err == nil {
		t.Error("scim_reader may write through a view")
	}
}

func TestAMigrationThatMayMakeNoRolesGoesOn(t *testing.T) {
	url := pgtest.Database(t)
	pool := connect(t, url)
	exec(t, pool, `DO $$ BEGIN CREATE ROLE scim_test_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
	exec(t, pool, `GRANT ALL ON SCHEMA public TO scim_test_owner`)
	s := open(t, strings.Replace(url, "postgres@", "scim_test_owner@", 1))
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	exec(t, pool, `DROP OWNED BY scim_test_owner`)
}

func TestTheViewsShowWhoMayDoWhat(t *testing.T) {
	url := pgtest.Database(t)
	s, pool := open(t, url), connect(t, url)
	apply := func(m store.Mutation) {
		t.Helper()
		if _, err := s.Apply(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	ann := userMutation("ann")
	ann.Doc = map[string]any{
		"userName": "Ann", "externalId": "entra-1", "active": true, "displayName": "Ann Example",
		"roles": []any{map[string]any{"value": "Writer", "display": "Writers", "primary": true}},
	}
	apply(ann)
	bob := userMutation("bob")
	bob.Doc["active"] = false
	apply(bob)
	group := func(id string, members ...string) store.Mutation {
		m := store.Mutation{Operation: store.Create, Type: schema.Group, ID: id, Doc: map[string]any{"displayName": "The " + id}}
		m.Members = []store.MemberChange{{Operation: store.AddMembers, IDs: members}}
		return m
	}
	apply(group("inner", "ann"))
	apply(group("outer", "inner", "bob"))
	apply(group("empty"))
	apply(store.Mutation{ // a cycle
		Operation: store.Update, Type: schema.Group, ID: "inner", Members: []store.MemberChange{{Operation: store.AddMembers, IDs: []string{"outer"}}},
	})
	ann.Operation, ann.Doc["userName"] = store.Update, "Anne"
	apply(ann)
	got := texts(t, pool, `SELECT concat_ws('|', user_name, external_id, active, role, source, COALESCE(source_group_id, '-'))
		FROM scim_effective_roles_v1`)
	slices.Sort(got)
	want := []string{
		"Anne|entra-1|t|The inner|group|inner", "Anne|entra-1|t|The outer|group|outer", "Anne|entra-1|t|Writer|direct|-",
		"bob|f|The inner|group|inner", "bob|f|The outer|group|outer",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	got = texts(t, pool, `SELECT concat_ws('|', id, user_name, previous_user_name, active, display_name, roles -> 0 ->> 'value', version)
		FROM scim_users_v1 ORDER BY id`)
	if diff := cmp.Diff([]string{"ann|Anne|Ann|t|Ann Example|Writer|2", "bob|bob|f|1"}, got); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
}
