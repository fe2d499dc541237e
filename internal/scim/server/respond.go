package server

import (
	"net/http"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// create answers POST.
func (s *Server) create(c *call, rt *schema.ResourceType) error {
	v, t, body, err := s.beginWrite(c, rt)
	if err != nil {
		return err
	}
	w, err := s.createResource(c.r.Context(), t, body)
	if err != nil {
		return err
	}
	c.resourceID = w.resource.ID
	c.w.Header().Set("Location", s.location(rt.Name, w.resource.ID))
	v.memberless = !slices.Contains(w.attributes, "members")
	return s.answer(c, v, http.StatusCreated, w)
}

// replace answers PUT.
func (s *Server) replace(c *call, rt *schema.ResourceType) error {
	v, t, body, err := s.beginWrite(c, rt)
	if err != nil {
		return err
	}
	w, err := s.replaceResource(c.r.Context(), t, body)
	if err != nil {
		return err
	}
	return s.answer(c, v, http.StatusOK, w)
}

// patch answers PATCH with the resource or, as is set for the type, with 204 (P-3); with a projection always
// with the resource.
func (s *Server) patch(c *call, rt *schema.ResourceType) error {
	v, t, body, err := s.beginWrite(c, rt)
	if err != nil {
		return err
	}
	operations, err := patch.ParseMessage(s.dialect, body)
	if err != nil {
		return err
	}
	show := s.showsPatched(c.settings, rt) || c.query.attributes != "" || c.query.excluded != ""
	if !show {
		t.want = store.Want{}
	}
	w, err := s.patchResource(c.r.Context(), t, operations)
	if err != nil {
		return err
	}
	if !show {
		c.w.Header().Set("ETag", etag(w.resource.Version))
		return c.empty(http.StatusNoContent)
	}
	return s.answer(c, v, http.StatusOK, w)
}

// delete answers DELETE.
func (s *Server) delete(c *call, rt *schema.ResourceType) error {
	t := target{c: c, rt: rt, id: c.resourceID, ifMatch: c.r.Header.Get("If-Match")}
	if err := s.deleteResource(c.r.Context(), t); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// beginWrite reads what POST, PUT and PATCH have in common.
func (s *Server) beginWrite(c *call, rt *schema.ResourceType) (view, target, map[string]any, error) {
	projection, err := s.projection(c, rt)
	if err != nil {
		return view{}, target{}, nil, err
	}
	body, err := c.resourceBody(rt)
	v := view{rt: rt, projection: projection}
	return v, target{c: c, rt: rt, id: c.resourceID, ifMatch: c.r.Header.Get("If-Match"), want: v.want()}, body, err
}

// answer shows a written resource. Members are read back, because they are not known here; then the whole answer is of
// the state that is read.
func (s *Server) answer(c *call, v view, status int, w written) error {
	v.projection = v.projection.Written(v.rt, w.attributes)
	if w.resource.Doc == nil || v.members() {
		c.resourceID = w.resource.ID
		return s.show(c, v, status, "")
	}
	s.describe(c, w.resource.Record)
	c.pending = status
	if err := s.write(c.r.Context(), c, s.store, v, w.resource); err != nil {
		return err
	}
	return c.finish(status)
}
