package filter

import (
	"cmp"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Match evaluates the filter on one resource document with canonical names.
func Match(e Expr, doc map[string]any) bool {
	switch e := e.(type) {
	case *And:
		return Match(e.Left, doc) && Match(e.Right, doc)
	case *Or:
		return Match(e.Left, doc) || Match(e.Right, doc)
	case *Not:
		return !Match(e.Expr, doc)
	case *Present:
		return len(valuesAt(e.Path, doc)) > 0
	case *ValuePath:
		for _, element := range elements(container(e.Path, doc)[e.Path.Attribute.Name]) {
			if MatchElement(e.Filter, element) {
				return true
			}
		}
		return false
	case *Compare:
		return e.matches(valuesAt(e.Path, doc))
	}
	return false
}

// MatchElement evaluates the filter of a value path on one element; a simple element is addressed as "value".
func MatchElement(e Expr, element any) bool {
	m, ok := element.(map[string]any)
	if !ok {
		m = map[string]any{"value": element}
	}
	return Match(e, m)
}

func (c *Compare) matches(values []any) bool {
	if c.Op == Ne && len(values) == 0 {
		return true
	}
	for _, v := range values {
		if have, ok := documentValue(c.Path.Leaf(), v); ok && c.holds(have) {
			return true
		}
	}
	return false
}

// holds compares one value. ne on a multi-valued attribute is true when any element differs, as every other
// operator needs only one element.
func (c *Compare) holds(have any) bool {
	if s, ok := have.(string); ok {
		return holdsString(c.Op, key(c.Path.Leaf(), s), key(c.Path.Leaf(), c.Value.(string)))
	}
	switch have := have.(type) {
	case bool:
		return (have == c.Value.(bool)) == (c.Op == Eq)
	case float64:
		return holdsOrder(c.Op, cmp.Compare(have, c.Value.(float64)))
	case time.Time:
		return holdsOrder(c.Op, have.Compare(c.Value.(time.Time)))
	}
	return false
}

func key(leaf *schema.Attribute, s string) string {
	if leaf.CaseExact {
		return s
	}
	return schema.Fold(s)
}

func holdsString(op Op, have, want string) bool {
	switch op {
	case Co:
		return strings.Contains(have, want)
	case Sw:
		return strings.HasPrefix(have, want)
	case Ew:
		return strings.HasSuffix(have, want)
	}
	return holdsOrder(op, strings.Compare(have, want))
}

func holdsOrder(op Op, order int) bool {
	switch op {
	case Eq:
		return order == 0
	case Ne:
		return order != 0
	case Gt:
		return order > 0
	case Ge:
		return order >= 0
	case Lt:
		return order < 0
	case Le:
		return order <= 0
	}
	return false
}

// container is the object that holds the path's attribute: the resource or the extension's object.
func container(p schema.Path, doc map[string]any) map[string]any {
	if p.Extension == nil {
		return doc
	}
	extension, _ := doc[p.Extension.ID].(map[string]any)
	return extension
}

// valuesAt collects the values at the path, those of all elements for a multi-valued attribute. An empty string
// or object is no value (F-5).
func valuesAt(p schema.Path, doc map[string]any) []any {
	var values []any
	for _, element := range elements(container(p, doc)[p.Attribute.Name]) {
		v := element
		if p.Sub != nil {
			m, _ := element.(map[string]any)
			v = m[p.Sub.Name]
		}
		if present(v) {
			values = append(values, v)
		}
	}
	return values
}

func present(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case map[string]any:
		return len(v) > 0
	}
	return true
}

func elements(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}
