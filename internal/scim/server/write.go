package server

import (
	"context"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// change is what a PUT or PATCH makes of a record.
type change struct {
	doc     map[string]any
	members []patch.MemberChange
}

// outcome is a changed record as it is answered.
type outcome struct {
	record     store.Record
	shown      map[string]any
	attributes []string
}

// modify reads a record, decides the change, and writes it, all in one transaction. A change that changes nothing
// writes nothing (P-4, C-12).
func (s *Server) modify(c *call, rt *schema.ResourceType, p resource.Projection, show bool, decide func(store.Record) (change, error)) (outcome, error) {
	var out outcome
	ctx := c.r.Context()
	err := s.store.Update(ctx, func(tx store.Tx) error {
		out = outcome{}
		record, err := tx.Get(ctx, rt.Name, c.resourceID)
		if err != nil {
			return err
		}
		if err := c.checkIfMatch(record.Version); err != nil {
			return err
		}
		decided, err := decide(record)
		if err != nil {
			return err
		}
		if out, err = s.write(ctx, tx, record, decided); err != nil || !show {
			return err
		}
		out.shown, err = s.render(ctx, tx, rt, out.record, p)
		return err
	})
	return out, err
}

// write applies a change and moves the version if anything differs.
func (s *Server) write(ctx context.Context, tx store.Tx, record store.Record, decided change) (outcome, error) {
	attributes := resource.Changed(record.Doc, decided.doc)
	moved := 0
	for _, m := range decided.members {
		n, err := s.changeMembers(ctx, tx, record.ID, m)
		if err != nil {
			return outcome{}, err
		}
		moved += n
	}
	if moved > 0 {
		attributes = append(attributes, "members")
	}
	if len(attributes) == 0 {
		return outcome{record: record}, nil
	}
	expected := record.Version
	record.Doc, record.Version, record.Modified = decided.doc, record.Version+1, s.timestamp(record.Modified)
	if err := tx.Replace(ctx, record, expected); err != nil {
		return outcome{}, err
	}
	return outcome{record: record, attributes: attributes}, nil
}

// finish audits and answers a PUT or PATCH.
func (s *Server) finish(c *call, operation string, rt *schema.ResourceType, out outcome) error {
	if len(out.attributes) > 0 {
		s.audit(c, operation, rt, out.attributes)
	}
	c.w.Header().Set("ETag", etag(out.record.Version))
	if out.shown == nil {
		return c.empty(http.StatusNoContent)
	}
	c.w.Header().Set("Content-Location", s.location(rt.Name, out.record.ID))
	return c.respond(http.StatusOK, out.shown)
}

// patch answers PATCH (RFC 7644 section 3.5.2): a user with 200 and the resource, a group with 204, because it may
// have many members; with a projection both with 200 (P-3, Q-7).
func (s *Server) patch(c *call, rt *schema.ResourceType) error {
	projection, err := s.projection(c, rt)
	if err != nil {
		return err
	}
	body, err := c.body(bodyLimit(rt))
	if err != nil {
		return err
	}
	operations, err := patch.ParseMessage(s.dialect, body)
	if err != nil {
		return err
	}
	show := rt.Name == schema.User || c.query[paramAttributes] != "" || c.query[paramExcludedAttributes] != ""
	out, err := s.modify(c, rt, projection, show, func(record store.Record) (change, error) {
		result, err := patch.Apply(rt, s.dialect, record.Doc, operations)
		return change{doc: result.Doc, members: result.Members}, err
	})
	if err != nil {
		return err
	}
	return s.finish(c, "patch", rt, out)
}

// replace answers PUT (RFC 7644 section 3.5.1). It never creates (C-10). What the body leaves out is cleared, members
// included (C-11, C-13), but for active: silence neither disables a person nor lets one in again.
func (s *Server) replace(c *call, rt *schema.ResourceType) error {
	projection, err := s.projection(c, rt)
	if err != nil {
		return err
	}
	doc, members, err := s.document(c, rt)
	if err != nil {
		return err
	}
	if err := resource.Validate(rt, doc); err != nil {
		return err
	}
	out, err := s.modify(c, rt, projection, true, func(record store.Record) (change, error) {
		decided := change{doc: resource.Clone(doc)}
		if active, ok := record.Doc["active"]; ok && doc["active"] == nil {
			decided.doc["active"] = active
		}
		if rt.Name == schema.Group {
			decided.members = []patch.MemberChange{{Kind: patch.ReplaceMembers, IDs: members}}
		}
		return decided, nil
	})
	if err != nil {
		return err
	}
	return s.finish(c, "replace", rt, out)
}

// delete answers DELETE (RFC 7644 section 3.6).
func (s *Server) delete(c *call, rt *schema.ResourceType) error {
	ctx := c.r.Context()
	err := s.store.Update(ctx, func(tx store.Tx) error {
		record, err := tx.Get(ctx, rt.Name, c.resourceID)
		if err != nil {
			return err
		}
		if err := c.checkIfMatch(record.Version); err != nil {
			return err
		}
		return tx.Delete(ctx, rt.Name, c.resourceID, s.now())
	})
	if err != nil {
		return err
	}
	s.audit(c, "delete", rt, []string{})
	return c.empty(http.StatusNoContent)
}
