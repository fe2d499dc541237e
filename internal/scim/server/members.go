package server

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// changeMembers applies one membership change and returns how many rows it changed. Only a replacement and a removal
// by something else than ids read the members (G-1).
func (s *Server) changeMembers(ctx context.Context, tx store.Tx, groupID string, m patch.MemberChange) (int, error) {
	switch m.Kind {
	case patch.AddMembers:
		return tx.AddMembers(ctx, groupID, m.IDs)
	case patch.RemoveMembers:
		return tx.RemoveMembers(ctx, groupID, m.IDs)
	case patch.ReplaceMembers:
		return replaceMembers(ctx, tx, groupID, m.IDs)
	case patch.RemoveMatchingMembers:
		return s.removeMatching(ctx, tx, groupID, m.Filter)
	}
	return 0, fmt.Errorf("membership change %d is unknown", m.Kind)
}

// replaceMembers changes only what differs, so that the same list again changes nothing.
func replaceMembers(ctx context.Context, tx store.Tx, groupID string, ids []string) (int, error) {
	if len(ids) == 0 {
		return tx.RemoveAllMembers(ctx, groupID)
	}
	current, err := tx.Members(ctx, groupID)
	if err != nil {
		return 0, err
	}
	keep := make(map[string]bool, len(ids))
	for _, id := range ids {
		keep[id] = true
	}
	var surplus []string
	for _, ref := range current[groupID] {
		if !keep[ref.ID] {
			surplus = append(surplus, ref.ID)
		}
	}
	removed, err := tx.RemoveMembers(ctx, groupID, surplus)
	if err != nil {
		return 0, err
	}
	added, err := tx.AddMembers(ctx, groupID, ids)
	return removed + added, err
}

func (s *Server) removeMatching(ctx context.Context, tx store.Tx, groupID string, selection filter.Expr) (int, error) {
	current, err := tx.Members(ctx, groupID)
	if err != nil {
		return 0, err
	}
	refs := current[groupID]
	var ids []string
	for i, element := range s.references(refs, nil) {
		if filter.MatchElement(selection, element) {
			ids = append(ids, refs[i].ID)
		}
	}
	return tx.RemoveMembers(ctx, groupID, ids)
}
