package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// reader implements store.Reader on a transaction.
type reader struct{ tx *sql.Tx }

const recordColumns = `r.position, r.id, r.type, r.version, r.created_ms, r.modified_ms, r.doc`

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, resourceType, id string) (store.Record, error) {
	row := r.tx.QueryRowContext(ctx,
		`SELECT `+recordColumns+` FROM resources r WHERE r.id = ? AND r.type = ?`, id, resourceType)
	record, err := scanRecord(row)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{}, store.ErrNotFound
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("reading %s %s: %w", resourceType, id, err)
	}
	return record, nil
}

func scanRecord(row interface{ Scan(...any) error }) (store.Record, error) {
	var record store.Record
	var created, modified int64
	var doc []byte
	if err := row.Scan(&record.Position, &record.ID, &record.Type, &record.Version, &created, &modified, &doc); err != nil {
		return store.Record{}, err
	}
	record.Created, record.Modified = time.UnixMilli(created).UTC(), time.UnixMilli(modified).UTC()
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	if err := decoder.Decode(&record.Doc); err != nil {
		return store.Record{}, fmt.Errorf("decoding the document of %s: %w", record.ID, err)
	}
	return record, nil
}

// Count implements store.Reader.
func (r reader) Count(ctx context.Context, q store.Query) (int, error) {
	where, args := whereClause(q)
	var count int
	if err := r.tx.QueryRowContext(ctx, `SELECT count(*) FROM resources r WHERE `+where, args...).Scan(&count); err != nil {
		return 0, fmt.Errorf("counting %ss: %w", q.Type, err)
	}
	return count, nil
}

// List implements store.Reader.
func (r reader) List(ctx context.Context, q store.Query) (records []store.Record, err error) {
	where, args := whereClause(q)
	if q.After > 0 {
		where += ` AND r.position > ?`
		args = append(args, q.After)
	}
	rows, err := r.tx.QueryContext(ctx, `SELECT `+recordColumns+` FROM resources r WHERE `+where+
		` ORDER BY r.position LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
	if err != nil {
		return nil, fmt.Errorf("listing %ss: %w", q.Type, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		record, err := scanRecord(rows)
		if err != nil {
			return nil, fmt.Errorf("listing %ss: %w", q.Type, err)
		}
		records = append(records, record)
	}
	return records, rows.Err()
}

// conditionSQL has one parameter each.
var conditionSQL = map[store.Field]string{
	store.FieldID:          `r.id = ?`,
	store.FieldUserName:    `r.user_name_key = ?`,
	store.FieldExternalID:  `r.external_id = ?`,
	store.FieldDisplayName: `r.display_name_key = ?`,
	store.FieldManager:     `r.manager_id = ?`,
	store.FieldActive:      `r.active = ?`,
	store.FieldEmail:       `r.id IN (SELECT resource_id FROM emails WHERE value_key = ?)`,
	store.FieldMember:      `r.id IN (SELECT group_id FROM members WHERE member_id = ?)`,
	store.FieldGroup:       `r.id IN (SELECT member_id FROM members WHERE group_id = ?)`,
}

// whereClause compiles the query. The type is a literal, not a parameter, so that SQLite may use the partial index
// on userName; it is one of our own two constants.
func whereClause(q store.Query) (string, []any) {
	clauses := []string{`r.type = '` + q.Type + `'`}
	var args []any
	for _, c := range q.Conditions {
		clauses = append(clauses, conditionSQL[c.Field])
		args = append(args, c.Value)
	}
	return strings.Join(clauses, ` AND `), args
}

// Members implements store.Reader.
func (r reader) Members(ctx context.Context, groupIDs ...string) (map[string][]store.Ref, error) {
	return r.refs(ctx, `SELECT m.group_id, r.id, r.type, r.doc ->> '$.displayName'
		FROM members m JOIN resources r ON r.id = m.member_id
		WHERE m.group_id IN (SELECT value FROM json_each(?)) ORDER BY r.position`, groupIDs)
}

// Groups implements store.Reader.
func (r reader) Groups(ctx context.Context, memberIDs ...string) (map[string][]store.Ref, error) {
	return r.refs(ctx, `SELECT m.member_id, r.id, r.type, r.doc ->> '$.displayName'
		FROM members m JOIN resources r ON r.id = m.group_id
		WHERE m.member_id IN (SELECT value FROM json_each(?)) ORDER BY r.position`, memberIDs)
}

// Refs implements store.Reader.
func (r reader) Refs(ctx context.Context, ids ...string) (map[string]store.Ref, error) {
	lists, err := r.refs(ctx, `SELECT r.id, r.id, r.type, r.doc ->> '$.displayName'
		FROM resources r WHERE r.id IN (SELECT value FROM json_each(?))`, ids)
	if err != nil {
		return nil, err
	}
	refs := make(map[string]store.Ref, len(lists))
	for id, list := range lists {
		refs[id] = list[0]
	}
	return refs, nil
}

// refs runs a query that yields owner, id, type and display for the owners among ids.
func (r reader) refs(ctx context.Context, query string, ids []string) (refs map[string][]store.Ref, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("encoding ids: %w", err)
	}
	rows, err := r.tx.QueryContext(ctx, query, string(list))
	if err != nil {
		return nil, fmt.Errorf("reading references: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	refs = map[string][]store.Ref{}
	for rows.Next() {
		var owner string
		var ref store.Ref
		var display sql.NullString
		if err := rows.Scan(&owner, &ref.ID, &ref.Type, &display); err != nil {
			return nil, fmt.Errorf("reading references: %w", err)
		}
		ref.Display = display.String
		refs[owner] = append(refs[owner], ref)
	}
	return refs, rows.Err()
}
