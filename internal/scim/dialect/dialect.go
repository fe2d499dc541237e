package dialect

import (
	"fmt"
	"strings"
)

// Dialect says how lenient the endpoint is in what it takes, and where suites disagree what it answers.
// Each field names the line of the SCIM reference that describes the conflict.
type Dialect struct {
	// Name is the value of --dialect.
	Name string
	// CoerceValues takes "True" for a boolean, digits in a string for a number, a bare string or a list of one
	// for a complex attribute with a value, and plain strings as members (S-12, E-11, E-14, G-4).
	CoerceValues bool
	// EmptyStringClears reads "" as "no value" (E-22); the RFC takes it as a value.
	EmptyStringClears bool
	// CreateMissingElement builds the element that a value path describes and does not find (P-24), and makes a
	// remove that finds nothing a success (P-33); the RFC answers noTarget.
	CreateMissingElement bool
	// MergeMatchedElements makes a replace of an element that a filter selects keep what the value leaves out (P-25).
	MergeMatchedElements bool
	// RequireSchemas refuses a body without schemas or with an unknown URN in it (S-16, P-8).
	RequireSchemas bool
	// BareWords takes an unquoted word as a filter value (F-15).
	BareWords bool
	// ShortExtensionNames resolves a name that exactly one extension has, such as "manager", without its URN (P-11).
	ShortExtensionNames bool
	// LastPrimaryWins keeps the last of several primary elements; the RFC refuses them (S-5).
	LastPrimaryWins bool
	// UnpackRoles reads the JSON document that Entra puts into a role's value, and displayName for display (E-15).
	UnpackRoles bool
	// IgnoreFilterInProjection takes attributes=emails[type eq "work"] as attributes=emails.
	IgnoreFilterInProjection bool
	// OneElementPerType lets an element take the place of an earlier one of the same type in the attributes that
	// Entra addresses by type (E-18); the RFC allows several.
	OneElementPerType bool
	// OldURNs takes the enterprise extension under its URN of SCIM 1, which a template of OneLogin may send (section 14).
	OldURNs bool
	// UserPatchBody and GroupPatchBody answer a PATCH with 200 and the resource instead of 204 (P-3): the public
	// suites disagree, and Entra never wants a group's members.
	UserPatchBody, GroupPatchBody bool
}

// CurrentURN returns the URN of SCIM 2 for one of SCIM 1 if the dialect takes those, else the given one.
func (d Dialect) CurrentURN(urn string) string {
	const (
		oldEnterprise = "urn:scim:schemas:extension:enterprise:1.0"
		enterprise    = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	)
	if d.OldURNs && strings.EqualFold(urn, oldEnterprise) {
		return enterprise
	}
	return urn
}

// Entra is the default: lenient in what it takes.
var Entra = Dialect{
	Name:                     "entra",
	CoerceValues:             true,
	EmptyStringClears:        true,
	CreateMissingElement:     true,
	MergeMatchedElements:     true,
	BareWords:                true,
	ShortExtensionNames:      true,
	LastPrimaryWins:          true,
	UnpackRoles:              true,
	IgnoreFilterInProjection: true,
	OneElementPerType:        true,
	OldURNs:                  true,
	UserPatchBody:            true,
}

// Strict follows the letter of RFC 7643 and RFC 7644, for conformance suites.
var Strict = Dialect{
	Name:           "strict",
	RequireSchemas: true,
	UserPatchBody:  true,
	GroupPatchBody: true,
}

// Parse returns the dialect of that name; the error lists the names there are.
func Parse(name string) (Dialect, error) {
	switch name {
	case Entra.Name:
		return Entra, nil
	case Strict.Name:
		return Strict, nil
	}
	return Dialect{}, fmt.Errorf("dialect %q is unknown: use %s or %s", name, Entra.Name, Strict.Name)
}
