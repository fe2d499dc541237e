package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// transact makes a change of a group that takes more than one statement: with members from the start, with a new document
// too, or with a version expected.
func (s *Store) transact(ctx context.Context, m *store.Mutation) (applied store.Applied, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return store.Applied{}, err
	}
	defer rollback(tx)
	t := transaction{tx: tx, m: m, net: map[string]int{}}
	if m.Operation == store.Create {
		err = t.create(ctx)
	} else {
		err = t.update(ctx)
	}
	if err != nil || !t.applied.Changed {
		return t.applied, err
	}
	if err := t.record(ctx); err != nil {
		return store.Applied{}, err
	}
	return t.applied, tx.Commit(ctx)
}

// transaction is one under way.
type transaction struct {
	tx      pgx.Tx
	m       *store.Mutation
	applied store.Applied
	// net counts for each member how often it came less how often it went, so that what one operation undoes of another
	// does not count.
	net            map[string]int
	added, removed []string
	renamed        bool
}

func (t *transaction) create(ctx context.Context) error {
	keys := store.KeysOf(t.m.Doc)
	doc, err := documentArgs(t.m.ID, t.m.Doc, &keys)
	if err != nil {
		return err
	}
	// The members are locked before the group is there, as always.
	known, err := t.hold(ctx)
	if err != nil {
		return err
	}
	args := append([]any{t.m.ID, t.m.Type, t.m.At.UnixMilli()}, doc...)
	t.applied, err = scanApplied(t.tx.QueryRow(ctx, createGroup, args...))
	if err != nil {
		return erased(err)
	}
	return t.members(ctx, known)
}

var createGroup = `WITH made AS (` + createRow(4) + `) SELECT ` + stamps + ` FROM made`

// hold locks what is to become a member, and returns what there is of it.
func (t *transaction) hold(ctx context.Context) (known map[string]bool, err error) {
	var ids []string
	for _, change := range t.m.Members {
		if change.Operation != store.RemoveMembers {
			ids = append(ids, change.IDs...)
		}
	}
	known = map[string]bool{}
	err = t.each(ctx, `SELECT id FROM resources WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE`,
		func(id string) { known[id] = true }, distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("locking the members: %w", err)
	}
	return known, nil
}

// each calls f for each id that a statement yields.
func (t *transaction) each(ctx context.Context, query string, f func(id string), args ...any) error {
	rows, err := t.tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		f(id)
		return nil
	})
	return err
}

// members applies the membership changes in order.
func (t *transaction) members(ctx context.Context, known map[string]bool) error {
	for i := range t.m.Members {
		if err := t.change(ctx, &t.m.Members[i], known); err != nil {
			return fmt.Errorf("changing the members: %w", err)
		}
	}
	for id, n := range t.net {
		switch {
		case n > 0:
			t.added = append(t.added, id)
		case n < 0:
			t.removed = append(t.removed, id)
		}
	}
	t.added, t.removed = distinct(t.added), distinct(t.removed)
	t.applied.Added, t.applied.Removed = len(t.added), len(t.removed)
	return nil
}

func (t *transaction) change(ctx context.Context, change *store.MemberChange, known map[string]bool) error {
	ids := distinct(change.IDs)
	came, went := func(id string) { t.net[id]++ }, func(id string) { t.net[id]-- }
	if change.Operation == store.RemoveMembers {
		return t.each(ctx, `DELETE FROM members WHERE group_id = $1 AND member_id = ANY ($2) RETURNING member_id`,
			went, t.m.ID, ids)
	}
	missing, err := unknown(change, known)
	if err != nil {
		return err
	}
	t.applied.Unknown = append(t.applied.Unknown, missing...)
	if change.Operation == store.ReplaceMembers {
		err := t.each(ctx, `DELETE FROM members WHERE group_id = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[]) id WHERE id = member_id)
			RETURNING member_id`, went, t.m.ID, ids)
		if err != nil {
			return err
		}
	}
	present := slices.DeleteFunc(ids, func(id string) bool { return !known[id] }) // who came since is not locked
	return t.each(ctx, `INSERT INTO members (group_id, member_id, member_type)
		SELECT $1, id, type FROM resources WHERE id = ANY ($2::text[]) ORDER BY id
		ON CONFLICT DO NOTHING RETURNING member_id`, came, t.m.ID, present)
}

// update locks the members, then the group, as moves do, and writes only then.
func (t *transaction) update(ctx context.Context) error {
	known, err := t.hold(ctx)
	if err != nil {
		return err
	}
	replaces, err := t.group(ctx)
	if err != nil {
		return err
	}
	if err := t.members(ctx, known); err != nil {
		return err
	}
	if t.applied.Changed = replaces || len(t.added)+len(t.removed) > 0; !t.applied.Changed {
		return nil
	}
	return t.store(ctx, replaces)
}

// group locks the group as it is, and returns whether its document is another than the new one.
func (t *transaction) group(ctx context.Context) (replaces bool, err error) {
	doc := []byte(`null`)
	if t.m.Doc != nil {
		if doc, err = json.Marshal(t.m.Doc); err != nil {
			return false, fmt.Errorf("encoding %s: %w", t.m.ID, err)
		}
	}
	var same bool
	t.applied, err = scanApplied(t.tx.QueryRow(ctx, `SELECT `+stamps+`, doc = $3::jsonb,
		doc ->> 'displayName' IS DISTINCT FROM $3::jsonb ->> 'displayName'
		FROM resources WHERE id = $1 AND `+typed+` FOR NO KEY UPDATE`, t.m.ID, t.m.Type, json.RawMessage(doc)), &same, &t.renamed)
	if err != nil {
		return false, err
	}
	if t.m.Expected != 0 && t.m.Expected != t.applied.Version {
		return false, store.ErrVersionChanged
	}
	replaces = t.m.Doc != nil && !same
	t.renamed = t.renamed && replaces
	return replaces, nil
}

// store moves the version of the group, and stores the document if there is another.
func (t *transaction) store(ctx context.Context, replaces bool) error {
	set, args := next, []any{t.m.ID, t.m.Type, t.m.At.UnixMilli()}
	if replaces {
		keys := store.KeysOf(t.m.Doc)
		doc, err := documentArgs(t.m.ID, t.m.Doc, &keys)
		if err != nil {
			return err
		}
		set += `, ` + setDocument(len(args)+1)
		args = append(args, doc...)
	}
	stored, err := scanApplied(t.tx.QueryRow(ctx, `UPDATE resources SET `+set+` WHERE id = $1 AND `+typed+` RETURNING `+stamps, args...))
	t.applied.Version, t.applied.Modified = stored.Version, stored.Modified
	return err
}

// record writes the changes of the group and of those whose entitlement it changes.
func (t *transaction) record(ctx context.Context) error {
	attributes := withoutMembers(t.m.Change.Attributes)
	if len(t.added)+len(t.removed) > 0 {
		attributes = withMembers(attributes)
	}
	_, err := t.tx.Exec(ctx, recordGroup, append(changeArgs(t.m, attributes), list(t.added), list(t.removed), t.renamed)...)
	if err != nil {
		return fmt.Errorf("recording the change: %w", err)
	}
	return nil
}

var recordGroup = `WITH RECURSIVE changed AS (
	SELECT ` + stamps + facts + ` FROM resources WHERE id = $1 AND ` + typed + ` AND $3::bigint IS NOT NULL
), ` + nested(`
	SELECT id FROM resources WHERE id = ANY ($8::text[] || $9::text[]) AND type = 'Group'
	UNION ALL
	SELECT id FROM changed WHERE $10::boolean`) + `
` + insertChanges(mainChange(`$8::text[]`, `$9::text[]`)+entitlementChanges(`SELECT unnest($8::text[] || $9::text[])`))
