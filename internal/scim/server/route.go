package server

import (
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// route is what a path leads to.
type route struct {
	// pattern is the canonical form of the path, for logs and metrics.
	pattern string
	methods map[string]func(*call) error
	// public routes hold no tenant data and answer GET without a token (D-3).
	public bool
	// err is answered instead, after authentication.
	err error
}

func (r route) allow() string {
	return strings.Join(slices.Sorted(maps.Keys(r.methods)), ", ")
}

var versionSegment = regexp.MustCompile(`^v[0-9]+$`)

// route finds the route of a request. The first segment matches in any case and one slash at the end is ignored (H-8).
func (s *Server) route(c *call) route {
	rest, ok := strings.CutPrefix(c.r.URL.Path, s.basePath)
	if !ok || rest != "" && rest[0] != '/' {
		return s.outside(c.r.URL.Path)
	}
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/"), "/")
	name, id := segments[0], ""
	switch len(segments) {
	case 1:
	case 2:
		id = segments[1]
	default:
		return notFound()
	}
	switch strings.ToLower(name) {
	case "users":
		return s.resourceRoute(c, schema.User, len(segments) == 2, id)
	case "groups":
		return s.resourceRoute(c, schema.Group, len(segments) == 2, id)
	case "me":
		return route{pattern: "/Me", err: scimerr.New(http.StatusNotImplemented, "/Me is not supported: a token here stands for no user")}
	}
	return s.discoveryRoute(name, id, len(segments) == 2)
}

func notFound() route {
	return route{pattern: "unknown", err: scimerr.New(http.StatusNotFound, "there is nothing at this path")}
}

// outside answers for another version of the protocol (H-1) and for any other path.
func (s *Server) outside(requested string) route {
	if rest, ok := strings.CutPrefix(requested, path.Dir(s.basePath)+"/"); ok {
		if first, _, _ := strings.Cut(rest, "/"); versionSegment.MatchString(first) {
			return route{pattern: "unknown", err: scimerr.BadRequest(scimerr.InvalidVers, "this endpoint serves %s only", s.basePath)}
		}
	}
	return notFound()
}

func (s *Server) resourceRoute(c *call, typeName string, one bool, id string) route {
	rt := c.registry.ResourceType(typeName)
	with := func(handler func(*call, *schema.ResourceType) error) func(*call) error {
		return func(c *call) error { return handler(c, rt) }
	}
	if !one {
		return route{pattern: rt.Endpoint, methods: map[string]func(*call) error{
			http.MethodGet:  with(s.list),
			http.MethodPost: with(s.create),
		}}
	}
	c.resourceID = id
	return route{pattern: rt.Endpoint + "/{id}", methods: map[string]func(*call) error{
		http.MethodGet:    with(s.get),
		http.MethodPut:    with(s.replace),
		http.MethodPatch:  with(s.patch),
		http.MethodDelete: with(s.delete),
	}}
}

func (s *Server) discoveryRoute(name, id string, one bool) route {
	get := func(pattern string, handler func(*call) error) route {
		return route{pattern: pattern, methods: map[string]func(*call) error{http.MethodGet: handler}}
	}
	switch strings.ToLower(name) {
	case "serviceproviderconfig":
		if one {
			return notFound()
		}
		r := get("/ServiceProviderConfig", s.serviceProviderConfig)
		r.public = true
		return r
	case "resourcetypes":
		if one {
			return get("/ResourceTypes/{name}", func(c *call) error { return s.resourceType(c, id) })
		}
		return get("/ResourceTypes", s.resourceTypes)
	case "schemas":
		if one {
			return get("/Schemas/{urn}", func(c *call) error { return s.schema(c, id) })
		}
		return get("/Schemas", s.listSchemas)
	}
	return notFound()
}
