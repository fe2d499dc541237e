package filter

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// compare builds a comparison: the path is made to end at a simple attribute (F-9), the operator must suit its
// type (F-6, F-7), and the literal is read as that type.
func compare(path schema.Path, op Op, literal token, d dialect.Dialect) (Expr, error) {
	path, err := simple(path)
	if err != nil {
		return nil, err
	}
	leaf := path.Leaf()
	if err := suits(op, leaf); err != nil {
		return nil, err
	}
	if literal.kind == tokenWord && literal.text == "null" {
		return nullComparison(path, op)
	}
	value, err := literalValue(leaf, literal, d)
	if err != nil {
		return nil, err
	}
	return &Compare{Path: path, Op: op, Value: value}, nil
}

// simple appends "value" to a path that ends at a complex attribute.
func simple(path schema.Path) (schema.Path, error) {
	if path.Sub != nil || path.Attribute.Type != schema.Complex {
		return path, nil
	}
	path.Sub = path.Attribute.Sub("value")
	if path.Sub == nil {
		return path, invalid("%s is complex: name a sub-attribute", path)
	}
	return path, nil
}

func suits(op Op, leaf *schema.Attribute) error {
	switch op {
	case Gt, Ge, Lt, Le:
		if leaf.Type == schema.Boolean || leaf.Type == schema.Binary {
			return invalid("%s does not work on %s, which is %s", op, leaf.Name, leaf.Type)
		}
	case Co, Sw, Ew:
		if leaf.Type != schema.String && leaf.Type != schema.Reference && leaf.Type != schema.Binary {
			return invalid("%s does not work on %s, which is %s", op, leaf.Name, leaf.Type)
		}
	}
	return nil
}

// nullComparison turns eq null into not present and ne null into present (F-11).
func nullComparison(path schema.Path, op Op) (Expr, error) {
	switch op {
	case Eq:
		return &Not{Expr: &Present{Path: path}}, nil
	case Ne:
		return &Present{Path: path}, nil
	}
	return nil, invalid("%s cannot compare with null", op)
}

func literalValue(leaf *schema.Attribute, literal token, d dialect.Dialect) (any, error) {
	switch leaf.Type {
	case schema.Boolean:
		return booleanLiteral(leaf, literal, d)
	case schema.Integer, schema.Decimal:
		if literal.kind == tokenString && !d.CoerceValues {
			return nil, invalid("%s is compared with a number", leaf.Name)
		}
		n, err := strconv.ParseFloat(literal.text, 64)
		if err != nil {
			return nil, invalid("%s is compared with a number", leaf.Name)
		}
		return n, nil
	case schema.DateTime:
		t, err := ParseTime(literal.text)
		if err != nil {
			return nil, invalid("%s is compared with a date and time such as 2026-01-31T08:30:00Z", leaf.Name)
		}
		return t, nil
	}
	if literal.kind == tokenWord && !d.BareWords {
		return nil, invalid("%s is compared with a string in quotation marks", leaf.Name)
	}
	return literal.text, nil
}

func booleanLiteral(leaf *schema.Attribute, literal token, d dialect.Dialect) (any, error) {
	text := literal.text
	if d.CoerceValues {
		text = strings.ToLower(text)
	} else if literal.kind == tokenString {
		return nil, invalid("%s is compared with true or false", leaf.Name)
	}
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, invalid("%s is compared with true or false", leaf.Name)
}

// timeLayouts are the forms that clients send; the first is the canonical one (F-13). Go reads fraction digits
// where the layout has none.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"}

// ParseTime reads xsd:dateTime; without a zone it is UTC.
func ParseTime(s string) (time.Time, error) {
	var err error
	for _, layout := range timeLayouts {
		var t time.Time
		if t, err = time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, err
}

// documentValue reads a value of a document as the type that comparisons of that attribute use; ok is false when
// the stored value is not of the type.
func documentValue(leaf *schema.Attribute, v any) (any, bool) {
	switch leaf.Type {
	case schema.Boolean:
		b, ok := v.(bool)
		return b, ok
	case schema.Integer, schema.Decimal:
		n, ok := v.(json.Number)
		if !ok {
			return nil, false
		}
		f, err := n.Float64()
		return f, err == nil
	case schema.DateTime:
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		t, err := ParseTime(s)
		return t, err == nil
	}
	s, ok := v.(string)
	return s, ok
}

// detail is the sentence of an error without its SCIM status, so that it can be given another.
func detail(err error) string {
	if e, ok := errors.AsType[*scimerr.Error](err); ok {
		return e.Detail
	}
	return err.Error()
}
