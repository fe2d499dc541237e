package resource

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// AppendJSON appends the JSON form of a value of a document, its keys sorted. It does what encoding/json does, without
// reflection: it runs for every resource of every page.
func AppendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case json.Number:
		return append(dst, v...)
	case json.RawMessage: // of a document that was read to be shown
		return append(dst, v...)
	case string:
		return AppendString(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, element := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, element)
		}
		return append(dst, ']')
	case map[string]any:
		return appendObject(dst, v)
	}
	return append(dst, "null"...) // a document holds nothing else
}

func appendObject(dst []byte, object map[string]any) []byte {
	var few [16]string // keeps the keys of the usual object off the heap
	keys := few[:0]
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, key := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, key), ':')
		dst = AppendJSON(dst, object[key])
	}
	return append(dst, '}')
}

// AppendString appends a JSON string literal. One that needs no escape, nearly all, is copied.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	copied := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[copied:i]...)
		copied = i + 1
		if c >= 0x20 {
			dst = append(dst, '\\', c)
			continue
		}
		const digits = "0123456789abcdef"
		dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	dst = append(dst, s[copied:]...)
	return append(dst, '"')
}

// AppendFields appends the members of the JSON object that shows the document, without its braces, so that a caller can
// add what it streams. Whatever the schemas do not define is left out.
func (p Projection) AppendFields(dst []byte, rt *schema.ResourceType, doc map[string]any) []byte {
	start := len(dst)
	for _, part := range rt.Parts() {
		if part.Extension == nil {
			dst = p.appendPart(dst, start, part, doc)
			continue
		}
		object, ok := doc[part.Extension.ID].(map[string]any)
		if !ok {
			continue
		}
		before := len(dst)
		dst = appendKey(dst, start, part.Extension.ID)
		dst = append(dst, '{')
		open := len(dst)
		if dst = p.appendPart(dst, open, part, object); len(dst) == open {
			dst = dst[:before]
			continue
		}
		dst = append(dst, '}')
	}
	return dst
}

// appendPart appends the attributes of one schema; start is where the object's members begin.
func (p Projection) appendPart(dst []byte, start int, part schema.Part, object map[string]any) []byte {
	for _, a := range part.Attributes {
		v, ok := object[a.Name]
		if !ok {
			continue
		}
		switch p.decide(part.Extension, a) {
		case keep:
			dst = AppendJSON(appendKey(dst, start, a.Name), v)
		case keepPart:
			if shown := p.part(part.Extension, a, v); shown != nil {
				dst = AppendJSON(appendKey(dst, start, a.Name), shown)
			}
		}
	}
	return dst
}

func appendKey(dst []byte, start int, name string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return append(AppendString(dst, name), ':')
}
