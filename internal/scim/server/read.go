package server

import (
	"context"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// get answers GET and HEAD of one resource (RFC 7644 section 3.4.1).
func (s *Server) get(c *call, rt *schema.ResourceType) error {
	projection, err := s.projection(c, rt)
	if err != nil {
		return err
	}
	if c.r.Method == http.MethodHead {
		return s.head(c, rt)
	}
	return s.show(c, view{rt: rt, projection: projection}, http.StatusOK, c.r.Header.Get("If-None-Match"))
}

// head answers without a body and reads nothing that only a body would show.
func (s *Server) head(c *call, rt *schema.ResourceType) error {
	r, err := s.store.Get(c.r.Context(), rt.Name, c.resourceID, store.Want{})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if header := c.r.Header.Get("If-None-Match"); header != "" && tagMatches(header, etag(r.Version)) {
		status = http.StatusNotModified
	}
	s.describe(c, r.Record)
	c.w.Header().Set("Content-Type", mediaType)
	return c.empty(status)
}

// show reads a resource and answers it, or 304 when the client has that version (V-2).
func (s *Server) show(c *call, v view, status int, ifNoneMatch string) error {
	ctx, unchanged := c.r.Context(), false
	c.pending = status
	err := s.reading(ctx, v.members(), func(reader store.Reader) error {
		*c.out() = (*c.out())[:0]
		r, err := reader.Get(ctx, v.rt.Name, c.resourceID, v.shown())
		if err != nil {
			return err
		}
		s.describe(c, r.Record)
		if unchanged = ifNoneMatch != "" && tagMatches(ifNoneMatch, etag(r.Version)); unchanged {
			return nil
		}
		return s.write(ctx, c, reader, v, r)
	})
	switch {
	case err != nil:
		return err
	case unchanged:
		return c.empty(http.StatusNotModified)
	}
	return c.finish(status)
}

// reading gives f a reader: one that sees a single state when f makes several calls, else the store itself, which spares
// a transaction.
func (s *Server) reading(ctx context.Context, several bool, f func(store.Reader) error) error {
	if several {
		return s.store.View(ctx, f)
	}
	return f(s.store)
}

// describe sets the headers that say which version of what is answered.
func (s *Server) describe(c *call, r store.Record) {
	header := c.w.Header()
	header.Set("ETag", etag(r.Version))
	header.Set("Content-Location", s.location(r.Type, r.ID))
}
