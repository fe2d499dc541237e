package schema

import "strings"

// Type is an attribute's data type (RFC 7643 section 2.3).
type Type string

// The data types of RFC 7643.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Binary    Type = "binary"
	Reference Type = "reference"
	Complex   Type = "complex"
)

// Mutability says when a client may set an attribute (RFC 7643 section 7).
type Mutability string

// The mutability values of RFC 7643.
const (
	ReadOnly  Mutability = "readOnly"
	ReadWrite Mutability = "readWrite"
	Immutable Mutability = "immutable"
	WriteOnly Mutability = "writeOnly"
)

// Returned says when an attribute is in an answer (RFC 7643 section 7).
type Returned string

// The returned values of RFC 7643.
const (
	ReturnedAlways  Returned = "always"
	ReturnedNever   Returned = "never"
	ReturnedDefault Returned = "default"
	ReturnedRequest Returned = "request"
)

// Uniqueness says how far a value must be unique (RFC 7643 section 7).
type Uniqueness string

// The uniqueness values that this endpoint uses.
const (
	UniquenessNone   Uniqueness = "none"
	UniquenessServer Uniqueness = "server"
)

// Attribute is one attribute definition; its JSON form is the one of /Schemas, with every characteristic present.
type Attribute struct {
	Name            string      `json:"name"`
	Type            Type        `json:"type"`
	MultiValued     bool        `json:"multiValued"`
	Description     string      `json:"description"`
	Required        bool        `json:"required"`
	CanonicalValues []string    `json:"canonicalValues,omitempty"`
	CaseExact       bool        `json:"caseExact"`
	Mutability      Mutability  `json:"mutability"`
	Returned        Returned    `json:"returned"`
	Uniqueness      Uniqueness  `json:"uniqueness"`
	ReferenceTypes  []string    `json:"referenceTypes,omitempty"`
	SubAttributes   []Attribute `json:"subAttributes,omitempty"`

	// Derived is true when the endpoint makes the value itself and passes over what a client sends, although the RFC
	// calls the attribute readWrite.
	Derived bool `json:"-"`
}

// Settable tells whether a value that a client sends has an effect.
func (a *Attribute) Settable() bool {
	return a.Mutability != ReadOnly && !a.Derived
}

// Sub returns the sub-attribute of that name in any case, or nil.
func (a *Attribute) Sub(name string) *Attribute {
	return find(a.SubAttributes, name)
}

// find returns the attribute of that name in any case, or nil (H-6).
func find(attributes []Attribute, name string) *Attribute {
	for i := range attributes {
		if strings.EqualFold(attributes[i].Name, name) {
			return &attributes[i]
		}
	}
	return nil
}

// Schema is a set of attributes under a URN (RFC 7643 section 7).
type Schema struct {
	ID          string
	Name        string
	Description string
	Attributes  []Attribute
}

// Attribute returns the attribute of that name in any case, or nil.
func (s *Schema) Attribute(name string) *Attribute {
	return find(s.Attributes, name)
}

// attribute builds a definition with the defaults of RFC 7643 section 2.2, which options then change.
func attribute(name string, t Type, description string, options ...func(*Attribute)) Attribute {
	a := Attribute{
		Name: name, Type: t, Description: description,
		Mutability: ReadWrite, Returned: ReturnedDefault, Uniqueness: UniquenessNone,
	}
	for _, option := range options {
		option(&a)
	}
	return a
}

func required(a *Attribute)       { a.Required = true }
func caseExact(a *Attribute)      { a.CaseExact = true }
func multiValued(a *Attribute)    { a.MultiValued = true }
func readOnly(a *Attribute)       { a.Mutability = ReadOnly }
func immutable(a *Attribute)      { a.Mutability = Immutable }
func returnedAlways(a *Attribute) { a.Returned = ReturnedAlways }
func uniqueOnServer(a *Attribute) { a.Uniqueness = UniquenessServer }

// derived marks an attribute whose value is taken without effect (S-22).
func derived(a *Attribute) { a.Derived = true }

// secret marks an attribute that is taken and never shown (S-9).
func secret(a *Attribute) { a.Mutability, a.Returned = WriteOnly, ReturnedNever }

func canonical(values ...string) func(*Attribute) {
	return func(a *Attribute) { a.CanonicalValues = values }
}

func references(types ...string) func(*Attribute) {
	return func(a *Attribute) { a.ReferenceTypes = types }
}

func subAttributes(attributes ...Attribute) func(*Attribute) {
	return func(a *Attribute) { a.SubAttributes = attributes }
}
