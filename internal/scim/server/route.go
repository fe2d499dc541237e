package server

import (
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// handler answers one method of a route; rt is nil where the route is of no one resource type.
type handler func(c *call, rt *schema.ResourceType) error

// route is what a path leads to. The table of them is scimRoutes.
type route struct {
	// pattern is the canonical form of the path, for logs and metrics.
	pattern string
	// typeName is the resource type that the route serves, empty for none or several.
	typeName string
	// methods has the handlers, sorted by method.
	methods []method
	// public routes answer GET without a token, because they show nothing of a tenant (D-3). All others want one.
	public bool
	// discovery says nothing about resources, so it is served whatever the store is.
	discovery bool
	// own routes are no part of SCIM: they have no deadline and may stay long.
	own bool
	// err is answered instead, after authentication.
	err error
}

type method struct {
	name string
	// reads is true when a token with scope read may use it.
	reads  bool
	handle handler
}

func (r *route) method(name string) (method, bool) {
	for _, m := range r.methods {
		if m.name == name {
			return m, true
		}
	}
	return method{}, false
}

func (r *route) allow() string {
	names := make([]string, len(r.methods))
	for i, m := range r.methods {
		names[i] = m.name
	}
	return strings.Join(names, ", ")
}

// The places of the routes in the table.
const (
	routeUsers = iota
	routeUser
	routeUserSearch
	routeGroups
	routeGroup
	routeGroupSearch
	routeRoot
	routeSearch
	routeBulk
	routeMe
	routeConfig
	routeTypes
	routeType
	routeSchemas
	routeSchema
	routeOtherVersion
	routeNone
)

// scimRoutes is the table of all paths with who may use them.
func (s *Server) scimRoutes() []*route {
	collection := []method{{http.MethodGet, true, s.list}, {http.MethodPost, false, s.create}}
	one := []method{
		{http.MethodDelete, false, s.delete}, {http.MethodGet, true, s.get}, {http.MethodHead, true, s.get},
		{http.MethodPatch, false, s.patch}, {http.MethodPut, false, s.replace},
	}
	search := []method{{http.MethodPost, true, s.search}}
	get := func(h handler) []method { return []method{{http.MethodGet, true, h}} }
	return []*route{
		routeUsers:       {pattern: "/Users", typeName: schema.User, methods: collection},
		routeUser:        {pattern: "/Users/{id}", typeName: schema.User, methods: one},
		routeUserSearch:  {pattern: "/Users/.search", typeName: schema.User, methods: search},
		routeGroups:      {pattern: "/Groups", typeName: schema.Group, methods: collection},
		routeGroup:       {pattern: "/Groups/{id}", typeName: schema.Group, methods: one},
		routeGroupSearch: {pattern: "/Groups/.search", typeName: schema.Group, methods: search},
		routeRoot:        {pattern: "/", methods: get(s.list)},
		routeSearch:      {pattern: "/.search", methods: search},
		routeBulk:        {pattern: "/Bulk", methods: []method{{http.MethodPost, false, s.bulk}}},
		routeMe:          {pattern: "/Me", err: scimerr.New(http.StatusNotImplemented, "/Me is not supported: a token here stands for no user")},
		routeConfig:      {pattern: "/ServiceProviderConfig", methods: get(s.serviceProviderConfig), public: true, discovery: true},
		routeTypes:       {pattern: "/ResourceTypes", methods: get(s.resourceTypes), discovery: true},
		routeType:        {pattern: "/ResourceTypes/{name}", methods: get(s.resourceType), discovery: true},
		routeSchemas:     {pattern: "/Schemas", methods: get(s.listSchemas), discovery: true},
		routeSchema:      {pattern: "/Schemas/{urn}", methods: get(s.schema), discovery: true},
		routeOtherVersion: {pattern: "unknown", discovery: true,
			err: scimerr.BadRequest(scimerr.InvalidVers, "this endpoint serves %s only", s.basePath)},
		routeNone: {pattern: "unknown", discovery: true, err: scimerr.New(http.StatusNotFound, "there is nothing at this path")},
	}
}

// extraRoutes are the Routes of the options.
func extraRoutes(given map[string]Route) map[string]*route {
	routes := make(map[string]*route, len(given))
	for pattern, answer := range given {
		routes[strings.ToLower(strings.Trim(pattern, "/"))] = &route{pattern: pattern, own: true, methods: []method{{http.MethodGet, true, ownHandler(answer)}}}
	}
	return routes
}

var versionSegment = regexp.MustCompile(`^v[0-9]+$`)

// route finds the route of a request. The first segment matches in any case and one slash at the end is ignored (H-8).
func (s *Server) route(c *call) *route {
	rest, ok := strings.CutPrefix(c.r.URL.Path, s.basePath)
	if !ok || rest != "" && rest[0] != '/' {
		return s.outside(c.r.URL.Path)
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/")
	name, id, one := strings.Cut(rest, "/")
	if strings.Contains(id, "/") {
		return s.routes[routeNone]
	}
	if one {
		return s.routes[s.item(c, name, id)]
	}
	if place := collectionOf(name); place != routeNone {
		return s.routes[place]
	}
	if r, ok := s.extra[strings.ToLower(name)]; ok {
		return r
	}
	return s.routes[routeNone]
}

func collectionOf(name string) int {
	switch strings.ToLower(name) {
	case "users":
		return routeUsers
	case "groups":
		return routeGroups
	case "":
		return routeRoot
	case ".search":
		return routeSearch
	case "bulk":
		return routeBulk
	case "me":
		return routeMe
	case "serviceproviderconfig":
		return routeConfig
	case "resourcetypes":
		return routeTypes
	case "schemas":
		return routeSchemas
	}
	return routeNone
}

// item finds the route of a path with two segments and keeps the second.
func (s *Server) item(c *call, name, id string) int {
	place := routeNone
	switch collectionOf(name) {
	case routeUsers:
		if place = routeUser; id == ".search" {
			return routeUserSearch
		}
	case routeGroups:
		if place = routeGroup; id == ".search" {
			return routeGroupSearch
		}
	case routeTypes:
		place = routeType
	case routeSchemas:
		place = routeSchema
	}
	c.resourceID = id
	return place
}

// outside answers for another version of the protocol (H-1) and for any other path.
func (s *Server) outside(requested string) *route {
	if rest, ok := strings.CutPrefix(requested, path.Dir(s.basePath)+"/"); ok {
		if first, _, _ := strings.Cut(rest, "/"); versionSegment.MatchString(first) {
			return s.routes[routeOtherVersion]
		}
	}
	return s.routes[routeNone]
}
