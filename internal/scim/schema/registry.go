package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The names of the resource types, which are also meta.resourceType (S-20).
const (
	User  = "User"
	Group = "Group"
)

// Extension is a schema that adds attributes to a resource type (RFC 7643 section 6).
type Extension struct {
	Schema   *Schema
	Required bool
}

// ResourceType is a kind of resource with its schemas (RFC 7643 section 6).
type ResourceType struct {
	// Name is User or Group.
	Name        string
	Description string
	// Endpoint is relative to the base URL, such as /Users.
	Endpoint   string
	Schema     *Schema
	Extensions []Extension

	core  []*Attribute
	parts []Part
}

// Part is what a resource has under one schema, in the order in which it is shown.
type Part struct {
	// Extension is nil for the common attributes and those of the base schema.
	Extension *Schema
	// Attributes are sorted by name.
	Attributes []*Attribute
}

// Parts returns the core part and then those of the extensions.
func (rt *ResourceType) Parts() []Part {
	return rt.parts
}

// Extension returns the extension schema with that URN in any case, or nil.
func (rt *ResourceType) Extension(urn string) *Schema {
	for _, e := range rt.Extensions {
		if strings.EqualFold(e.Schema.ID, urn) {
			return e.Schema
		}
	}
	return nil
}

// Attribute returns the core or common attribute of that name in any case, or nil.
func (rt *ResourceType) Attribute(name string) *Attribute {
	if a := find(commonAttributes, name); a != nil {
		return a
	}
	return rt.Schema.Attribute(name)
}

// CoreAttributes returns the common attributes followed by those of the base schema.
func (rt *ResourceType) CoreAttributes() []*Attribute {
	return rt.core
}

// prepare makes the lists that every request needs.
func (rt *ResourceType) prepare() {
	rt.core = slices.Concat(pointers(commonAttributes), pointers(rt.Schema.Attributes))
	rt.parts = []Part{{Attributes: byName(rt.core)}}
	for _, e := range rt.Extensions {
		rt.parts = append(rt.parts, Part{Extension: e.Schema, Attributes: byName(pointers(e.Schema.Attributes))})
	}
}

func pointers(attributes []Attribute) []*Attribute {
	all := make([]*Attribute, len(attributes))
	for i := range attributes {
		all[i] = &attributes[i]
	}
	return all
}

func byName(attributes []*Attribute) []*Attribute {
	return slices.SortedFunc(slices.Values(attributes), func(a, b *Attribute) int { return cmp.Compare(a.Name, b.Name) })
}

// Registry is an immutable set of resource types; a changed configuration makes a new one.
type Registry struct {
	types []*ResourceType
}

// NewRegistry returns User with the enterprise extension, Group, and the configured extensions added to them.
// The error names the extension and what is wrong with it.
func NewRegistry(configured ...ExtensionSchema) (*Registry, error) {
	user := &ResourceType{
		Name: User, Description: "User Account", Endpoint: "/Users", Schema: &coreUser,
		Extensions: []Extension{{Schema: &enterpriseUser}},
	}
	group := &ResourceType{Name: Group, Description: "Group", Endpoint: "/Groups", Schema: &coreGroup}
	r := &Registry{types: []*ResourceType{user, group}}
	for _, c := range configured {
		if err := r.extend(c); err != nil {
			return nil, fmt.Errorf("schema %q: %w", c.ID, err)
		}
	}
	for _, rt := range r.types {
		rt.prepare()
	}
	return r, nil
}

func (r *Registry) extend(c ExtensionSchema) error {
	rt := r.ResourceType(c.ResourceType)
	if rt == nil {
		return fmt.Errorf("resourceType %q is unknown: use %s or %s", c.ResourceType, User, Group)
	}
	if r.Schema(c.ID) != nil {
		return fmt.Errorf("the id is already in use: give each schema its own")
	}
	s, err := c.schema()
	if err != nil {
		return err
	}
	rt.Extensions = append(rt.Extensions, Extension{Schema: s, Required: c.Required})
	return nil
}

// ResourceType returns the type of that name, or nil.
func (r *Registry) ResourceType(name string) *ResourceType {
	for _, rt := range r.types {
		if rt.Name == name {
			return rt
		}
	}
	return nil
}

// ResourceTypes returns all types, User first.
func (r *Registry) ResourceTypes() []*ResourceType {
	return r.types
}

// Schemas returns all schemas, base schemas before their extensions.
func (r *Registry) Schemas() []*Schema {
	var all []*Schema
	for _, rt := range r.types {
		all = append(all, rt.Schema)
		for _, e := range rt.Extensions {
			all = append(all, e.Schema)
		}
	}
	return all
}

// Schema returns the schema with that URN in any case, or nil.
func (r *Registry) Schema(urn string) *Schema {
	for _, s := range r.Schemas() {
		if strings.EqualFold(s.ID, urn) {
			return s
		}
	}
	return nil
}
