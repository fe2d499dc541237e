package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// importPart is how many resources are copied at once.
const importPart = 1000

// Import implements store.Store, in one transaction. Memberships wait in a temporary table until every resource is
// there, because members may be groups that come later.
func (s *Store) Import(ctx context.Context, id store.Identity, next func() (store.Exported, error)) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("importing: %w", translate(err))
	}
	defer rollback(tx)
	i := importer{tx: tx}
	if err := i.run(ctx, id, next); err != nil {
		return fmt.Errorf("importing: %w", translate(err))
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("importing: %w", translate(err))
	}
	return nil
}

// importer holds one part.
type importer struct {
	tx                         pgx.Tx
	resources, emails, members [][]any
	position                   int64
}

func (i *importer) run(ctx context.Context, id store.Identity, next func() (store.Exported, error)) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	for {
		exported, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := i.add(&exported); err != nil {
			return err
		}
		if len(i.resources) >= importPart {
			if err := i.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := i.flush(ctx); err != nil {
		return err
	}
	return i.adopt(ctx, id)
}

// begin makes sure that nobody serves the store or imports into it, and that who starts to serve meanwhile writes nothing: it
// would be in a store that is no more empty, and its changes would have sequences that the import sets back.
func (i *importer) begin(ctx context.Context) error {
	for _, timeout := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} { // what comes may come slowly
		if _, err := i.tx.Exec(ctx, `SET LOCAL `+timeout+` = 0`); err != nil {
			return err
		}
	}
	var unserved bool
	if err := i.tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(`+leading+`)`).Scan(&unserved); err != nil {
		return err
	}
	if !unserved {
		return store.ErrServed
	}
	if _, err := i.tx.Exec(ctx, `LOCK TABLE resources, changes, tombstones IN EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("locking the tables: %w", err)
	}
	var used bool
	err := i.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM resources) OR EXISTS (SELECT FROM changes) OR EXISTS (SELECT FROM tombstones)`).
		Scan(&used)
	if err != nil {
		return err
	}
	if used {
		return fmt.Errorf("%w, or drop the database and make it anew, if nothing in it is needed", store.ErrNotEmpty)
	}
	_, err = i.tx.Exec(ctx, `CREATE TEMPORARY TABLE imported_members (group_id text, member_id text) ON COMMIT DROP`)
	return err
}

func (i *importer) add(x *store.Exported) error {
	keys := store.KeysOf(x.Doc)
	doc, err := documentArgs(x.ID, x.Doc, &keys)
	if err != nil {
		return err
	}
	if x.Position == 0 {
		x.Position = i.position + 1
	}
	i.position = max(i.position, x.Position)
	i.resources = append(i.resources, append([]any{
		x.Position, x.ID, x.Type, x.Version, x.Created.UnixMilli(), x.Modified.UnixMilli(),
	}, doc...))
	for _, key := range keys.Emails {
		i.emails = append(i.emails, []any{x.ID, key})
	}
	for _, member := range x.Members {
		i.members = append(i.members, []any{x.ID, member})
	}
	return nil
}

func (i *importer) flush(ctx context.Context) error {
	for _, part := range []struct {
		table   string
		columns []string
		rows    *[][]any
	}{
		{"resources", append([]string{"position", "id", "type", "version", "created_ms", "modified_ms"}, documentColumns...), &i.resources},
		{"emails", []string{"resource_id", "value_key"}, &i.emails},
		{"imported_members", []string{"group_id", "member_id"}, &i.members},
	} {
		if _, err := i.tx.CopyFrom(ctx, pgx.Identifier{part.table}, part.columns, pgx.CopyFromRows(*part.rows)); err != nil {
			return fmt.Errorf("copying into %s: %w", part.table, err)
		}
		*part.rows = (*part.rows)[:0]
	}
	return nil
}

// adopt makes the memberships, and the store the one that was exported.
func (i *importer) adopt(ctx context.Context, id store.Identity) error {
	var stranger string
	err := i.tx.QueryRow(ctx, `SELECT member_id FROM imported_members m
		WHERE NOT EXISTS (SELECT FROM resources r WHERE r.id = m.member_id) LIMIT 1`).
		Scan(&stranger)
	switch {
	case err == nil:
		return &store.UnknownMemberError{ID: stranger}
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	if _, err := i.tx.Exec(ctx, `INSERT INTO members (group_id, member_id, member_type)
		SELECT m.group_id, m.member_id, r.type FROM imported_members m JOIN resources r ON r.id = m.member_id
		ON CONFLICT DO NOTHING`); err != nil {
		return fmt.Errorf("making the memberships: %w", err)
	}
	if i.position > 0 {
		if _, err := i.tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence('resources', 'position'), $1)`, i.position); err != nil {
			return fmt.Errorf("setting the position: %w", err)
		}
	}
	if _, err := i.tx.Exec(ctx, `SELECT setval('change_sequence', $1)`, id.Sequence); err != nil {
		return fmt.Errorf("setting the sequence: %w", err)
	}
	_, err = i.tx.Exec(ctx, `UPDATE identity SET store_id = $1, cursor_key = $2, sequence_floor = $3`, id.StoreID, id.CursorKey, id.Sequence)
	return err
}
