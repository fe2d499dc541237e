package engine

import (
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// path is a target attribute name taken apart: [urn:]attribute[filter].sub.
type path struct {
	text       string // as the schema has it
	urn        string // extension schema; empty for the core schema
	attribute  string
	filterName string // emails[type eq "work"]: type
	filterText string // work
	sub        string
}

// parsePath reads a target attribute name of the schema.
func parsePath(name string) (path, error) {
	p := path{text: name}
	rest := name
	if strings.HasPrefix(strings.ToLower(rest), "urn:") {
		end := len(rest)
		if bracket := strings.IndexByte(rest, '['); bracket >= 0 {
			end = bracket
		}
		colon := strings.LastIndexByte(rest[:end], ':')
		p.urn, rest = rest[:colon], rest[colon+1:]
		if p.urn == syncschema.CoreUser || p.urn == syncschema.GroupTarget {
			p.urn = ""
		}
	}
	if head, tail, filtered := strings.Cut(rest, "["); filtered {
		filter, after, closed := strings.Cut(tail, "]")
		name, value, ok := strings.Cut(filter, " eq ")
		if !closed || !ok {
			return p, fmt.Errorf("target attribute %q: the part in brackets is not of the form [name eq \"value\"]", name)
		}
		p.attribute, p.filterName = head, strings.TrimSpace(name)
		p.filterText = strings.Trim(strings.TrimSpace(value), `"`)
		p.sub = strings.TrimPrefix(after, ".")
		return p, nil
	}
	p.attribute, p.sub, _ = strings.Cut(rest, ".")
	return p, nil
}

// member finds a member of a SCIM object; attribute names are case-insensitive (RFC 7643 section 2.1).
func member(o map[string]any, name string) (any, bool) {
	if v, ok := o[name]; ok {
		return v, true
	}
	for k, v := range o {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

// read returns the value at the path of a resource as texts; none when there is no value.
func (p path) read(resource map[string]any) []string {
	if p.urn != "" {
		extension, _ := member(resource, p.urn)
		resource, _ = extension.(map[string]any)
	}
	value, _ := member(resource, p.attribute)
	if p.filterName != "" {
		value = p.element(value)
	}
	if p.sub != "" {
		o, _ := value.(map[string]any)
		value, _ = member(o, p.sub)
	}
	return texts(value)
}

// element picks the element of a multi-valued attribute that the filter names.
func (p path) element(value any) any {
	elements, _ := value.([]any)
	for _, e := range elements {
		o, _ := e.(map[string]any)
		if got, ok := member(o, p.filterName); ok && strings.EqualFold(text(got), p.filterText) {
			return o
		}
	}
	return nil
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	default:
		return fmt.Sprint(v)
	}
}

func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, e := range v {
			if o, ok := e.(map[string]any); ok {
				e, _ = member(o, "value")
			}
			out = append(out, text(e))
		}
		return out
	case map[string]any:
		inner, ok := member(v, "value")
		if !ok {
			return nil
		}
		return texts(inner)
	default:
		return []string{text(v)}
	}
}

// write puts a value at the path of a resource that is being composed for a POST.
func (p path) write(resource map[string]any, value any) {
	if p.urn != "" {
		resource = child(resource, p.urn)
	}
	if p.filterName != "" {
		p.writeElement(resource, value)
		return
	}
	if p.sub != "" {
		child(resource, p.attribute)[p.sub] = value
		return
	}
	resource[p.attribute] = value
}

func child(o map[string]any, name string) map[string]any {
	if c, ok := o[name].(map[string]any); ok {
		return c
	}
	c := map[string]any{}
	o[name] = c
	return c
}

func (p path) writeElement(resource map[string]any, value any) {
	if element, ok := p.element(resource[p.attribute]).(map[string]any); ok {
		element[p.sub] = value
		return
	}
	element := map[string]any{p.sub: value}
	if strings.EqualFold(p.filterName, "primary") {
		element["primary"] = strings.EqualFold(p.filterText, "true")
	} else {
		element[p.filterName] = p.filterText
	}
	// Microsoft's sample marks the work address as the primary one; other kinds carry no mark.
	if p.attribute == "emails" && p.filterText == "work" {
		element["primary"] = true
	}
	if p.attribute == "roles" {
		element["type"] = roleType
	}
	list, _ := resource[p.attribute].([]any)
	resource[p.attribute] = append(list, element)
}
