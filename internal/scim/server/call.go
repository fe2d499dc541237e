package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Limits of a request.
const (
	maxBody      = 1 << 20
	maxGroupBody = 8 << 20 // a group may come with 10,000 members and more (G-11)
	maxURL       = 8 << 10
	maxURLFilter = 4 << 10
)

// mediaType is the type of every body that is answered, errors included, without parameters (H-4).
const mediaType = "application/scim+json"

// call is one request on its way through the server.
type call struct {
	w         http.ResponseWriter
	r         *http.Request
	requestID string
	registry  *schema.Registry
	identity  auth.Identity
	query     query
	// resourceID is logged; empty for collections.
	resourceID string
	status     int
}

// projection reads the parameters attributes and excludedAttributes.
func (s *Server) projection(c *call, rt *schema.ResourceType) (resource.Projection, error) {
	return resource.ParseProjection(rt, s.dialect, c.query[paramAttributes], c.query[paramExcludedAttributes])
}

// body reads and decodes the request's JSON object.
func (c *call) body(limit int64) (map[string]any, error) {
	if err := checkContentType(c.r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, scimerr.New(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, scimerr.BadRequest(scimerr.InvalidSyntax, "the body could not be read to its end")
	}
	return resource.Decode(content)
}

// checkContentType takes both JSON types with any parameters, and none at all (H-3).
func checkContentType(header string) error {
	if header == "" {
		return nil
	}
	base, _, err := mime.ParseMediaType(header)
	if err == nil && (base == mediaType || base == "application/json") {
		return nil
	}
	return scimerr.New(http.StatusUnsupportedMediaType, "send the body as %s or application/json", mediaType)
}

func bodyLimit(rt *schema.ResourceType) int64 {
	if rt.Name == schema.Group {
		return maxGroupBody
	}
	return maxBody
}

// respond writes a JSON body.
func (c *call) respond(status int, body any) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", mediaType)
	c.status = status
	c.w.WriteHeader(status)
	_, _ = c.w.Write(buffer.Bytes()) // the client is gone: nobody is left to tell
	return nil
}

// empty answers without a body.
func (c *call) empty(status int) error {
	c.status = status
	c.w.WriteHeader(status)
	return nil
}
