package expr

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

const (
	// MaxLength is the most characters that Entra accepts in one expression.
	MaxLength = 10_000
	// MaxDepth is how deep calls may be nested. Entra documents no limit; no expression that a person can read comes near, and it
	// bounds the recursion on hostile ones.
	MaxDepth = 64
)

// keywords are the constants that stand without quotes, besides numbers.
var keywords = []string{"vbBinaryCompare", "vbTextCompare"}

// Parse reads an expression: a call, or a bare [attribute] or constant, which Entra treats as a direct or a constant mapping. Names of
// functions, numbers of arguments and left-out arguments are checked; attribute names are not, for they depend on the directory.
// The error is an *Error.
func Parse(text string) (*Node, error) {
	node, err := parse(text)
	if err != nil {
		return nil, err
	}
	return node, nil
}

func parse(text string) (*Node, *Error) {
	if n := utf8.RuneCountInString(text); n > MaxLength {
		return nil, position{1, 1}.errorf("the expression has %d characters; Entra accepts at most %d", n, MaxLength)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, position{1, 1}.errorf("the expression is not UTF-8 text")
	}
	p := &parser{lexer: newLexer(text)}
	if err := p.advance(); err != nil {
		return nil, err
	}
	node, err := p.operand(1)
	if err != nil {
		return nil, err
	}
	if p.token.kind == tokenOperator {
		return nil, p.token.at.errorf("a comparison stands only in IIF or CBool; write IIF(%s %s ..., ..., ...)", node, p.token.text)
	}
	if p.token.kind != tokenEnd {
		return nil, p.token.at.expected("the end of the expression", p.token.describe())
	}
	return node, nil
}

type parser struct {
	lexer *lexer
	token token // the next one, not consumed yet
}

func (p *parser) advance() (err *Error) {
	p.token, err = p.lexer.token()
	return err
}

// operand reads a call, an attribute or a constant.
func (p *parser) operand(depth int) (*Node, *Error) {
	t := p.token
	switch t.kind {
	case tokenAttribute:
		return &Node{kind: Attribute, text: t.text, at: t.at}, p.advance()
	case tokenString:
		return &Node{kind: Constant, text: t.text, at: t.at}, p.advance()
	case tokenNumber:
		return &Node{kind: Constant, text: t.text, bare: true, at: t.at}, p.advance()
	case tokenName:
		if slices.Contains(keywords, t.text) {
			return &Node{kind: Constant, text: t.text, bare: true, at: t.at}, p.advance()
		}
		return p.call(depth)
	default:
		return nil, t.at.expected("a function, an [attribute], a \"text\" or a number", t.describe())
	}
}

// call reads Name(arguments).
func (p *parser) call(depth int) (*Node, *Error) {
	name := p.token
	if depth > MaxDepth {
		return nil, name.at.errorf("calls are nested more than %d deep; simplify the expression", MaxDepth)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind != tokenOpen {
		return nil, notACall(name, p.token)
	}
	fn := lookup(name.text)
	if fn == nil {
		return nil, unknownFunction(name.text, name.at)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	arguments, err := p.arguments(fn, depth)
	if err != nil {
		return nil, err
	}
	node := &Node{kind: Function, text: name.text, function: fn, arguments: arguments, at: name.at}
	return node, fn.checkArguments(node)
}

// arguments reads what stands between the parentheses, the closing one included.
func (p *parser) arguments(fn *function, depth int) ([]*Node, *Error) {
	if p.token.kind == tokenClose {
		return nil, p.advance()
	}
	var arguments []*Node
	for {
		argument, err := p.argument(fn, len(arguments), depth)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, argument)
		switch p.token.kind {
		case tokenComma:
			if err := p.advance(); err != nil {
				return nil, err
			}
		case tokenClose:
			return arguments, p.advance()
		default:
			return nil, p.token.at.expected("a comma or ) in the arguments of "+fn.name, p.token.describe())
		}
	}
}

func (p *parser) argument(fn *function, index, depth int) (*Node, *Error) {
	if p.token.kind == tokenComma || p.token.kind == tokenClose {
		return &Node{kind: Empty, at: p.token.at}, nil
	}
	left, err := p.operand(depth + 1)
	if err != nil || p.token.kind != tokenOperator {
		return left, err
	}
	operator := p.token
	if parameter := fn.parameter(index); parameter == nil || !parameter.condition {
		return nil, operator.at.errorf("a comparison stands only in IIF or CBool, not in an argument of %s", fn.name)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.operand(depth + 1)
	if err != nil {
		return nil, err
	}
	return &Node{kind: Condition, text: operator.text, arguments: []*Node{left, right}, at: left.at}, nil
}

// notACall explains a name that no parenthesis follows: a call without arguments, or a text or attribute without its marks.
func notACall(name, found token) *Error {
	if lookup(name.text) != nil {
		return found.at.expected("( after the function "+name.text, found.describe())
	}
	err := name.at.errorf("%s is neither a call, an attribute nor a text; write %s(...), [%s] or %q", name.text, name.text, name.text, name.text)
	err.Suggestion, _ = nearest.Name(name.text, append(functionNames(), keywords...))
	return err
}

func unknownFunction(name string, at position) *Error {
	err := at.expected("a known function", fmt.Sprintf("%q", name))
	err.Suggestion, _ = nearest.Name(name, functionNames())
	return err
}
