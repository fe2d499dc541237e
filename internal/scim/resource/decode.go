package resource

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// maxDepth bounds the nesting of a request body.
const maxDepth = 32

// Decode reads one JSON object. Invalid UTF-8, lone surrogates, U+0000 (H-5), keys that differ only in case (H-7),
// too deep nesting and anything but one object are 400 invalidSyntax.
func Decode(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, syntax("the body is not valid UTF-8")
	}
	if err := checkEscapes(body); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := decodeValue(d, 0)
	if err != nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, syntax("the body is not a JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, syntax("the body has more than one JSON value")
	}
	return object, nil
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, syntax("the body is nested deeper than %d levels", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, syntax("the body is not JSON")
	}
	switch t {
	case json.Delim('{'):
		return decodeObject(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, closing(d)
	}
	return t, nil
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, syntax("the body is not JSON")
		}
		folded := strings.ToLower(name)
		if seen[folded] {
			return nil, syntax("the key %q is there twice", name)
		}
		seen[folded] = true
		if object[name], err = decodeValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	return object, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return syntax("the body is not JSON")
	}
	return nil
}

// checkEscapes refuses \u0000 and surrogates without their pair, which encoding/json would silently replace.
func checkEscapes(body []byte) error {
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if body[i+1] != 'u' {
			i++
			continue
		}
		unit, ok := escapedUnit(body[i:])
		switch {
		case !ok:
			return syntax("a \\u escape is malformed")
		case unit == 0:
			return syntax("a string holds U+0000")
		case 0xDC00 <= unit && unit <= 0xDFFF:
			return syntax("a string holds half of a surrogate pair")
		case 0xD800 <= unit && unit <= 0xDBFF:
			low, ok := escapedUnit(body[i+6:])
			if !ok || low < 0xDC00 || low > 0xDFFF {
				return syntax("a string holds half of a surrogate pair")
			}
			i += 6
		}
		i += 5
	}
	return nil
}

// escapedUnit reads the UTF-16 unit of an escape of the form \uXXXX that begins b.
func escapedUnit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var unit rune
	for _, c := range b[2:6] {
		digit := strings.IndexByte("0123456789abcdef", lower(c))
		if digit < 0 {
			return 0, false
		}
		unit = unit<<4 | rune(digit)
	}
	return unit, true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func syntax(format string, args ...any) error {
	return scimerr.BadRequest(scimerr.InvalidSyntax, format, args...)
}
