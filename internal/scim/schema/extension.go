package schema

import (
	"fmt"
	"regexp"
	"slices"
)

// ExtensionSchema is an extension as the configuration file declares it. Its attributes are not complex, because Entra
// cannot map complex attributes of a non-gallery application (S-24).
type ExtensionSchema struct {
	// ID is the URN, such as urn:ietf:params:scim:schemas:extension:wiki:2.0:User.
	ID string `yaml:"id"`
	// Name is the schema's name in /Schemas; the ID when empty.
	Name string `yaml:"name"`
	// ResourceType is User or Group.
	ResourceType string `yaml:"resourceType"`
	// Required makes its required attributes required of every resource of the type (S-25).
	Required   bool                 `yaml:"required"`
	Attributes []ExtensionAttribute `yaml:"attributes"`
}

// ExtensionAttribute is one attribute of a configured extension.
type ExtensionAttribute struct {
	Name string `yaml:"name"`
	// Type is string, boolean, integer, decimal, dateTime, binary or reference.
	Type        Type `yaml:"type"`
	CaseExact   bool `yaml:"caseExact"`
	MultiValued bool `yaml:"multiValued"`
	// Required is asked for only when the schema is required, or when a resource has data of it.
	Required bool `yaml:"required"`
	// Mutability is readWrite when empty, or immutable (S-8). What a client cannot set has no source here.
	Mutability Mutability `yaml:"mutability"`
	// Returned is default when empty, or always or request (S-10).
	Returned Returned `yaml:"returned"`
	// ReferenceTypes are what a reference leads to: User, Group, external or uri; external when empty.
	ReferenceTypes []string `yaml:"referenceTypes"`
}

var (
	urnPattern           = regexp.MustCompile(`(?i)^urn:[a-z0-9][a-z0-9-]{0,31}:[a-z0-9()+,.:=@;$_!*'-]+$`)
	attributeNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_$-]*$`)
)

// schema checks the declaration and turns it into a Schema.
func (c ExtensionSchema) schema() (*Schema, error) {
	if !urnPattern.MatchString(c.ID) {
		return nil, fmt.Errorf("id is not a URN: write it as urn:ietf:params:scim:schemas:extension:<name>:2.0:%s", c.ResourceType)
	}
	if len(c.Attributes) == 0 {
		return nil, fmt.Errorf("attributes is empty: declare at least one")
	}
	s := &Schema{ID: c.ID, Name: c.Name, Description: "Configured for this application."}
	if s.Name == "" {
		s.Name = c.ID
	}
	for _, declared := range c.Attributes {
		a, err := declared.attribute()
		if err != nil {
			return nil, err
		}
		if s.Attribute(a.Name) != nil {
			return nil, fmt.Errorf("attribute %q is declared twice", a.Name)
		}
		s.Attributes = append(s.Attributes, a)
	}
	return s, nil
}

func (c ExtensionAttribute) attribute() (Attribute, error) {
	if !attributeNamePattern.MatchString(c.Name) {
		return Attribute{}, fmt.Errorf("attribute name %q is not allowed: begin with a letter, go on with letters, digits, -, _ or $", c.Name)
	}
	switch c.Type {
	case String, Boolean, Integer, Decimal, DateTime, Binary, Reference:
	default:
		return Attribute{}, fmt.Errorf("attribute %q has the type %q: use string, boolean, integer, decimal, dateTime, binary or reference", c.Name, c.Type)
	}
	a := attribute(c.Name, c.Type, "Configured for this application.")
	a.CaseExact, a.MultiValued, a.Required = c.CaseExact, c.MultiValued, c.Required
	switch c.Mutability {
	case "", ReadWrite:
	case Immutable:
		a.Mutability = Immutable
	default:
		return Attribute{}, fmt.Errorf("attribute %q has the mutability %q: use readWrite or immutable", c.Name, c.Mutability)
	}
	switch c.Returned {
	case "", ReturnedDefault:
	case ReturnedAlways, ReturnedRequest:
		a.Returned = c.Returned
	default:
		return Attribute{}, fmt.Errorf("attribute %q is returned %q: use default, always or request", c.Name, c.Returned)
	}
	return a, c.reference(&a)
}

// reference sets what the attribute refers to.
func (c ExtensionAttribute) reference(a *Attribute) error {
	if c.Type != Reference {
		if len(c.ReferenceTypes) > 0 {
			return fmt.Errorf("attribute %q has referenceTypes and is no reference: write type: reference, or remove them", c.Name)
		}
		return nil
	}
	a.ReferenceTypes = c.ReferenceTypes
	if len(a.ReferenceTypes) == 0 {
		a.ReferenceTypes = []string{"external"}
	}
	for _, name := range a.ReferenceTypes {
		if !slices.Contains([]string{User, Group, "external", "uri"}, name) {
			return fmt.Errorf("attribute %q refers to %q: use User, Group, external or uri", c.Name, name)
		}
	}
	return nil
}
