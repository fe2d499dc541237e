package filter

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Limits of one filter (F-20). The depth keeps the recursion shallow whatever the input.
const (
	// MaxLength is in bytes.
	MaxLength = 16 << 10
	maxDepth  = 32
	maxTerms  = 200
)

// Parse reads a filter over resources of the given type. Errors are 400 invalidFilter.
func Parse(rt *schema.ResourceType, d dialect.Dialect, input string) (Expr, error) {
	return parse(input, d, func(name string) (schema.Path, error) {
		return rt.Resolve(name, d.ShortExtensionNames)
	})
}

// parseElements reads a filter over the elements of one attribute, as in a value path.
func parseElements(a *schema.Attribute, d dialect.Dialect, input string) (Expr, error) {
	return parse(input, d, elementScope(a))
}

func parse(input string, d dialect.Dialect, resolve resolver) (Expr, error) {
	return parseWith(input, &parser{lexer: lexer{input: input}, dialect: d}, resolve)
}

func parseWith(input string, p *parser, resolve resolver) (Expr, error) {
	if len(input) > MaxLength {
		return nil, scimerr.BadRequest(scimerr.InvalidFilter, "the filter is longer than %d bytes", MaxLength)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or(resolve, 0)
	if err != nil {
		return nil, err
	}
	if p.current.kind != tokenEnd {
		return nil, invalid("%q is not expected here", p.current.text)
	}
	return e, nil
}

// resolver finds an attribute by its notation in the scope of a resource or of one element.
type resolver func(name string) (schema.Path, error)

// elementScope resolves the sub-attributes of a complex attribute; the elements of a simple one are addressed
// as "value" (P-10).
func elementScope(a *schema.Attribute) resolver {
	return func(name string) (schema.Path, error) {
		if sub := a.Sub(name); sub != nil {
			return schema.Path{Attribute: sub}, nil
		}
		if a.Type != schema.Complex && strings.EqualFold(name, "value") {
			element := *a
			element.Name, element.MultiValued = "value", false
			return schema.Path{Attribute: &element}, nil
		}
		return schema.Path{}, invalid("attribute %s has no sub-attribute %q", a.Name, name)
	}
}

type parser struct {
	lexer   lexer
	dialect dialect.Dialect
	current token
	terms   int
	// missing collects the terms on attributes that the type does not have; nil makes them an error.
	missing map[int]string
}

func (p *parser) advance() error {
	t, err := p.lexer.next()
	p.current = t
	return err
}

func (p *parser) isKeyword(word string) bool {
	return p.current.kind == tokenWord && strings.EqualFold(p.current.text, word)
}

func (p *parser) or(resolve resolver, depth int) (Expr, error) {
	return p.chain("or", func() (Expr, error) { return p.and(resolve, depth) },
		func(l, r Expr) Expr { return &Or{Left: l, Right: r} })
}

func (p *parser) and(resolve resolver, depth int) (Expr, error) {
	return p.chain("and", func() (Expr, error) { return p.factor(resolve, depth) },
		func(l, r Expr) Expr { return &And{Left: l, Right: r} })
}

// chain reads operand *(keyword operand), associating to the left (F-2).
func (p *parser) chain(keyword string, operand func() (Expr, error), join func(l, r Expr) Expr) (Expr, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for p.isKeyword(keyword) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = join(left, right)
	}
	return left, nil
}

func (p *parser) factor(resolve resolver, depth int) (Expr, error) {
	if depth >= maxDepth {
		return nil, invalid("the filter is nested deeper than %d levels", maxDepth)
	}
	if p.current.kind == tokenOpenParen {
		return p.group(resolve, depth)
	}
	if p.isKeyword("not") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.current.kind != tokenOpenParen {
			return nil, invalid("not must be followed by a filter in parentheses")
		}
		e, err := p.group(resolve, depth)
		if err != nil {
			return nil, err
		}
		return &Not{Expr: e}, nil
	}
	return p.term(resolve, depth)
}

func (p *parser) group(resolve resolver, depth int) (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or(resolve, depth+1)
	if err != nil {
		return nil, err
	}
	if p.current.kind != tokenCloseParen {
		return nil, invalid("a closing parenthesis is missing")
	}
	return e, p.advance()
}

// term reads attrExp or valuePath.
func (p *parser) term(resolve resolver, depth int) (Expr, error) {
	if p.terms++; p.terms > maxTerms {
		return nil, invalid("the filter has more than %d terms", maxTerms)
	}
	if p.current.kind != tokenWord {
		return nil, invalid("an attribute name is expected, not %q", p.current.text)
	}
	path, err := resolve(p.current.text)
	if err != nil && p.missing != nil {
		return p.skipTerm(p.current.text, depth)
	}
	if err != nil {
		return nil, scimerr.BadRequest(scimerr.InvalidFilter, "%s", detail(err))
	}
	if err := searchable(path); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.current.kind == tokenOpenBracket && !p.current.spaced {
		return p.valuePath(path, depth)
	}
	return p.comparison(path)
}

// searchable refuses what is never returned, so that a filter is no oracle for it (S-9), and whole extensions.
func searchable(path schema.Path) error {
	leaf := path.Leaf()
	if leaf == nil {
		return invalid("%s is a schema: name one of its attributes", path)
	}
	if leaf.Returned == schema.ReturnedNever {
		return invalid("%s cannot be used in a filter", path)
	}
	return nil
}

func (p *parser) valuePath(path schema.Path, depth int) (Expr, error) {
	a := path.Attribute
	if path.Sub != nil || !a.MultiValued && a.Type != schema.Complex {
		return nil, invalid("%s has no elements to filter", path)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	inner, err := p.or(elementScope(a), depth+1)
	if err != nil {
		return nil, err
	}
	if p.current.kind != tokenCloseBracket {
		return nil, invalid("a closing bracket is missing")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.current.kind == tokenWord && !p.current.spaced && strings.HasPrefix(p.current.text, ".") {
		return p.valuePathSub(path, inner)
	}
	return &ValuePath{Path: path, Filter: inner}, nil
}

// valuePathSub reads what follows attr[filter] in Entra's matching query (F-1).
func (p *parser) valuePathSub(path schema.Path, inner Expr) (Expr, error) {
	sub, err := elementScope(path.Attribute)(p.current.text[1:])
	if err != nil {
		return nil, err
	}
	if err := searchable(sub); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	outer, err := p.comparison(sub)
	if err != nil {
		return nil, err
	}
	return &ValuePath{Path: path, Filter: &And{Left: inner, Right: outer}}, nil
}

// comparison reads "pr" or an operator and its value.
func (p *parser) comparison(path schema.Path) (Expr, error) {
	op, literal, present, err := p.operation(path.String())
	if err != nil {
		return nil, err
	}
	if present {
		return &Present{Path: path}, nil
	}
	return compare(path, op, literal, p.dialect)
}

// operation reads what follows the name of an attribute.
func (p *parser) operation(name string) (op Op, literal token, present bool, err error) {
	if p.current.kind != tokenWord {
		return "", token{}, false, invalid("an operator is expected after %s", name)
	}
	word := strings.ToLower(p.current.text)
	if err := p.advance(); err != nil {
		return "", token{}, false, err
	}
	if word == "pr" {
		return "", token{}, true, nil
	}
	switch op = Op(word); op {
	case Eq, Ne, Co, Sw, Ew, Gt, Lt, Ge, Le:
	default:
		return "", token{}, false, invalid("%q is not an operator: use eq, ne, co, sw, ew, gt, ge, lt, le or pr", word)
	}
	literal = p.current
	if literal.kind != tokenString && literal.kind != tokenWord {
		return "", token{}, false, invalid("a value is expected after %s %s", name, op)
	}
	if !literal.spaced {
		return "", token{}, false, invalid("a space is expected after %s %s", name, op)
	}
	return op, literal, false, p.advance()
}

func invalid(format string, args ...any) error {
	return scimerr.BadRequest(scimerr.InvalidFilter, format, args...)
}
