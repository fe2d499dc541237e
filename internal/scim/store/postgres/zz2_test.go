package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestZZ2(t *testing.T) {
	url := pgtest.Database(t)
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	c, _ := pgx.Connect(ctx, url)
	c.Exec(ctx, `create table x (a bigint)`)
	rows, err := c.Query(ctx, `EXPLAIN (VERBOSE, COSTS OFF) WITH changed AS (INSERT INTO x VALUES (1) RETURNING a) INSERT INTO x SELECT nextval('change_sequence') FROM `+drawing+`, (SELECT 0 AS place, a FROM changed ORDER BY place, a) c`)
	if err != nil {
		t.Fatal(err)
	}
	l, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, x := range l {
		t.Log(x)
	}
	t.Log(err)
	var n string
	c.QueryRow(ctx, `select version()`).Scan(&n)
	t.Log(n)
	rows, err = c.Query(ctx, `EXPLAIN (VERBOSE, COSTS OFF) `+ "SELECT 1 FROM (SELECT $1::bigint) z, (" +findHorizon+") q", 1)
	t.Log(err)
	l, err = pgx.CollectRows(rows, pgx.RowTo[string])
	for _, x := range l {
		t.Log(x)
	}
	t.Log(err)
}
