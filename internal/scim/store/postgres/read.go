package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// querier is the pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// reader implements store.Reader. Each method is one statement, so that it sees one state even outside a transaction.
type reader struct{ on querier }

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	statement := sqlquery.Lookup(sqlquery.PostgreSQL, sqlquery.ByID, want, 1)
	rows, err := r.on.Query(ctx, statement.SQL, id)
	if err != nil {
		return store.Resource{}, fmt.Errorf("reading %s %s: %w", resourceType, id, translate(err))
	}
	defer rows.Close()
	found, err := statement.Found(rows)
	if err == nil {
		var resource store.Resource
		if resource, err = sqlquery.One(found, id, resourceType); err == nil {
			return resource, nil
		}
	}
	return store.Resource{}, fmt.Errorf("reading %s %s: %w", resourceType, id, translate(err))
}

// List implements store.Reader.
func (r reader) List(ctx context.Context, q store.Query) (store.Page, error) {
	statement := sqlquery.List(sqlquery.PostgreSQL, q)
	rows, err := r.on.Query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return store.Page{}, fmt.Errorf("listing resources: %w", translate(err))
	}
	defer rows.Close()
	page, err := statement.Page(rows)
	if err != nil {
		return store.Page{}, fmt.Errorf("listing resources: %w", translate(err))
	}
	return page, nil
}

// Members implements store.Reader. Rows come from the server as they are read, and are kept nowhere.
func (r reader) Members(ctx context.Context, groupID string, f func(store.Ref) error) error {
	var ref store.Ref
	var called error
	err := r.each(ctx, sqlquery.Members, []any{groupID}, []any{&ref.ID, &ref.Type, &ref.Display}, func() error {
		called = f(ref)
		return called
	})
	if err == nil || called != nil {
		return called
	}
	return fmt.Errorf("reading the members of %s: %w", groupID, translate(err))
}

// each calls f for each row, scanned into targets.
func (r reader) each(ctx context.Context, query string, args, targets []any, f func() error) error {
	rows, err := r.on.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, targets, f)
	return err
}

// Refs implements store.Reader.
func (r reader) Refs(ctx context.Context, ids ...string) (map[string]store.Ref, error) {
	refs := make(map[string]store.Ref, len(ids))
	var ref store.Ref
	err := r.each(ctx, `SELECT id, type, COALESCE(doc ->> 'displayName', '') FROM resources WHERE id = ANY ($1)`,
		[]any{list(ids)}, []any{&ref.ID, &ref.Type, &ref.Display}, func() error {
			refs[ref.ID] = ref
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading references: %w", translate(err))
	}
	return refs, nil
}

// Memberships implements store.Reader. UNION drops what it has seen, which ends cycles.
func (r reader) Memberships(ctx context.Context, ids ...string) (map[string][]store.Membership, error) {
	memberships := make(map[string][]store.Membership, len(ids))
	var member string
	var m store.Membership
	err := r.each(ctx, `WITH RECURSIVE above (member, id, direct) AS (
			SELECT member_id, group_id, true FROM members WHERE member_id = ANY ($1)
			UNION
			SELECT a.member, m.group_id, false FROM above a
			CROSS JOIN LATERAL (SELECT group_id FROM members WHERE member_id = a.id OFFSET 0) m
		)
		SELECT a.member, o.id, o.type, COALESCE(o.doc ->> 'displayName', ''), bool_or(a.direct)
		FROM above a CROSS JOIN LATERAL (SELECT * FROM resources WHERE id = a.id AND id <> a.member OFFSET 0) o
		GROUP BY a.member, o.position, o.id, o.type, o.doc ->> 'displayName' ORDER BY o.position`,
		[]any{list(ids)}, []any{&member, &m.ID, &m.Type, &m.Display, &m.Direct}, func() error {
			memberships[member] = append(memberships[member], m)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading memberships: %w", translate(err))
	}
	return memberships, nil
}
