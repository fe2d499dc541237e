package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Limits of a bulk request; both are advertised (B-1).
const (
	maxBulkOperations = 1000
	maxBulkBody       = 8 << 20
)

// The schemas of bulk messages (RFC 7644 section 3.7).
const (
	bulkRequestURN  = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	bulkResponseURN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// bulk answers POST of /Bulk. Each operation is atomic, the request is not (B-11); it answers 200 whatever became of
// them (B-5).
func (s *Server) bulk(c *call, _ *schema.ResourceType) error {
	body, err := c.body(maxBulkBody, "maxPayloadSize")
	if err != nil {
		return err
	}
	if s.dialect.RequireSchemas && !namesSchema(body, bulkRequestURN) {
		return scimerr.BadRequest(scimerr.InvalidSyntax, "schemas must name %s", bulkRequestURN)
	}
	list, ok := resource.Lookup(body, "Operations").([]any)
	if !ok || len(list) == 0 {
		return scimerr.BadRequest(scimerr.InvalidSyntax, "Operations must be a list of at least one operation")
	}
	if len(list) > maxBulkOperations {
		return scimerr.New(http.StatusRequestEntityTooLarge, "Operations has more than maxOperations, %d", maxBulkOperations)
	}
	failOnErrors, err := failOnErrors(body)
	if err != nil {
		return err
	}
	run := &bulkRun{server: s, call: c, operations: parseBulk(c.registry, list), failOnErrors: failOnErrors}
	run.all()
	out := c.out()
	*out = append(*out, `{"schemas":["`+bulkResponseURN+`"],"Operations":[`...)
	separator := ""
	for _, o := range run.operations {
		if o.state != bulkDone {
			continue // failOnErrors stopped before it (B-6)
		}
		*out = append(*out, separator...)
		separator = ","
		*out = s.appendBulkResult(*out, o)
	}
	*out = append(*out, ']', '}')
	return c.finish(http.StatusOK)
}

// failOnErrors is how many errors end the request; 0 for any number.
func failOnErrors(body map[string]any) (int, error) {
	switch v := resource.Lookup(body, "failOnErrors").(type) {
	case nil:
		return 0, nil
	case json.Number:
		if n, err := v.Int64(); err == nil && n >= 1 {
			return int(min(n, maxBulkOperations+1)), nil
		}
	}
	return 0, scimerr.BadRequest(scimerr.InvalidValue, "failOnErrors must be a whole number of at least 1")
}

// appendBulkResult appends the answer to one operation (B-3, B-4).
func (s *Server) appendBulkResult(dst []byte, o *bulkOperation) []byte {
	dst = resource.AppendString(append(dst, `{"method":`...), o.method)
	if o.bulkID != "" {
		dst = append(append(dst, `,"bulkId":`...), resource.AppendString(nil, o.bulkID)...)
	}
	if o.id != "" && o.rt != nil {
		dst = append(append(dst, `,"location":`...), resource.AppendString(nil, s.location(o.rt.Name, o.id))...)
	}
	if o.version > 0 {
		dst = append(append(dst, `,"version":`...), resource.AppendString(nil, etag(o.version))...)
	}
	dst = append(append(dst, `,"status":"`...), strconv.Itoa(o.status)...)
	dst = append(dst, '"')
	if o.failure != nil {
		dst = appendError(append(dst, `,"response":`...), o.failure)
	}
	return append(dst, '}')
}
