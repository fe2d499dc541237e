package resource

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Projection says which attributes of a resource are returned (RFC 7644 section 3.9). The zero value returns what
// is returned by default.
type Projection struct {
	// restricted is true when attributes was given: then only the named ones are returned.
	restricted bool
	named      []schema.Path
	excluded   []schema.Path
	written    []schema.Path
}

// ParseProjection reads the attributes and excludedAttributes parameters, comma-separated notations. Both given is
// 400 invalidValue; unknown names are ignored.
func ParseProjection(rt *schema.ResourceType, d dialect.Dialect, attributes, excluded string) (Projection, error) {
	if attributes != "" && excluded != "" {
		return Projection{}, scimerr.BadRequest(scimerr.InvalidValue, "attributes and excludedAttributes exclude each other: send one")
	}
	named, err := parseNames(rt, d, attributes)
	if err != nil {
		return Projection{}, err
	}
	removed, err := parseNames(rt, d, excluded)
	if err != nil {
		return Projection{}, err
	}
	return Projection{restricted: attributes != "", named: named, excluded: removed}, nil
}

func parseNames(rt *schema.ResourceType, d dialect.Dialect, list string) ([]schema.Path, error) {
	if list == "" {
		return nil, nil
	}
	var paths []schema.Path
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if open := strings.IndexByte(name, '['); open >= 0 {
			if !d.IgnoreFilterInProjection {
				return nil, scimerr.BadRequest(scimerr.InvalidValue, "attributes takes names without a filter")
			}
			name = name[:open]
		}
		if strings.EqualFold(name, rt.Schema.ID) {
			paths = append(paths, wholeBaseSchema(rt)...)
			continue
		}
		if path, err := rt.Resolve(name, d.ShortExtensionNames); err == nil {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

func wholeBaseSchema(rt *schema.ResourceType) []schema.Path {
	paths := make([]schema.Path, 0, len(rt.Schema.Attributes))
	for i := range rt.Schema.Attributes {
		paths = append(paths, schema.Path{Attribute: &rt.Schema.Attributes[i]})
	}
	return paths
}

// Wants tells whether any part of a core attribute would be returned, so that what is costly to derive is derived
// only when it is.
func (p Projection) Wants(rt *schema.ResourceType, name string) bool {
	a := rt.Attribute(name)
	return a != nil && p.decide(nil, a) != drop
}

// WantsOf does the same for an attribute of an extension.
func (p Projection) WantsOf(extension *schema.Schema, name string) bool {
	a := extension.Attribute(name)
	return a != nil && p.decide(extension, a) != drop
}

// WantsSub tells whether a sub-attribute of a core attribute that is wanted would be returned.
func (p Projection) WantsSub(rt *schema.ResourceType, name, sub string) bool {
	a := rt.Attribute(name)
	switch p.decide(nil, a) {
	case keep:
		return true
	case keepPart:
		return p.keepsSub(nil, a, a.Sub(sub))
	}
	return false
}

// Written makes the projection return, besides, those attributes which are returned on request that the client set in
// this request (S-10). Names are as Changed gives them.
func (p Projection) Written(rt *schema.ResourceType, names []string) Projection {
	if p.restricted {
		return p
	}
	for _, name := range names {
		if path, err := rt.Resolve(name, false); err == nil && path.Attribute != nil && path.Attribute.Returned == schema.ReturnedRequest {
			p.written = append(p.written, path)
		}
	}
	return p
}

type decision int

const (
	drop decision = iota
	keep
	keepPart
)

// decide applies the returned characteristic (S-10) and the parameters to one attribute.
func (p Projection) decide(extension *schema.Schema, a *schema.Attribute) decision {
	switch {
	case a.Returned == schema.ReturnedNever:
		return drop
	case a.Returned == schema.ReturnedAlways:
		return keep
	case p.restricted:
		return mention(p.named, extension, a, keep, drop)
	case a.Returned == schema.ReturnedRequest:
		return mention(p.written, extension, a, keep, drop)
	}
	return mention(p.excluded, extension, a, drop, keep)
}

// mention answers whole when the list names the attribute or its whole extension, keepPart when it names only
// sub-attributes, none otherwise.
func mention(list []schema.Path, extension *schema.Schema, a *schema.Attribute, whole, none decision) decision {
	result := none
	for _, path := range list {
		switch {
		case path.Extension != extension:
		case path.Attribute == nil, path.Attribute == a && path.Sub == nil:
			return whole
		case path.Attribute == a:
			result = keepPart
		}
	}
	return result
}

// part returns the named, or not excluded, sub-attributes of a complex value or of each element of a list.
func (p Projection) part(extension *schema.Schema, a *schema.Attribute, v any) any {
	switch v := v.(type) {
	case json.RawMessage:
		var decoded any
		decoder := json.NewDecoder(bytes.NewReader(v))
		decoder.UseNumber()
		if err := decoder.Decode(&decoded); err == nil { // it was valid when it was stored
			return p.part(extension, a, decoded)
		}
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			if part := p.part(extension, a, element); part != nil {
				out = append(out, part)
			}
		}
		if len(out) > 0 {
			return out
		}
	case map[string]any:
		out := map[string]any{}
		for i := range a.SubAttributes {
			sub := &a.SubAttributes[i]
			value, ok := v[sub.Name]
			if ok && p.keepsSub(extension, a, sub) {
				out[sub.Name] = value
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func (p Projection) keepsSub(extension *schema.Schema, a, sub *schema.Attribute) bool {
	list := p.excluded
	if p.restricted {
		list = p.named
	}
	for _, path := range list {
		if path.Extension == extension && path.Attribute == a && path.Sub == sub {
			return p.restricted
		}
	}
	return !p.restricted
}
