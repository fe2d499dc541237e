package server

import (
	"context"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// createResource makes a resource of the body of a POST (RFC 7644 section 3.3).
func (s *Server) createResource(ctx context.Context, t target, body map[string]any) (written, error) {
	doc, members, err := s.document(t.rt, body)
	if err != nil {
		return written{}, err
	}
	if t.rt.Name == schema.User && doc["active"] == nil {
		doc["active"] = true
	}
	if err := resource.Validate(t.rt, doc); err != nil {
		return written{}, err
	}
	if err := s.checkGroupName(ctx, t, doc); err != nil {
		return written{}, err
	}
	t.id = newID()
	attributes := resource.Changed(nil, doc)
	m := store.Mutation{
		Operation: store.Create, Type: t.rt.Name, ID: t.id, Doc: doc, At: s.timestamp(),
		Change: t.change(store.EventCreate, nil, doc, attributes),
	}
	if len(members) > 0 {
		m.Members = []store.MemberChange{{Operation: store.AddMembers, IDs: members, IgnoreUnknown: t.ignoresUnknown()}}
	}
	applied, err := s.store.Apply(ctx, m)
	if err != nil {
		return written{}, err
	}
	s.tellIgnored(t, applied.Unknown)
	out := written{attributes: withMembers(attributes, applied)}
	out.resource.Record = store.Record{
		ID: t.id, Type: t.rt.Name, Version: applied.Version, Created: applied.Created, Modified: applied.Modified,
		Doc: doc, Position: applied.Position,
	}
	s.audit(t, string(store.EventCreate), out.attributes)
	out.resource.Manager, err = s.managerOf(ctx, t, store.Resource{}, doc)
	return out, err
}

// document reads the body of a POST or PUT: the pruned document, and the ids of the members, which are rows.
func (s *Server) document(rt *schema.ResourceType, body map[string]any) (map[string]any, []string, error) {
	doc, err := resource.Normalize(rt, s.dialect, body)
	if err != nil {
		return nil, nil, err
	}
	var members []string
	if rt.Name == schema.Group {
		if members, err = patch.MemberIDs(doc["members"]); err != nil {
			return nil, nil, err
		}
		delete(doc, "members")
	}
	resource.Prune(doc, s.dialect.EmptyStringClears)
	return doc, members, nil
}

// checkGroupName is 409 when another group has the name and names are to be unique.
func (s *Server) checkGroupName(ctx context.Context, t target, doc map[string]any) error {
	name, _ := doc["displayName"].(string)
	if t.rt.Name != schema.Group || t.c.settings.GroupNames != GroupNamesUnique {
		return nil
	}
	same := &filter.Compare{Path: schema.Path{Attribute: t.rt.Attribute("displayName")}, Op: filter.Eq, Value: name}
	page, err := s.store.List(ctx, store.Query{Select: []store.Selection{{Type: t.rt, Filter: same}}, Limit: 1, BaseURL: s.options.PublicURL})
	if err == nil && len(page.Resources) > 0 {
		return scimerr.Conflict("displayName is already in use")
	}
	return err
}

// replaceResource puts the body of a PUT in place of what there is (RFC 7644 section 3.5.1). It never creates (C-10).
// What the body leaves out is cleared, members included (C-11, C-13), but for active: silence neither disables a person
// nor lets one in again.
func (s *Server) replaceResource(ctx context.Context, t target, body map[string]any) (written, error) {
	doc, members, err := s.document(t.rt, body)
	if err != nil {
		return written{}, err
	}
	return s.modify(ctx, t, store.EventPut, func(current store.Resource) (decision, error) {
		decided := decision{doc: resource.Clone(doc)}
		if active, ok := current.Doc["active"]; ok && doc["active"] == nil {
			decided.doc["active"] = active
		}
		resource.KeepImmutable(t.rt, current.Doc, decided.doc)
		if t.rt.Name == schema.Group {
			decided.members = []patch.MemberChange{{Kind: patch.ReplaceMembers, IDs: members}}
		}
		if err := resource.Validate(t.rt, decided.doc); err != nil {
			return decided, err
		}
		return decided, resource.CheckImmutable(t.rt, current.Doc, decided.doc)
	})
}

// patchResource applies the operations of a PATCH (RFC 7644 section 3.5.2). What only adds or removes members by id is
// written without a look at the group, so that it costs the same in a group of any size (G-1, G-12).
func (s *Server) patchResource(ctx context.Context, t target, operations []patch.Operation) (written, error) {
	if t.rt.Name == schema.Group && t.ifMatch == "" {
		if members, ok := patch.MembersOnly(t.rt, s.dialect, operations); ok {
			return s.changeMembers(ctx, t, members)
		}
	}
	return s.modify(ctx, t, store.EventPatch, func(current store.Resource) (decision, error) {
		result, err := patch.Apply(t.rt, s.dialect, current.Doc, operations)
		if err == nil && t.rebinds(current.Doc, result.Doc) {
			if _, err := t.checkRebind(current.Doc, result.Doc); err != nil {
				return decision{}, err
			}
			// What the request itself gives stays, even where it equals what the other person had.
			result, err = patch.Apply(t.rt, s.dialect, withoutInherited(current.Doc), operations)
		}
		return decision{doc: result.Doc, members: result.Members}, err
	})
}

// deleteResource removes a resource (RFC 7644 section 3.6).
func (s *Server) deleteResource(ctx context.Context, t target) error {
	err := retried(ctx, func() error {
		current, err := s.store.Get(ctx, t.rt.Name, t.id, store.Want{})
		if err != nil {
			return err
		}
		if err := t.checkIfMatch(current.Version); err != nil {
			return err
		}
		_, err = s.store.Apply(ctx, store.Mutation{
			Operation: store.Delete, Type: t.rt.Name, ID: t.id, Expected: current.Version, At: s.timestamp(),
			Change: t.change(store.EventDelete, current.Doc, current.Doc, nil),
		})
		return err
	})
	if err != nil {
		return err
	}
	s.audit(t, string(store.EventDelete), []string{})
	return nil
}

// ignoresUnknown tells whether members that are no resource are passed over (G-5).
func (t target) ignoresUnknown() bool {
	return t.c.settings.UnknownMembers == UnknownIgnore
}

// tellIgnored logs how many members were passed over; their ids are the client's words and stay out of the log.
func (s *Server) tellIgnored(t target, unknown []string) {
	if len(unknown) > 0 {
		s.log.Warn("members are no resource and were ignored", "requestID", t.c.requestID, "resourceID", t.id, "count", len(unknown))
	}
}
