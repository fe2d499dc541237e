package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// writer implements store.Tx on a transaction that holds the write lock.
type writer struct {
	reader
	changed bool
}

// Insert implements store.Tx.
func (w *writer) Insert(ctx context.Context, r store.Record) error {
	doc, err := json.Marshal(r.Doc)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", r.ID, err)
	}
	keys := store.KeysOf(r.Doc)
	_, err = w.tx.ExecContext(ctx, `INSERT INTO resources
		(id, type, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, manager_id, active, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Type, r.Version, r.Created.UnixMilli(), r.Modified.UnixMilli(),
		keys.UserName, keys.ExternalID, keys.DisplayName, keys.ManagerID, keys.Active, string(doc))
	if err != nil {
		return fmt.Errorf("inserting %s: %w", r.ID, translate(err))
	}
	w.changed = true
	return w.insertEmails(ctx, r.ID, keys.Emails)
}

// translate names the one constraint that a client can violate by a document.
func translate(err error) error {
	if isConstraint(err, uniqueViolation) {
		return store.ErrUserNameTaken
	}
	return err
}

func (w *writer) insertEmails(ctx context.Context, id string, keys []string) error {
	for _, key := range keys {
		if _, err := w.tx.ExecContext(ctx, `INSERT INTO emails (resource_id, value_key) VALUES (?, ?)`, id, key); err != nil {
			return fmt.Errorf("indexing the emails of %s: %w", id, err)
		}
	}
	return nil
}

// Replace implements store.Tx.
func (w *writer) Replace(ctx context.Context, r store.Record, expected int64) error {
	doc, err := json.Marshal(r.Doc)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", r.ID, err)
	}
	keys := store.KeysOf(r.Doc)
	result, err := w.tx.ExecContext(ctx, `UPDATE resources SET version = ?, modified_ms = ?, user_name_key = ?,
		external_id = ?, display_name_key = ?, manager_id = ?, active = ?, doc = ? WHERE id = ? AND version = ?`,
		r.Version, r.Modified.UnixMilli(), keys.UserName, keys.ExternalID, keys.DisplayName, keys.ManagerID, keys.Active,
		string(doc), r.ID, expected)
	if err != nil {
		return fmt.Errorf("replacing %s: %w", r.ID, translate(err))
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(store.ErrVersionChanged, err)
	}
	w.changed = true
	if _, err := w.tx.ExecContext(ctx, `DELETE FROM emails WHERE resource_id = ?`, r.ID); err != nil {
		return fmt.Errorf("indexing the emails of %s: %w", r.ID, err)
	}
	return w.insertEmails(ctx, r.ID, keys.Emails)
}

// Delete implements store.Tx; foreign keys take the memberships along.
func (w *writer) Delete(ctx context.Context, resourceType, id string, at time.Time) error {
	if _, err := w.Get(ctx, resourceType, id); err != nil {
		return err
	}
	_, err := w.tx.ExecContext(ctx, `UPDATE resources SET version = version + 1, modified_ms = max(?, modified_ms + 1)
		WHERE id IN (SELECT group_id FROM members WHERE member_id = ?)`, at.UnixMilli(), id)
	if err != nil {
		return fmt.Errorf("moving the version of the groups of %s: %w", id, err)
	}
	if _, err := w.tx.ExecContext(ctx, `DELETE FROM resources WHERE id = ?`, id); err != nil {
		return fmt.Errorf("deleting %s: %w", id, err)
	}
	w.changed = true
	return nil
}

// AddMembers implements store.Tx. The foreign key finds unknown ids, so nothing else of the group is read (G-1).
func (w *writer) AddMembers(ctx context.Context, groupID string, ids []string) (int, error) {
	return w.eachMember(ctx, `INSERT INTO members (group_id, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, groupID, ids)
}

// RemoveMembers implements store.Tx.
func (w *writer) RemoveMembers(ctx context.Context, groupID string, ids []string) (int, error) {
	return w.eachMember(ctx, `DELETE FROM members WHERE group_id = ? AND member_id = ?`, groupID, ids)
}

// eachMember runs a statement on (group, member) for each id and counts the rows it changed.
func (w *writer) eachMember(ctx context.Context, query, groupID string, ids []string) (changed int, err error) {
	statement, err := w.tx.PrepareContext(ctx, query)
	if err != nil {
		return 0, fmt.Errorf("changing the members of %s: %w", groupID, err)
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	for _, id := range ids {
		result, err := statement.ExecContext(ctx, groupID, id)
		if isConstraint(err, foreignKeyViolation) {
			return 0, &store.UnknownMemberError{ID: id}
		}
		if err != nil {
			return 0, fmt.Errorf("changing the members of %s: %w", groupID, err)
		}
		n, err := rowsAffected(result)
		if err != nil {
			return 0, err
		}
		changed += n
	}
	w.changed = w.changed || changed > 0
	return changed, nil
}

// RemoveAllMembers implements store.Tx.
func (w *writer) RemoveAllMembers(ctx context.Context, groupID string) (int, error) {
	result, err := w.tx.ExecContext(ctx, `DELETE FROM members WHERE group_id = ?`, groupID)
	if err != nil {
		return 0, fmt.Errorf("emptying %s: %w", groupID, err)
	}
	n, err := rowsAffected(result)
	w.changed = w.changed || n > 0
	return n, err
}

func rowsAffected(result sql.Result) (int, error) {
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("counting the changed rows: %w", err)
	}
	return int(n), nil
}
