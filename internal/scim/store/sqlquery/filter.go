package sqlquery

import (
	"fmt"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// builder writes SQL over the rows r of resources of one type. A condition may be NULL where it is not true; so what
// negates one says IS NOT TRUE.
type builder struct {
	dialect      Dialect
	baseURL      string
	resourceType *schema.ResourceType
	args         []any
}

// bind makes a parameter.
func (b *builder) bind(v any) string {
	b.args = append(b.args, v)
	return fmt.Sprintf(`$%d`, len(b.args))
}

// bindText makes a parameter of a text. What is no text to a database is in no document either.
func (b *builder) bindText(s string) string {
	return b.bind(strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd"))
}

// resolver finds the values that a path means: in a resource or in one element.
type resolver func(p schema.Path) values

func (b *builder) inResource(p schema.Path) values {
	return b.values(p.Extension, p.Attribute)
}

// inElement resolves the paths of a value path: each names a sub-attribute of the element.
func inElement(outer values) resolver {
	return func(p schema.Path) values {
		l := outer.sub(p.Attribute)
		return values{present: l.present, sub: func(*schema.Attribute) leaf { return l }}
	}
}

// expr compiles a filter.
func (b *builder) expr(e filter.Expr, resolve resolver) string {
	switch e := e.(type) {
	case *filter.And:
		return `(` + b.expr(e.Left, resolve) + ` AND ` + b.expr(e.Right, resolve) + `)`
	case *filter.Or:
		return `(` + b.expr(e.Left, resolve) + ` OR ` + b.expr(e.Right, resolve) + `)`
	case *filter.Not:
		return `(` + b.expr(e.Expr, resolve) + ` IS NOT TRUE)`
	case *filter.Present:
		return present(e.Path, resolve(e.Path))
	case *filter.ValuePath:
		return b.valuePath(e)
	case *filter.Compare:
		return b.compare(e, resolve)
	}
	return `FALSE`
}

func present(p schema.Path, v values) string {
	condition := v.present
	if p.Sub != nil || p.Attribute.Type != schema.Complex {
		condition = v.sub(p.Leaf()).present
	}
	return v.some(condition)
}

// some is true when the condition is of one of the values.
func (v values) some(condition string) string {
	if v.list == nil {
		return `(` + condition + `)`
	}
	return `EXISTS (SELECT 1 FROM ` + v.list.from + ` WHERE ` + v.list.where + ` AND ` + condition + `)`
}

func (b *builder) valuePath(e *filter.ValuePath) string {
	v := b.inResource(e.Path)
	condition := b.expr(e.Filter, inElement(v))
	if v.list == nil {
		condition = v.present + ` AND ` + condition
	}
	compiled := v.some(condition)
	if value, ok := requiredValue(e.Filter); ok {
		if index, ok := b.index(e.Path, value); ok {
			return `(` + index + ` AND ` + compiled + `)`
		}
	}
	return compiled
}

func (b *builder) compare(c *filter.Compare, resolve resolver) string {
	v := resolve(c.Path)
	if s, ok := c.Value.(string); ok && v.list != nil && c.Op == filter.Eq && c.Path.Sub != nil && c.Path.Sub.Name == "value" {
		if index, ok := b.index(c.Path, s); ok {
			return index
		}
	}
	l := v.sub(c.Path.Leaf())
	holds := v.some(b.holds(l, c))
	if c.Op == filter.Ne { // true as well of what has no value (F-5)
		return `(` + v.some(l.present) + ` IS NOT TRUE OR ` + holds + `)`
	}
	return holds
}

// index selects by one of the indexes that are tables of their own (F-21).
func (b *builder) index(p schema.Path, value string) (string, bool) {
	if p.Extension != nil || value == "" {
		return "", false
	}
	switch p.Attribute.Name {
	case "emails":
		return `r.id IN (SELECT resource_id FROM emails WHERE value_key = ` + b.bindText(schema.Fold(value)) + `)`, true
	case "members":
		return `r.id IN (SELECT group_id FROM members WHERE member_id = ` + b.bindText(value) + `)`, true
	case "groups":
		return `r.id IN (SELECT member_id FROM members WHERE group_id = ` + b.bindText(value) + `)`, true
	}
	return "", false
}

// requiredValue finds an equality on value that every element which satisfies the filter of a value path must meet, as
// in Entra's emails[type eq "work"].value eq "x" (F-1).
func requiredValue(e filter.Expr) (string, bool) {
	switch e := e.(type) {
	case *filter.And:
		if s, ok := requiredValue(e.Left); ok {
			return s, true
		}
		return requiredValue(e.Right)
	case *filter.Compare:
		s, ok := e.Value.(string)
		return s, ok && e.Op == filter.Eq && e.Path.Is("value", "")
	}
	return "", false
}

// holds compares one value.
func (b *builder) holds(l leaf, c *filter.Compare) string {
	switch value := c.Value.(type) {
	case string:
		if !c.Path.Leaf().CaseExact {
			value = schema.Fold(value)
		}
		return b.holdsText(l, c.Op, value)
	case time.Time:
		if l.millis {
			return b.holdsMillis(l.expr, c.Op, value)
		}
		return b.holdsText(l, c.Op, store.SearchTime(value))
	}
	return l.expr + operators[c.Op] + b.bind(c.Value)
}

var operators = map[filter.Op]string{
	filter.Eq: ` = `, filter.Ne: ` <> `, filter.Gt: ` > `, filter.Ge: ` >= `, filter.Lt: ` < `, filter.Le: ` <= `,
}

// holdsText compares without wildcards (F-8).
func (b *builder) holdsText(l leaf, op filter.Op, value string) string {
	switch op {
	case filter.Eq, filter.Ne:
		return l.expr + operators[op] + b.bindText(value)
	case filter.Co, filter.Sw, filter.Ew:
		if value == "" {
			return l.expr + ` IS NOT NULL`
		}
		compile := map[filter.Op]func(string, string) string{
			filter.Co: b.dialect.contains, filter.Sw: b.dialect.prefix, filter.Ew: b.dialect.suffix,
		}
		return compile[op](l.expr, b.bindText(value))
	}
	return b.dialect.bytewise(l.expr) + operators[op] + b.bindText(value)
}

// holdsMillis compares a column that has milliseconds with an instant that may be finer.
func (b *builder) holdsMillis(expr string, op filter.Op, t time.Time) string {
	if t.Nanosecond()%int(time.Millisecond) == 0 {
		return expr + operators[op] + b.bind(t.UnixMilli())
	}
	switch op {
	case filter.Eq:
		return `FALSE`
	case filter.Ne:
		return `TRUE`
	case filter.Gt, filter.Ge:
		return expr + ` > ` + b.bind(t.UnixMilli())
	}
	return expr + ` <= ` + b.bind(t.UnixMilli())
}
