package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const changeColumns = `sequence, at_ms, event, type, id, version, external_id, user_name, previous_user_name, active,
	attributes, added, removed, actor, request_id`

// entry is what a mutation did, for its record.
type entry struct {
	position, at, version int64
	previousUserName      string
	members               memberSet
	// affectsMembers is true when the change alters what all members of the group are entitled to.
	affectsMembers bool
}

// record writes the change of the resource, then those of the users whose entitlement it changed.
func (w *writer) record(m store.Mutation, e entry) error {
	err := w.recordMany(`INSERT INTO changes (`+changeColumns+`)
		SELECT $1 + 1, $2, $3, r.type, r.id, $4, r.external_id, NULLIF(r.doc ->> 'userName', ''), NULLIF($5, ''), r.active, $6, $7, $8, $9, $10
		FROM resources r WHERE r.position = $11`,
		e.at, string(m.Change.Event), e.version, e.previousUserName, joined(attributes(m, e)), joined(e.members.added),
		joined(e.members.removed), m.Change.Actor, m.Change.RequestID, e.position)
	if err != nil || m.Type != schema.Group {
		return err
	}
	touched := slices.Concat(e.members.added, e.members.removed)
	if e.affectsMembers {
		touched = append(touched, m.ID)
	}
	if len(touched) == 0 {
		return nil
	}
	// CROSS JOIN makes SQLite begin with what was touched, however few resources it takes there to be.
	return w.recordMany(`WITH RECURSIVE touched(id) AS (
			SELECT value FROM json_each($2) UNION SELECT m.member_id FROM touched CROSS JOIN members m ON m.group_id = touched.id
		)
		INSERT INTO changes (`+changeColumns+`)
		SELECT $1 + row_number() OVER (ORDER BY r.position), $3, 'patch', r.type, r.id, r.version, r.external_id,
			NULLIF(r.doc ->> 'userName', ''), NULL, r.active, '["groups"]', '[]', '[]', $4, $5
		FROM touched CROSS JOIN resources r ON r.id = touched.id WHERE r.type = 'User'`,
		joined(touched), e.at, m.Change.Actor, m.Change.RequestID)
}

// attributes are those of the mutation, with members if some came or went, and only then.
func attributes(m store.Mutation, e entry) []string {
	const members = "members"
	list := slices.DeleteFunc(slices.Clone(m.Change.Attributes), func(name string) bool { return name == members })
	if e.members.any() {
		list = append(list, members)
	}
	return list
}

// recordMany inserts changes whose sequences follow the first parameter, and moves the sequence.
func (w *writer) recordMany(insert string, args ...any) error {
	n, err := w.affect(insert, append([]any{w.sequence}, args...)...)
	if err != nil {
		return fmt.Errorf("recording the change: %w", err)
	}
	w.sequence += n
	return nil
}

// Horizon implements store.Store: there is one writer, so that every sequence up to the stored one is visible.
func (s *Store) Horizon(ctx context.Context) (int64, error) {
	id, err := s.Identity(ctx)
	return id.Sequence, err
}

// Changes implements store.Store.
func (s *Store) Changes(ctx context.Context, after int64, limit int) (changes []store.Change, err error) {
	rows, err := s.query(ctx, `SELECT `+changeColumns+` FROM changes WHERE sequence > $1 ORDER BY sequence LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading changes: %w", unavailable(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		change, err := scanChange(rows)
		if err != nil {
			return nil, fmt.Errorf("reading changes: %w", unavailable(err))
		}
		changes = append(changes, change)
	}
	return changes, rows.Err()
}

func scanChange(rows *sql.Rows) (store.Change, error) {
	var c store.Change
	var at int64
	var externalID, userName, previous sql.NullString
	var attributes, added, removed []byte
	if err := rows.Scan(&c.Sequence, &at, &c.Event, &c.Type, &c.ID, &c.Version, &externalID, &userName, &previous, &c.Active,
		&attributes, &added, &removed, &c.Actor, &c.RequestID); err != nil {
		return c, err
	}
	c.At, c.ExternalID, c.UserName, c.PreviousUserName = millis(at), externalID.String, userName.String, previous.String
	return c, errors.Join(list(attributes, &c.Attributes), list(added, &c.Added), list(removed, &c.Removed))
}

// list reads a list of texts; an empty one is nil.
func list(content []byte, into *[]string) error {
	if string(content) == `[]` {
		return nil
	}
	return json.Unmarshal(content, into)
}

// TrimChanges implements store.Store, a part at a time, so that writes can come between.
func (s *Store) TrimChanges(ctx context.Context, before time.Time) (int, error) {
	const part = 5000
	for total := 0; ; {
		var n int64
		err := s.writer.do(ctx, func(w *writer) (err error) {
			n, err = w.affect(`DELETE FROM changes WHERE sequence IN (SELECT sequence FROM changes WHERE at_ms < $1 LIMIT $2)`,
				before.UnixMilli(), part)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("removing old changes: %w", err)
		}
		if total += int(n); n < part {
			return total, nil
		}
	}
}
