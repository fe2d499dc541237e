package schema

import (
	"fmt"
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
	all := make([]*Attribute, 0, len(commonAttributes)+len(rt.Schema.Attributes))
	for i := range commonAttributes {
		all = append(all, &commonAttributes[i])
	}
	for i := range rt.Schema.Attributes {
		all = append(all, &rt.Schema.Attributes[i])
	}
	return all
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
	rt.Extensions = append(rt.Extensions, Extension{Schema: s})
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
