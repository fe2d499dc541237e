package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// reader implements store.Reader on whatever runs queries.
type reader struct {
	query func(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	resource, err := r.lookup(ctx, sqlquery.ByID, id, resourceType, want)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Resource{}, fmt.Errorf("reading %s %s: %w", resourceType, id, unavailable(err))
	}
	return resource, err
}

// lookup reads the resource that has something unique.
func (r reader) lookup(ctx context.Context, by sqlquery.Unique, key, resourceType string, want store.Want) (resource store.Resource, err error) {
	statement := sqlquery.Lookup(sqlquery.SQLite, by, want, 1)
	rows, err := r.query(ctx, statement.SQL, key) //nolint:rowserrcheck // Found does
	if err != nil {
		return store.Resource{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found, err := statement.Found(rows)
	if err != nil {
		return store.Resource{}, err
	}
	return sqlquery.One(found, key, resourceType)
}

// List implements store.Reader.
func (r reader) List(ctx context.Context, q store.Query) (page store.Page, err error) {
	if userName, ok := sqlquery.UserName(q); ok {
		return r.withUserName(ctx, userName, q.Want)
	}
	statement := sqlquery.List(sqlquery.SQLite, q)
	rows, err := r.query(ctx, statement.SQL, statement.Args...) //nolint:rowserrcheck // Page does
	if err != nil {
		return store.Page{}, fmt.Errorf("listing resources: %w", unavailable(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if page, err = statement.Page(rows); err != nil {
		return store.Page{}, fmt.Errorf("listing resources: %w", unavailable(err))
	}
	return page, nil
}

// withUserName is the page of the user that has a userName.
func (r reader) withUserName(ctx context.Context, userName string, want store.Want) (store.Page, error) {
	resource, err := r.lookup(ctx, sqlquery.ByUserName, userName, schema.User, want)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Page{}, nil
	case err != nil:
		return store.Page{}, fmt.Errorf("looking up a userName: %w", unavailable(err))
	}
	return sqlquery.PageOf(resource), nil
}

// Members implements store.Reader.
func (r reader) Members(ctx context.Context, groupID string, f func(store.Ref) error) (err error) {
	rows, err := r.query(ctx, sqlquery.Members, groupID)
	if err != nil {
		return fmt.Errorf("reading the members of %s: %w", groupID, unavailable(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var ref store.Ref
		if err := rows.Scan(&ref.ID, &ref.Type, &ref.Display); err != nil {
			return fmt.Errorf("reading the members of %s: %w", groupID, unavailable(err))
		}
		if err := f(ref); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Refs implements store.Reader.
func (r reader) Refs(ctx context.Context, ids ...string) (map[string]store.Ref, error) {
	refs := make(map[string]store.Ref, len(ids))
	err := r.ofIDs(ctx, `SELECT r.id, r.type, COALESCE(r.doc ->> 'displayName', '')
		FROM resources r WHERE r.id IN (SELECT value FROM json_each($1))`, ids, func(rows *sql.Rows) error {
		var ref store.Ref
		err := rows.Scan(&ref.ID, &ref.Type, &ref.Display)
		refs[ref.ID] = ref
		return err
	})
	return refs, err
}

// Memberships implements store.Reader. UNION drops what it has seen, which ends cycles.
func (r reader) Memberships(ctx context.Context, ids ...string) (map[string][]store.Membership, error) {
	memberships := make(map[string][]store.Membership, len(ids))
	err := r.ofIDs(ctx, `WITH RECURSIVE up(member, id, direct) AS (
			SELECT member_id, group_id, 1 FROM members WHERE member_id IN (SELECT value FROM json_each($1))
			UNION SELECT up.member, m.group_id, 0 FROM up CROSS JOIN members m ON m.member_id = up.id
		)
		SELECT up.member, o.id, o.type, COALESCE(o.doc ->> 'displayName', ''), max(up.direct)
		FROM up CROSS JOIN resources o ON o.id = up.id WHERE o.id <> up.member
		GROUP BY up.member, o.position ORDER BY o.position`, ids, func(rows *sql.Rows) error {
		var member string
		var m store.Membership
		err := rows.Scan(&member, &m.ID, &m.Type, &m.Display, &m.Direct)
		memberships[member] = append(memberships[member], m)
		return err
	})
	return memberships, err
}

// ofIDs runs a query with a list of ids as its parameter and calls f for each row.
func (r reader) ofIDs(ctx context.Context, query string, ids []string, f func(*sql.Rows) error) (err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("encoding ids: %w", err)
	}
	rows, err := r.query(ctx, query, string(list))
	if err != nil {
		return fmt.Errorf("reading references: %w", unavailable(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return fmt.Errorf("reading references: %w", unavailable(err))
		}
	}
	return rows.Err()
}
