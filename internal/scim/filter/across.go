package filter

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Across is a filter over several resource types, as one of them reads it.
type Across struct {
	// Filter is nil when it selects all resources of the type.
	Filter Expr
	// Nothing is true when it can select none of the type.
	Nothing bool
}

// truth is a term whose value does not depend on the resource. It never leaves this file.
type truth bool

func (truth) expr() {}

// ParseAcross reads a filter over several types. A term on an attribute that a type does not have is false for it (F-16);
// one that no type has is 400 invalidFilter.
func ParseAcross(types []*schema.ResourceType, d dialect.Dialect, input string) ([]Across, error) {
	parsed := make([]Across, len(types))
	var unknown map[int]string
	for i, rt := range types {
		missing := map[int]string{}
		e, err := parseWith(input, &parser{lexer: lexer{input: input}, dialect: d, missing: missing}, func(name string) (schema.Path, error) {
			return rt.Resolve(name, d.ShortExtensionNames)
		})
		if err != nil {
			return nil, err
		}
		if unknown == nil {
			unknown = missing
		}
		for term := range unknown {
			if _, also := missing[term]; !also {
				delete(unknown, term)
			}
		}
		folded := fold(e)
		if constant, ok := folded.(truth); ok {
			parsed[i].Nothing = !bool(constant)
			continue
		}
		parsed[i].Filter = folded
	}
	for _, name := range unknown {
		return nil, invalid("no resource type has the attribute %q", name)
	}
	return parsed, nil
}

// fold removes the terms whose value is known.
func fold(e Expr) Expr {
	switch e := e.(type) {
	case *Not:
		inner := fold(e.Expr)
		if constant, ok := inner.(truth); ok {
			return !constant
		}
		return &Not{Expr: inner}
	case *And:
		return foldPair(fold(e.Left), fold(e.Right), false, func(l, r Expr) Expr { return &And{Left: l, Right: r} })
	case *Or:
		return foldPair(fold(e.Left), fold(e.Right), true, func(l, r Expr) Expr { return &Or{Left: l, Right: r} })
	case *ValuePath:
		inner := fold(e.Filter)
		switch constant, ok := inner.(truth); {
		case !ok:
			return &ValuePath{Path: e.Path, Filter: inner}
		case bool(constant):
			return &Present{Path: e.Path}
		}
		return truth(false)
	}
	return e
}

// foldPair joins two sides; decisive is the truth that decides alone.
func foldPair(left, right Expr, decisive truth, join func(l, r Expr) Expr) Expr {
	l, leftKnown := left.(truth)
	r, rightKnown := right.(truth)
	switch {
	case leftKnown && l == decisive, rightKnown && r == decisive:
		return decisive
	case leftKnown:
		return right
	case rightKnown:
		return left
	}
	return join(left, right)
}

// unknownScope finds nothing, inside the brackets behind an attribute that the type does not have.
func unknownScope(name string) (schema.Path, error) {
	return schema.Path{}, invalid("attribute %q is unknown", name)
}

// skipTerm reads a term on an attribute that the type does not have, as far as it can be read.
func (p *parser) skipTerm(name string, depth int) (Expr, error) {
	p.missing[p.terms] = name
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.current.kind == tokenOpenBracket && !p.current.spaced {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if _, err := p.or(unknownScope, depth+1); err != nil {
			return nil, err
		}
		if p.current.kind != tokenCloseBracket {
			return nil, invalid("a closing bracket is missing")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.current.kind != tokenWord || p.current.spaced || !strings.HasPrefix(p.current.text, ".") {
			return truth(false), nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	_, _, _, err := p.operation(name)
	return truth(false), err
}

// ParseSort reads the attribute to sort by: one that ends at a simple attribute and is returned. Anything else is 400
// invalidValue.
func ParseSort(rt *schema.ResourceType, d dialect.Dialect, name string) (schema.Path, error) {
	path, err := rt.Resolve(strings.TrimSpace(name), d.ShortExtensionNames)
	if err == nil {
		if err = searchable(path); err == nil {
			path, err = simple(path)
		}
	}
	if err != nil {
		return path, scimerr.BadRequest(scimerr.InvalidValue, "sortBy: %s", detail(err))
	}
	return path, nil
}
