package server

import (
	"encoding/json"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// searchURN is the schema of the body of .search (RFC 7644 section 3.4.3).
const searchURN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

// search answers POST of .search as GET answers the same query in a URL (M-2).
func (s *Server) search(c *call, rt *schema.ResourceType) error {
	body, err := c.body(maxBody, "the limit")
	if err != nil {
		return err
	}
	if s.dialect.RequireSchemas && !namesSchema(body, searchURN) {
		return scimerr.BadRequest(scimerr.InvalidSyntax, "schemas must name %s", searchURN)
	}
	asked := query{isSearched: true}
	for _, name := range parameters {
		value := resource.Lookup(body, name)
		if value == nil {
			continue
		}
		text, ok := searchValue(name, value)
		if !ok {
			return refuseParameter(name, "has a value of the wrong type")
		}
		asked.set(name, text)
	}
	c.query = asked
	return s.list(c, rt)
}

// searchValue gives a value the form that it has in a URL.
func searchValue(name string, value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), name == paramStartIndex || name == paramCount
	case []any:
		names := make([]string, len(value))
		for i, element := range value {
			text, ok := element.(string)
			if !ok {
				return "", false
			}
			names[i] = text
		}
		return strings.Join(names, ","), name == paramAttributes || name == paramExcludedAttributes
	}
	return "", false
}

// namesSchema tells whether the schemas of a message name the URN.
func namesSchema(body map[string]any, urn string) bool {
	urns, _ := resource.Lookup(body, "schemas").([]any)
	for _, v := range urns {
		if text, ok := v.(string); ok && strings.EqualFold(text, urn) {
			return true
		}
	}
	return false
}
