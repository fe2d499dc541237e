package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// encoded is a document in the forms that are stored; made before its turn to be written comes.
type encoded struct {
	doc, search string
	keys        store.Keys
}

func encode(doc map[string]any) (e encoded, err error) {
	if e.doc, err = marshal(doc); err != nil {
		return e, err
	}
	e.search, err = marshal(store.SearchDoc(doc))
	e.keys = store.KeysOf(doc)
	return e, err
}

func marshal(v any) (string, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding a document: %w", err)
	}
	return string(content), nil
}

// Apply implements store.Store.
func (s *Store) Apply(ctx context.Context, m store.Mutation) (applied store.Applied, err error) {
	var e encoded
	if m.Doc != nil {
		if e, err = encode(m.Doc); err != nil {
			return store.Applied{}, err
		}
	}
	err = s.writer.do(ctx, func(w *writer) (err error) {
		applied, err = w.apply(m, e)
		return err
	})
	if err != nil {
		return store.Applied{}, fmt.Errorf("writing %s %s: %w", m.Type, m.ID, err)
	}
	return applied, nil
}

func (w *writer) apply(m store.Mutation, e encoded) (store.Applied, error) {
	switch m.Operation {
	case store.Create:
		return w.create(m, e)
	case store.Update:
		return w.update(m, e)
	case store.Delete:
		return w.delete(m)
	}
	return store.Applied{}, fmt.Errorf("operation %d is unknown", m.Operation)
}

func (w *writer) create(m store.Mutation, e encoded) (store.Applied, error) {
	at := m.At.UnixMilli()
	n, err := w.affect(`INSERT INTO resources (id, type, version, created_ms, modified_ms,
			user_name_key, external_id, display_name_key, manager_id, active, doc, search)
		SELECT $1, $2, 1, $3, $3, $4, $5, $6, $7, $8, $9, $10 WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE id = $1)`,
		m.ID, m.Type, at, e.keys.UserName, e.keys.ExternalID, e.keys.DisplayName, e.keys.ManagerID, e.keys.Active, e.doc, e.search)
	if err != nil {
		return store.Applied{}, translate(err)
	}
	if n == 0 {
		return store.Applied{}, errors.New("the id belonged to what was erased")
	}
	applied := store.Applied{Changed: true, Version: 1, Created: millis(at), Modified: millis(at)}
	if err := w.row(`SELECT last_insert_rowid()`).Scan(&applied.Position); err != nil {
		return store.Applied{}, err
	}
	if err := w.insertEmails(m.ID, e.keys.Emails); err != nil {
		return store.Applied{}, err
	}
	members, err := w.changeMembers(m)
	if err != nil {
		return store.Applied{}, err
	}
	members.count(&applied)
	return applied, w.record(m, entry{position: applied.Position, at: at, version: 1, members: members})
}

func millis(ms int64) time.Time {
	return time.UnixMilli(ms).UTC()
}

func (w *writer) insertEmails(id string, keys []string) error {
	for _, key := range keys {
		if err := w.exec(`INSERT INTO emails (resource_id, value_key) VALUES ($1, $2)`, id, key); err != nil {
			return fmt.Errorf("indexing the emails: %w", err)
		}
	}
	return nil
}

// current is what is stored of a resource before a mutation.
type current struct {
	position, version, created, modified int64
	userNameKey, externalID              *string
	displayNameKey, managerID            *string
	active                               *bool
	userName, displayName                string
	doc                                  string
}

// current reads the resource that a mutation changes, and checks the version that it expects.
func (w *writer) current(m store.Mutation) (current, error) {
	var c current
	err := w.row(`SELECT position, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, manager_id, active,
			COALESCE(doc ->> 'userName', ''), COALESCE(doc ->> 'displayName', ''), doc
		FROM resources WHERE id = $1 AND type = $2`, m.ID, m.Type).
		Scan(&c.position, &c.version, &c.created, &c.modified, &c.userNameKey, &c.externalID, &c.displayNameKey, &c.managerID, &c.active,
			&c.userName, &c.displayName, &c.doc)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return c, store.ErrNotFound
	case err != nil:
		return c, unavailable(err)
	case m.Expected != 0 && m.Expected != c.version:
		return c, store.ErrVersionChanged
	}
	return c, nil
}

// later is the time of a change, after the last one (K-6).
func (c current) later(m store.Mutation) int64 {
	return max(m.At.UnixMilli(), c.modified+1)
}

func (w *writer) update(m store.Mutation, e encoded) (store.Applied, error) {
	c, err := w.current(m)
	if err != nil {
		return store.Applied{}, err
	}
	members, err := w.changeMembers(m)
	if err != nil {
		return store.Applied{}, err
	}
	applied := store.Applied{Version: c.version, Created: millis(c.created), Modified: millis(c.modified), Position: c.position}
	members.count(&applied)
	replaces := m.Doc != nil && e.doc != c.doc
	if applied.Changed = replaces || members.any(); !applied.Changed {
		return applied, nil
	}
	at := c.later(m)
	applied.Version, applied.Modified = c.version+1, millis(at)
	if replaces {
		err = w.replace(c, m.ID, e, at)
	} else {
		err = w.exec(`UPDATE resources SET version = version + 1, modified_ms = $1 WHERE position = $2`, at, c.position)
	}
	if err != nil {
		return store.Applied{}, err
	}
	record := entry{position: c.position, at: at, version: applied.Version, members: members}
	if replaces {
		record.previousUserName = renamed(c.userName, m.Doc["userName"])
		record.affectsMembers = renamed(c.displayName, m.Doc["displayName"]) != ""
	}
	if err := w.record(m, record); err != nil || !m.LeaveGroups {
		return applied, err
	}
	if err := w.leaveGroups(m, at); err != nil {
		return store.Applied{}, err
	}
	return applied, w.exec(`DELETE FROM members WHERE member_id = $1`, m.ID)
}

// renamed returns the name before, empty when it is the name now.
func renamed(before string, now any) string {
	if now == before {
		return ""
	}
	return before
}

// replace stores a document. Keys that stay are left out, because naming a column makes SQLite write its index.
func (w *writer) replace(c current, id string, e encoded, at int64) error {
	set := []string{`version = version + 1`, `modified_ms = $1`, `doc = $2`, `search = $3`}
	args := []any{at, e.doc, e.search, c.position}
	for _, key := range []struct {
		column      string
		differs     bool
		replacement any
	}{
		{"user_name_key", differ(c.userNameKey, e.keys.UserName), e.keys.UserName},
		{"external_id", differ(c.externalID, e.keys.ExternalID), e.keys.ExternalID},
		{"display_name_key", differ(c.displayNameKey, e.keys.DisplayName), e.keys.DisplayName},
		{"manager_id", differ(c.managerID, e.keys.ManagerID), e.keys.ManagerID},
		{"active", differ(c.active, e.keys.Active), e.keys.Active},
	} {
		if key.differs {
			args = append(args, key.replacement)
			set = append(set, fmt.Sprintf(`%s = $%d`, key.column, len(args)))
		}
	}
	if err := w.exec(`UPDATE resources SET `+strings.Join(set, `, `)+` WHERE position = $4`, args...); err != nil {
		return translate(err)
	}
	before, err := w.strings(`SELECT value_key FROM emails WHERE resource_id = $1`, id)
	if err != nil {
		return fmt.Errorf("reading the emails: %w", err)
	}
	if slices.Equal(before, slices.Sorted(slices.Values(e.keys.Emails))) {
		return nil
	}
	if err := w.exec(`DELETE FROM emails WHERE resource_id = $1`, id); err != nil {
		return fmt.Errorf("indexing the emails: %w", err)
	}
	return w.insertEmails(id, e.keys.Emails)
}

func differ[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a != b
	}
	return *a != *b
}

// delete removes a resource; foreign keys take its memberships along. What it was is recorded while it is there.
func (w *writer) delete(m store.Mutation) (store.Applied, error) {
	c, err := w.current(m)
	if err != nil {
		return store.Applied{}, err
	}
	at := c.later(m)
	if err := w.record(m, entry{position: c.position, at: at, version: c.version, affectsMembers: true}); err != nil {
		return store.Applied{}, err
	}
	if err := w.leaveGroups(m, at); err != nil {
		return store.Applied{}, err
	}
	if err := w.exec(`DELETE FROM resources WHERE position = $1`, c.position); err != nil {
		return store.Applied{}, err
	}
	return store.Applied{
		Changed: true, Version: c.version, Created: millis(c.created), Modified: millis(c.modified), Position: c.position,
	}, nil
}

// joined makes a list of texts as JSON, for a parameter.
func joined(list []string) string {
	if len(list) == 0 {
		return `[]`
	}
	content, _ := json.Marshal(list) // a list of texts always has a form
	return string(content)
}
