package server

import (
	"net/http"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// get answers GET of one resource (RFC 7644 section 3.4.1).
func (s *Server) get(c *call, rt *schema.ResourceType) error {
	projection, err := s.projection(c, rt)
	if err != nil {
		return err
	}
	var record store.Record
	var shown map[string]any
	unchanged := false
	ctx := c.r.Context()
	err = s.store.View(ctx, func(reader store.Reader) error {
		if record, err = reader.Get(ctx, rt.Name, c.resourceID); err != nil {
			return err
		}
		header := c.r.Header.Get("If-None-Match")
		if unchanged = header != "" && tagMatches(header, etag(record.Version)); unchanged {
			return nil
		}
		shown, err = s.render(ctx, reader, rt, record, projection)
		return err
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("ETag", etag(record.Version))
	if unchanged {
		return c.empty(http.StatusNotModified)
	}
	c.w.Header().Set("Content-Location", s.location(rt.Name, record.ID))
	return c.respond(http.StatusOK, shown)
}
