package server

import (
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// create answers POST (RFC 7644 section 3.3).
func (s *Server) create(c *call, rt *schema.ResourceType) error {
	projection, err := s.projection(c, rt)
	if err != nil {
		return err
	}
	doc, members, err := s.document(c, rt)
	if err != nil {
		return err
	}
	if rt.Name == schema.User && doc["active"] == nil {
		doc["active"] = true
	}
	if err := resource.Validate(rt, doc); err != nil {
		return err
	}
	now := s.timestamp(time.Time{})
	record := store.Record{ID: newID(), Type: rt.Name, Version: 1, Created: now, Modified: now, Doc: doc}
	var shown map[string]any
	ctx := c.r.Context()
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Insert(ctx, record); err != nil {
			return err
		}
		if _, err := tx.AddMembers(ctx, record.ID, members); err != nil {
			return err
		}
		shown, err = s.render(ctx, tx, rt, record, projection)
		return err
	})
	if err != nil {
		return err
	}
	changed := resource.Changed(nil, doc)
	if len(members) > 0 {
		changed = append(changed, "members")
	}
	c.resourceID = record.ID
	s.audit(c, "create", rt, changed)
	c.w.Header().Set("Location", s.location(rt.Name, record.ID))
	c.w.Header().Set("ETag", etag(record.Version))
	return c.respond(http.StatusCreated, shown)
}

// document reads the body of a POST or PUT: the pruned document, and the ids of the members, which are rows.
func (s *Server) document(c *call, rt *schema.ResourceType) (map[string]any, []string, error) {
	body, err := c.body(bodyLimit(rt))
	if err != nil {
		return nil, nil, err
	}
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

// audit records who changed which attributes of which resource, without their values.
func (s *Server) audit(c *call, operation string, rt *schema.ResourceType, attributes []string) {
	s.log.Info("audit", "requestID", c.requestID, "token", c.identity.TokenID, "operation", operation,
		"resourceType", rt.Name, "resourceID", c.resourceID, "attributes", attributes)
}
