package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Apply implements store.Store. What clients send all day is one statement or one batch, thus one round trip; what they
// send rarely takes a transaction of several.
func (s *Store) Apply(ctx context.Context, m store.Mutation) (store.Applied, error) {
	var applied store.Applied
	err := s.retry(ctx, func() (err error) {
		applied, err = s.apply(ctx, &m)
		return err
	})
	if err != nil {
		return store.Applied{}, fmt.Errorf("%s %s %s: %w", verbs[m.Operation], m.Type, m.ID, translate(err))
	}
	return applied, nil
}

var verbs = map[store.Operation]string{store.Create: "creating", store.Update: "updating", store.Delete: "deleting"}

func (s *Store) apply(ctx context.Context, m *store.Mutation) (store.Applied, error) {
	switch {
	case m.Operation == store.Delete:
		return s.remove(ctx, s.pool, m)
	case m.LeaveGroups:
		return s.updateAndLeave(ctx, m)
	case m.Operation == store.Create && len(m.Members) == 0:
		return s.create(ctx, m)
	case m.Operation == store.Update && len(m.Members) == 0 && m.Doc != nil:
		return s.update(ctx, m)
	case isMove(m):
		return s.move(ctx, m)
	}
	return s.transact(ctx, m)
}

func (s *Store) create(ctx context.Context, m *store.Mutation) (store.Applied, error) {
	keys := store.KeysOf(m.Doc)
	doc, err := documentArgs(m.ID, m.Doc, &keys)
	if err != nil {
		return store.Applied{}, err
	}
	args := append(append(changeArgs(m, withoutMembers(m.Change.Attributes)), doc...), list(keys.Emails))
	w := &write{ctx: ctx, operation: store.Create, query: createWithout, args: args}
	if keys.UserName != nil {
		w.key = *keys.UserName
	}
	applied, err := s.together(w)
	return applied, erased(err)
}

// errErased is no answer to a client: nobody makes an id of a resource that was erased.
var errErased = errors.New("the id was erased and cannot be used again")

func erased(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errErased
	}
	return err
}

// scanApplied reads stamps, and further columns into more.
func scanApplied(row pgx.Row, more ...any) (store.Applied, error) {
	var applied store.Applied
	var created, modified int64
	targets := append([]any{&applied.Position, &applied.Version, &created, &modified}, more...)
	if err := row.Scan(targets...); err != nil {
		return store.Applied{}, err
	}
	applied.Changed = true
	applied.Created, applied.Modified = millis(created), millis(modified)
	return applied, nil
}

// update stores a document. The update compares the version itself (V-4); for any version the row is locked first,
// because the rest of the statement has to see what the last writer left.
func (s *Store) update(ctx context.Context, m *store.Mutation) (store.Applied, error) {
	return s.updateOn(ctx, s.pool, m)
}

func (s *Store) updateOn(ctx context.Context, on session, m *store.Mutation) (store.Applied, error) {
	keys := store.KeysOf(m.Doc)
	doc, err := documentArgs(m.ID, m.Doc, &keys)
	if err != nil {
		return store.Applied{}, err
	}
	args := append(append(changeArgs(m, withoutMembers(m.Change.Attributes)), doc...), list(keys.Emails), m.Expected)
	query := updateOf(m)
	// A transaction of one's own shares no commit with others, and a rename locks a userName besides.
	shares := on == session(s.pool) && m.Type == schema.User && m.Expected != 0 && m.Change.PreviousUserName == ""
	var applied store.Applied
	if shares {
		applied, err = s.together(&write{ctx: ctx, operation: store.Update, key: m.ID, query: query, args: args})
	} else {
		applied, err = s.heldRow(ctx, on, m, m.Expected == 0, query, args)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return s.unchanged(ctx, on, m)
	}
	return applied, err
}

// updateOf returns the statement that stores the document.
func updateOf(m *store.Mutation) string {
	switch {
	case m.Type == schema.Group:
		return updateGroup
	case keeps(m, "userName") && keeps(m, "emails"):
		return updateKnown
	}
	return updateUser
}

// keeps tells whether an attribute is known to be that of the version on which the change was decided.
func keeps(m *store.Mutation, attribute string) bool {
	return m.Expected != 0 && len(m.Change.Attributes) > 0 && !slices.Contains(m.Change.Attributes, attribute)
}

// unchanged tells a document that does not differ from a version that is not the expected one.
func (s *Store) unchanged(ctx context.Context, on session, m *store.Mutation) (store.Applied, error) {
	text, err := json.Marshal(m.Doc)
	if err != nil {
		return store.Applied{}, fmt.Errorf("encoding %s: %w", m.ID, err)
	}
	var same bool
	applied, err := scanApplied(on.QueryRow(ctx, classify, m.ID, m.Type, json.RawMessage(text)), &same)
	switch {
	case err != nil:
		return store.Applied{}, err
	case m.Expected != 0 && m.Expected != applied.Version, !same:
		return store.Applied{}, store.ErrVersionChanged
	}
	applied.Changed = false
	return applied, nil
}

// session is the pool or a transaction.
type session interface {
	querier
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// heldRow runs a statement that yields stamps, behind one that locks the row if that is asked for, in one round trip and
// one transaction.
func (s *Store) heldRow(ctx context.Context, on session, m *store.Mutation, held bool, query string, args []any,
	more ...any,
) (applied store.Applied, err error) {
	if !held {
		return scanApplied(on.QueryRow(ctx, query, args...), more...)
	}
	mode := `NO KEY UPDATE`
	if m.Operation == store.Delete {
		mode = `UPDATE`
	}
	var batch pgx.Batch
	batch.Queue(hold+mode, m.ID, m.Type)
	batch.Queue(query, args...)
	results := on.SendBatch(ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	if _, err := results.Exec(); err != nil {
		return store.Applied{}, err
	}
	return scanApplied(results.QueryRow(), more...)
}

// remove deletes in a batch: the row is locked before anything is looked at, so that nobody adds it to a group meanwhile.
func (s *Store) remove(ctx context.Context, on session, m *store.Mutation) (store.Applied, error) {
	var removed bool
	applied, err := s.heldRow(ctx, on, m, true, remove, append(changeArgs(m, withoutMembers(m.Change.Attributes)), m.Expected), &removed)
	if err == nil && !removed {
		err = store.ErrVersionChanged
	}
	return applied, err
}

// unknown returns the ids that are no resource, each once, or the error that there are any.
func unknown(change *store.MemberChange, known map[string]bool) ([]string, error) {
	var missing []string
	for _, id := range change.IDs {
		if known[id] {
			continue
		}
		if !change.IgnoreUnknown {
			return nil, &store.UnknownMemberError{ID: id}
		}
		if !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
