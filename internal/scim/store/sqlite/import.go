package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Import implements store.Store, in one transaction.
func (s *Store) Import(ctx context.Context, id store.Identity, next func() (store.Exported, error)) error {
	err := s.unserved(func() error {
		return s.writer.do(ctx, func(w *writer) error { return w.load(ctx, id, next) })
	})
	if errors.Is(err, store.ErrNotEmpty) {
		err = fmt.Errorf("%w, or remove %s, with -wal and -shm of that name, if nothing in it is needed", err, s.path)
	}
	if err != nil {
		return fmt.Errorf("importing: %w", explain(s.path, err))
	}
	return nil
}

// load reads in the writer what is imported. Members may be groups that come later, so that references are checked at
// the end.
func (w *writer) load(ctx context.Context, id store.Identity, next func() (store.Exported, error)) error {
	var used bool
	err := w.row(`SELECT EXISTS (SELECT 1 FROM resources) OR EXISTS (SELECT 1 FROM changes) OR EXISTS (SELECT 1 FROM tombstones)`).Scan(&used)
	if err != nil {
		return unavailable(err)
	}
	if used {
		return store.ErrNotEmpty
	}
	if err := w.exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
		return err
	}
	for ctx.Err() == nil {
		exported, err := next()
		if errors.Is(err, io.EOF) {
			return w.adopt(id)
		}
		if err != nil {
			return err
		}
		if err := w.loadOne(exported); err != nil {
			return fmt.Errorf("%s %s: %w", exported.Type, exported.ID, err)
		}
	}
	return ctx.Err()
}

func (w *writer) loadOne(x store.Exported) error {
	e, err := encode(x.Doc)
	if err != nil {
		return err
	}
	err = w.exec(`INSERT INTO resources (position, id, type, version, created_ms, modified_ms,
			user_name_key, external_id, display_name_key, manager_id, active, doc, search)
		VALUES (NULLIF($1, 0), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		x.Position, x.ID, x.Type, x.Version, x.Created.UnixMilli(), x.Modified.UnixMilli(),
		e.keys.UserName, e.keys.ExternalID, e.keys.DisplayName, e.keys.ManagerID, e.keys.Active, e.doc, e.search)
	if err != nil {
		return translate(err)
	}
	if err := w.insertEmails(x.ID, e.keys.Emails); err != nil {
		return err
	}
	for _, member := range x.Members {
		if err := w.exec(`INSERT INTO members (group_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, x.ID, member); err != nil {
			return fmt.Errorf("adding members: %w", err)
		}
	}
	return nil
}

// adopt ends an import: every member is there, and the store is the one that was exported.
func (w *writer) adopt(id store.Identity) error {
	strangers, err := w.strings(`SELECT member_id FROM members WHERE member_id NOT IN (SELECT id FROM resources) LIMIT 1`)
	if err != nil {
		return err
	}
	if len(strangers) > 0 {
		return &store.UnknownMemberError{ID: strangers[0]}
	}
	w.sequence = id.Sequence
	return w.exec(`UPDATE identity SET store_id = $1, sequence = $2, cursor_key = $3`, id.StoreID, id.Sequence, id.CursorKey)
}
