package server

import (
	"net/http"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// refuseFilter answers a filter on discovery (D-2).
func refuseFilter(c *call) error {
	if c.query.hasFilter {
		return scimerr.New(http.StatusForbidden, "discovery takes no filter")
	}
	return nil
}

// serviceProviderConfig says what this endpoint can do, and nothing more (D-5).
func (s *Server) serviceProviderConfig(c *call, _ *schema.ResourceType) error {
	if err := refuseFilter(c); err != nil {
		return err
	}
	supported := func(yes bool) map[string]any { return map[string]any{"supported": yes} }
	return c.respond(map[string]any{
		"schemas":        []string{schema.ServiceConfigURN},
		"patch":          supported(true),
		"bulk":           map[string]any{"supported": true, "maxOperations": maxBulkOperations, "maxPayloadSize": maxBulkBody},
		"filter":         map[string]any{"supported": true, "maxResults": maxPageSize},
		"changePassword": supported(false),
		"sort":           supported(true),
		"etag":           supported(true),
		"pagination": map[string]any{
			"cursor": true, "index": true, "defaultPaginationMethod": "index",
			"defaultPageSize": defaultPageSize, "maxPageSize": maxPageSize, "cursorTimeout": int(cursorTimeout.Seconds()),
		},
		"authenticationSchemes": []any{map[string]any{
			"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
			"description": "A long-lived token in the Authorization header.",
			"specUri":     "https://www.rfc-editor.org/info/rfc6750",
		}},
		"meta": s.discoveryMeta("ServiceProviderConfig", "/ServiceProviderConfig"),
	})
}

func (s *Server) discoveryMeta(resourceType, path string) map[string]any {
	return map[string]any{"resourceType": resourceType, "location": s.options.PublicURL + path}
}

func (s *Server) resourceTypes(c *call, _ *schema.ResourceType) error {
	if err := refuseFilter(c); err != nil {
		return err
	}
	var list []any
	for _, rt := range c.registry.ResourceTypes() {
		list = append(list, s.showResourceType(rt))
	}
	return respondAll(c, list)
}

func (s *Server) resourceType(c *call, _ *schema.ResourceType) error {
	if err := refuseFilter(c); err != nil {
		return err
	}
	if rt := c.registry.ResourceType(c.resourceID); rt != nil {
		return c.respond(s.showResourceType(rt))
	}
	return scimerr.New(http.StatusNotFound, "there is no such resource type")
}

func (s *Server) showResourceType(rt *schema.ResourceType) map[string]any {
	extensions := make([]any, 0, len(rt.Extensions))
	for _, e := range rt.Extensions {
		extensions = append(extensions, map[string]any{"schema": e.Schema.ID, "required": e.Required})
	}
	return map[string]any{
		"schemas": []string{schema.ResourceTypeURN}, "id": rt.Name, "name": rt.Name, "description": rt.Description,
		"endpoint": rt.Endpoint, "schema": rt.Schema.ID, "schemaExtensions": extensions,
		"meta": s.discoveryMeta("ResourceType", "/ResourceTypes/"+rt.Name),
	}
}

func (s *Server) listSchemas(c *call, _ *schema.ResourceType) error {
	if err := refuseFilter(c); err != nil {
		return err
	}
	var list []any
	for _, sc := range c.registry.Schemas() {
		list = append(list, s.showSchema(sc))
	}
	return respondAll(c, list)
}

func (s *Server) schema(c *call, _ *schema.ResourceType) error {
	if err := refuseFilter(c); err != nil {
		return err
	}
	if sc := c.registry.Schema(strings.TrimSpace(c.resourceID)); sc != nil {
		return c.respond(s.showSchema(sc))
	}
	return scimerr.New(http.StatusNotFound, "there is no such schema")
}

func (s *Server) showSchema(sc *schema.Schema) map[string]any {
	return map[string]any{
		"schemas": []string{schema.SchemaURN}, "id": sc.ID, "name": sc.Name, "description": sc.Description,
		"attributes": sc.Attributes, "meta": s.discoveryMeta("Schema", "/Schemas/"+sc.ID),
	}
}

func respondAll(c *call, list []any) error {
	return c.respond(map[string]any{
		"schemas": []string{listURN}, "totalResults": len(list), "startIndex": 1, "itemsPerPage": len(list), "Resources": list,
	})
}
