package server

import (
	"context"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// changeMembers applies changes by id without reading the group. What the answer shows is read afterwards.
func (s *Server) changeMembers(ctx context.Context, t target, changes []patch.MemberChange) (written, error) {
	members, err := s.memberChanges(ctx, t, changes)
	if err != nil {
		return written{}, err
	}
	applied, err := s.store.Apply(ctx, store.Mutation{
		Operation: store.Update, Type: t.rt.Name, ID: t.id, Members: members, At: s.timestamp(),
		Change: store.Change{
			Event: store.EventPatch, Type: t.rt.Name, ID: t.id, Actor: t.c.identity.TokenID, RequestID: t.c.requestID,
		},
	})
	if err != nil {
		return written{}, err
	}
	s.tellIgnored(t, applied.Unknown)
	out := written{attributes: withMembers(nil, applied)}
	out.resource.Record = store.Record{ID: t.id, Type: t.rt.Name, Version: applied.Version, Created: applied.Created, Modified: applied.Modified}
	s.audit(t, string(store.EventPatch), out.attributes)
	return out, nil
}

// memberChanges gives the changes that a PATCH asks for the form that a store takes. Only a removal by something else
// than ids reads the members.
func (s *Server) memberChanges(ctx context.Context, t target, changes []patch.MemberChange) ([]store.MemberChange, error) {
	operations := map[patch.MemberChangeKind]store.MemberOperation{
		patch.AddMembers: store.AddMembers, patch.RemoveMembers: store.RemoveMembers,
		patch.ReplaceMembers: store.ReplaceMembers, patch.RemoveMatchingMembers: store.RemoveMembers,
	}
	out := make([]store.MemberChange, 0, len(changes))
	var added []string
	for _, change := range changes {
		ids := change.IDs
		switch change.Kind {
		case patch.AddMembers, patch.ReplaceMembers:
			added = append(added, ids...)
		case patch.RemoveMatchingMembers:
			var err error
			if ids, err = s.matching(ctx, t, change.Filter, added); err != nil {
				return nil, err
			}
		}
		out = append(out, store.MemberChange{Operation: operations[change.Kind], IDs: ids, IgnoreUnknown: t.ignoresUnknown()})
	}
	return out, nil
}

// matching returns the members that a filter selects, those included that the same PATCH added before (P-2).
func (s *Server) matching(ctx context.Context, t target, selection filter.Expr, added []string) ([]string, error) {
	var ids []string
	consider := func(ref store.Ref) error {
		if filter.MatchElement(selection, s.reference(ref)) {
			ids = append(ids, ref.ID)
		}
		return nil
	}
	if err := s.store.Members(ctx, t.id, consider); err != nil {
		return nil, err
	}
	if len(added) == 0 {
		return ids, nil
	}
	refs, err := s.store.Refs(ctx, added...)
	for _, ref := range refs {
		_ = consider(ref) // never fails
	}
	return ids, err
}
