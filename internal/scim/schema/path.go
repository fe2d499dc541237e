package schema

import (
	"fmt"
	"strings"
)

// Path is resolved attribute notation, [URN ":"] name ["." sub] (RFC 7644 section 3.10).
type Path struct {
	// Extension is the schema under whose URN the value lies; nil for core and common attributes.
	Extension *Schema
	// Attribute is nil when the notation is a URN alone, which means the whole extension.
	Attribute *Attribute
	// Sub is nil when no sub-attribute was named.
	Sub *Attribute
}

// Leaf is the most specific attribute of the path, nil for a whole extension.
func (p Path) Leaf() *Attribute {
	if p.Sub != nil {
		return p.Sub
	}
	return p.Attribute
}

// String is the canonical notation.
func (p Path) String() string {
	var b strings.Builder
	if p.Extension != nil {
		b.WriteString(p.Extension.ID)
		if p.Attribute != nil {
			b.WriteByte(':')
		}
	}
	if p.Attribute != nil {
		b.WriteString(p.Attribute.Name)
	}
	if p.Sub != nil {
		b.WriteByte('.')
		b.WriteString(p.Sub.Name)
	}
	return b.String()
}

// Is tells whether the path names that core or common attribute (no extension), with that sub-attribute; an
// empty sub means none.
func (p Path) Is(name, sub string) bool {
	if p.Extension != nil || p.Attribute == nil || p.Attribute.Name != name {
		return false
	}
	if p.Sub == nil {
		return sub == ""
	}
	return p.Sub.Name == sub
}

// Resolve finds the attribute that the notation means. The URN is matched against the known ones, longest first,
// because a URN holds dots itself (S-26). With shortNames, a name that is not in the core schema but in exactly one
// extension resolves to that extension (P-11).
func (rt *ResourceType) Resolve(notation string, shortNames bool) (Path, error) {
	if s, rest, ok := rt.cutURN(notation); ok {
		return rt.resolveInSchema(s, rest)
	}
	name, sub, _ := strings.Cut(notation, ".")
	if a := rt.Attribute(name); a != nil {
		return withSub(Path{Attribute: a}, notation, sub)
	}
	if shortNames {
		if s, a := rt.uniqueInExtensions(name); a != nil {
			return withSub(Path{Extension: s, Attribute: a}, notation, sub)
		}
	}
	return Path{}, fmt.Errorf("%s has no attribute %q", rt.Name, notation)
}

// cutURN finds the longest known URN that begins the notation and returns what follows its colon.
func (rt *ResourceType) cutURN(notation string) (*Schema, string, bool) {
	var best *Schema
	consider := func(s *Schema) {
		n := len(s.ID)
		if len(notation) < n || !strings.EqualFold(notation[:n], s.ID) {
			return
		}
		if len(notation) > n && notation[n] != ':' {
			return
		}
		if best == nil || n > len(best.ID) {
			best = s
		}
	}
	consider(rt.Schema)
	for _, e := range rt.Extensions {
		consider(e.Schema)
	}
	if best == nil {
		return nil, "", false
	}
	return best, strings.TrimPrefix(notation[len(best.ID):], ":"), true
}

func (rt *ResourceType) resolveInSchema(s *Schema, rest string) (Path, error) {
	path := Path{Extension: s}
	if s == rt.Schema {
		path.Extension = nil
	}
	if rest == "" {
		if path.Extension == nil {
			return Path{}, fmt.Errorf("%q names a whole base schema: name an attribute", s.ID)
		}
		return path, nil
	}
	name, sub, _ := strings.Cut(rest, ".")
	path.Attribute = s.Attribute(name)
	if path.Attribute == nil {
		return Path{}, fmt.Errorf("schema %s has no attribute %q", s.ID, name)
	}
	return withSub(path, rest, sub)
}

func (rt *ResourceType) uniqueInExtensions(name string) (*Schema, *Attribute) {
	var schema *Schema
	var found *Attribute
	for _, e := range rt.Extensions {
		if a := e.Schema.Attribute(name); a != nil {
			if found != nil {
				return nil, nil
			}
			schema, found = e.Schema, a
		}
	}
	return schema, found
}

func withSub(p Path, notation, sub string) (Path, error) {
	if !strings.Contains(notation, ".") {
		return p, nil
	}
	p.Sub = p.Attribute.Sub(sub)
	if p.Sub == nil {
		return Path{}, fmt.Errorf("attribute %s has no sub-attribute %q", p.Attribute.Name, sub)
	}
	return p, nil
}
