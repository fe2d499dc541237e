package odata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Object is a JSON object.
type Object = map[string]any

// Filter decides whether an object is part of the answer.
type Filter func(Object) bool

// parseFilter reads a $filter: eq, ne, ge, gt, le, lt, in, and, or, not, parentheses, startswith, endswith, contains, tolower
// and collection/any(x:x eq 'text'). Anything else is an error that names what was not understood. advanced says whether
// the filter uses an operator that directory objects answer only as an advanced query.
func parseFilter(text string, exact bool) (f Filter, advanced bool, err error) {
	p := &filterParser{tokens: tokenize(text), exact: exact}
	if f, err = p.disjunction(); err != nil {
		return nil, false, err
	}
	if p.peek() != "" {
		return nil, false, fmt.Errorf("unexpected %q", p.peek())
	}
	return f, p.advanced, nil
}

// operand reads a value out of an object.
type operand func(Object) any

type filterParser struct {
	tokens   []string
	at       int
	exact    bool // texts are compared with regard to case
	advanced bool // an operator was read that only advanced queries have
}

// tokenize splits into quoted texts (kept with their opening quote), punctuation and words.
func tokenize(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case ch == ' ' || ch == '\t':
			i++
		case strings.IndexByte("(),:", ch) >= 0:
			out = append(out, string(ch))
			i++
		case ch == '\'':
			literal, next := quoted(text, i+1)
			out = append(out, "'"+literal)
			i = next
		default:
			end := i
			for end < len(text) && strings.IndexByte(" \t(),'", text[end]) < 0 && (text[end] != ':' || isTime(text, i, end)) {
				end++
			}
			out = append(out, text[i:end])
			i = end
		}
	}
	return out
}

// isTime says whether the colon at end is inside a timestamp rather than the one of a lambda.
func isTime(text string, start, end int) bool {
	return end > start && text[start] >= '0' && text[start] <= '9'
}

// quoted reads to the closing quote; a doubled quote stands for one.
func quoted(text string, i int) (literal string, next int) {
	var b strings.Builder
	for i < len(text) {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			i++
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i += 2
			continue
		}
		return b.String(), i + 1
	}
	return b.String(), i
}

func (p *filterParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *filterParser) next() string {
	t := p.peek()
	p.at++
	return t
}

func (p *filterParser) expect(token string) error {
	if got := p.next(); got != token {
		return fmt.Errorf("expected %q, found %q", token, got)
	}
	return nil
}

func (p *filterParser) disjunction() (Filter, error) {
	left, err := p.conjunction()
	for err == nil && p.peek() == "or" {
		p.next()
		var right Filter
		if right, err = p.conjunction(); err == nil {
			a := left
			left = func(o Object) bool { return a(o) || right(o) }
		}
	}
	return left, err
}

func (p *filterParser) conjunction() (Filter, error) {
	left, err := p.term()
	for err == nil && p.peek() == "and" {
		p.next()
		var right Filter
		if right, err = p.term(); err == nil {
			a := left
			left = func(o Object) bool { return a(o) && right(o) }
		}
	}
	return left, err
}

func (p *filterParser) term() (Filter, error) {
	switch p.peek() {
	case "(":
		p.next()
		f, err := p.disjunction()
		if err != nil {
			return nil, err
		}
		return f, p.expect(")")
	case "not":
		p.advanced = true
		p.next()
		f, err := p.term()
		return func(o Object) bool { return !f(o) }, err
	case "startswith", "endswith", "contains":
		return p.textFunction(p.next())
	}
	if collection, lambda := strings.CutSuffix(p.peek(), "/any"); lambda {
		p.next()
		return p.anyOf(collection)
	}
	return p.comparison()
}

func (p *filterParser) textFunction(name string) (Filter, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	test := strings.Contains
	switch name {
	case "startswith":
		test = strings.HasPrefix
	case "endswith":
		p.advanced, test = true, strings.HasSuffix
	}
	return func(o Object) bool {
		s, ok := left(o).(string)
		part, _ := right(o).(string)
		return ok && test(p.fold(s), p.fold(part))
	}, p.expect(")")
}

// fold is the form in which texts are compared: directory objects do so without regard to case.
func (p *filterParser) fold(s string) string {
	if p.exact {
		return s
	}
	return strings.ToLower(s)
}

// anyOf reads (x:x eq 'text') after collection/any. The comparison is made for an object whose only property is x.
func (p *filterParser) anyOf(collection string) (Filter, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	variable := p.next()
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	inner, err := p.comparison()
	if err != nil {
		return nil, err
	}
	return func(o Object) bool {
		elements, _ := o[collection].([]any)
		for _, e := range elements {
			if inner(Object{variable: e}) {
				return true
			}
		}
		return false
	}, p.expect(")")
}

func (p *filterParser) comparison() (Filter, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := p.next()
	if operator == "in" {
		return p.oneOf(left)
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	switch operator {
	case "eq":
		return func(o Object) bool { return p.compare(left(o), right(o)) == 0 }, nil
	case "ne":
		p.advanced = true
		return func(o Object) bool { return p.compare(left(o), right(o)) != 0 }, nil
	case "gt", "ge", "lt", "le":
		return func(o Object) bool {
			switch c := p.compare(left(o), right(o)); operator {
			case "gt":
				return c == 1
			case "ge":
				return c == 0 || c == 1
			case "lt":
				return c == -1
			default:
				return c == 0 || c == -1
			}
		}, nil
	default:
		return nil, fmt.Errorf("unknown operator %q", operator)
	}
}

// oneOf reads the list of x in ('a','b').
func (p *filterParser) oneOf(left operand) (Filter, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var list []operand
	for {
		element, err := p.operand()
		if err != nil {
			return nil, err
		}
		list = append(list, element)
		if p.peek() != "," {
			break
		}
		p.next()
	}
	return func(o Object) bool {
		return slices.ContainsFunc(list, func(element operand) bool { return p.compare(left(o), element(o)) == 0 })
	}, p.expect(")")
}

func (p *filterParser) compare(a, b any) int { return compare(a, b, p.fold) }

func (p *filterParser) operand() (operand, error) {
	token := p.next()
	switch {
	case token == "":
		return nil, fmt.Errorf("the filter ends too early")
	case token == "tolower":
		if err := p.expect("("); err != nil {
			return nil, err
		}
		inner, err := p.operand()
		if err != nil {
			return nil, err
		}
		return func(o Object) any {
			s, _ := inner(o).(string)
			return strings.ToLower(s)
		}, p.expect(")")
	case token[0] == '\'':
		return constant(token[1:]), nil
	case token == "true" || token == "false":
		return constant(token == "true"), nil
	case token == "null":
		return constant(nil), nil
	}
	if n, err := strconv.ParseFloat(token, 64); err == nil {
		return constant(n), nil
	}
	if at, err := time.Parse(time.RFC3339, token); err == nil {
		return constant(at), nil
	}
	return func(o Object) any { return Property(o, token) }, nil
}

func constant(v any) operand { return func(Object) any { return v } }

// Property reads a property by its path, such as servicePrincipal/id.
func Property(o Object, path string) any {
	name, rest, nested := strings.Cut(path, "/")
	value := o[name]
	if !nested {
		return value
	}
	inner, _ := value.(map[string]any)
	return Property(inner, rest)
}

// incomparable is the outcome of comparing values of different kinds.
const incomparable = 2

// compare gives -1, 0, 1 or incomparable. Texts are compared in the form that fold gives them.
func compare(a, b any, fold func(string) string) int {
	if at, ok := b.(time.Time); ok {
		s, _ := a.(string)
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return incomparable
		}
		return parsed.Compare(at)
	}
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(fold(a), fold(b))
		}
	case bool:
		if b, ok := b.(bool); ok && a == b {
			return 0
		}
	case nil:
		if b == nil {
			return 0
		}
	case int, float64:
		if b, ok := b.(float64); ok {
			n, _ := strconv.ParseFloat(fmt.Sprint(a), 64)
			switch {
			case n < b:
				return -1
			case n > b:
				return 1
			}
			return 0
		}
	}
	return incomparable
}
