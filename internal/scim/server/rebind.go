package server

import (
	"context"
	"reflect"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// checkRebind looks at a write that gives a user the externalId of another person (N-13): a recycled userName matched an
// old account. It is refused, so that Entra shows it, or the account loses first what the new person must not inherit.
// It may change doc.
func (s *Server) checkRebind(ctx context.Context, t target, event store.Event, before, doc map[string]any) (rebound bool, err error) {
	if t.rt.Name != schema.User {
		return false, nil
	}
	was, _ := before["externalId"].(string)
	now, _ := doc["externalId"].(string)
	if was == "" || now == "" || was == now {
		return false, nil
	}
	if t.c.settings.Rebind != RebindAllow {
		return false, scimerr.Conflict("externalId: the account is another person's, and may not become this one's")
	}
	// Groups come first: a crash in between leaves the old person without them, never the new one with them.
	if err := s.leaveGroups(ctx, t); err != nil {
		return false, err
	}
	if event == store.EventPatch { // a PUT gives the whole account and inherits nothing
		for _, name := range []string{"roles", "entitlements"} {
			dropInherited(name, before, doc)
		}
	}
	return true, nil
}

// leaveGroups takes the user out of every group that lists it, each by a change of that group.
func (s *Server) leaveGroups(ctx context.Context, t target) error {
	user, err := s.store.Get(ctx, t.rt.Name, t.id, store.Want{Groups: true})
	if err != nil {
		return err
	}
	for _, group := range user.Groups {
		m := store.Mutation{
			Operation: store.Update, Type: schema.Group, ID: group.ID, At: s.timestamp(),
			Members: []store.MemberChange{{Operation: store.RemoveMembers, IDs: []string{t.id}}},
			Change: store.Change{
				Event: store.EventPatch, Type: schema.Group, ID: group.ID, Actor: t.c.identity.TokenID, RequestID: t.c.requestID,
			},
		}
		if _, err := s.store.Apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// dropInherited keeps only the elements that the request itself gives.
func dropInherited(name string, before, doc map[string]any) {
	inherited, _ := before[name].([]any)
	list, _ := doc[name].([]any)
	kept := slices.DeleteFunc(slices.Clone(list), func(element any) bool {
		return slices.ContainsFunc(inherited, func(old any) bool { return reflect.DeepEqual(old, element) })
	})
	if doc[name] = kept; len(kept) == 0 {
		delete(doc, name)
	}
}
