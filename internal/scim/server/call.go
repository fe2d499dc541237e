package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

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

// spillAt is how much of a body is kept before it is sent.
const spillAt = 64 << 10

// buffers hold the beginnings of bodies.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// call is one request on its way through the server.
type call struct {
	w         http.ResponseWriter
	r         *http.Request
	requestID string
	registry  *schema.Registry
	settings  Settings
	identity  auth.Identity
	// refused is why the token was not accepted; nil when it was, or when there was none.
	refused error
	query   query
	// resourceID is logged; empty for collections.
	resourceID string
	status     int
	// pending is the status of an answer that is streamed; 200 when 0.
	pending int
	// buffer is what of the body is not sent yet; spilled is true when some of it is.
	buffer  *[]byte
	spilled bool
}

// projection reads the parameters attributes and excludedAttributes.
func (s *Server) projection(c *call, rt *schema.ResourceType) (resource.Projection, error) {
	return resource.ParseProjection(rt, s.dialect, c.query.attributes, c.query.excluded)
}

// body reads and decodes the request's JSON object. limitName is named in the refusal of a larger one (H-17).
func (c *call) body(limit int64, limitName string) (map[string]any, error) {
	if err := checkContentType(c.r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, scimerr.New(http.StatusRequestEntityTooLarge, "the body is larger than %s, %d bytes", limitName, limit)
	}
	if err != nil {
		return nil, scimerr.BadRequest(scimerr.InvalidSyntax, "the body could not be read to its end")
	}
	return resource.Decode(content)
}

// resourceBody reads the body of a request on a resource or collection.
func (c *call) resourceBody(rt *schema.ResourceType) (map[string]any, error) {
	limit := int64(maxBody)
	if rt.Name == schema.Group {
		limit = maxGroupBody
	}
	return c.body(limit, "the limit")
}

// checkContentType takes both JSON types with any parameters, and none at all (H-3).
func checkContentType(header string) error {
	switch header {
	case "", mediaType, "application/json":
		return nil
	}
	base, _, err := mime.ParseMediaType(header)
	if err == nil && (base == mediaType || base == "application/json") {
		return nil
	}
	return scimerr.New(http.StatusUnsupportedMediaType, "send the body as %s or application/json", mediaType)
}

// out returns the buffer to append the body to.
func (c *call) out() *[]byte {
	if c.buffer == nil {
		c.buffer = buffers.Get().(*[]byte)
		*c.buffer = (*c.buffer)[:0]
	}
	return c.buffer
}

// release gives the buffer back, but for one that has grown much.
func (c *call) release() {
	if c.buffer != nil && cap(*c.buffer) <= 2*spillAt {
		buffers.Put(c.buffer)
	}
	c.buffer = nil
}

// spill sends what is in the buffer once it is much, so that a body of any length takes bounded memory. Until then an
// error can still be answered as one.
func (c *call) spill() error {
	if len(*c.buffer) < spillAt {
		return nil
	}
	if !c.spilled {
		c.spilled, c.status = true, cmp.Or(c.pending, http.StatusOK)
		c.w.Header().Set("Content-Type", mediaType)
		c.w.WriteHeader(c.status)
	}
	err := c.send()
	*c.buffer = (*c.buffer)[:0]
	return err
}

// finish sends the body that is in the buffer, or the rest of it.
func (c *call) finish(status int) error {
	if !c.spilled {
		header := c.w.Header()
		header.Set("Content-Type", mediaType)
		header.Set("Content-Length", strconv.Itoa(len(*c.buffer)))
		c.status = status
		c.w.WriteHeader(status)
	}
	_ = c.send() // the client is gone: nobody is left to tell
	return nil
}

// send sends what is in the buffer. Who is slow to take a part of a long answer, or holds a place of readers, is cut off.
func (c *call) send() error {
	if c.spilled || c.identity.Scope == auth.Read {
		// What serves HTTP can set a deadline; where that fails the client is gone, and so does the write.
		_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(chunkTimeout))
	}
	_, err := c.w.Write(*c.buffer)
	return err
}

// respond answers 200 with a JSON body that is not made of documents.
func (c *call) respond(body any) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return err
	}
	*c.out() = append((*c.out())[:0], buffer.Bytes()...)
	return c.finish(http.StatusOK)
}

// empty answers without a body.
func (c *call) empty(status int) error {
	c.status = status
	c.w.WriteHeader(status)
	return nil
}

// etag is the weak entity tag of a version (V-1).
func etag(version int64) string {
	return `W/"` + strconv.FormatInt(version, 10) + `"`
}

// tagMatches compares weakly with a list of tags; * matches any (V-2).
func tagMatches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
