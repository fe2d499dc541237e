package expr

import (
	"fmt"
	"strings"
	"unicode"
)

type tokenKind int

const (
	tokenEnd       tokenKind = iota
	tokenName                // a function's name, or a keyword such as vbTextCompare
	tokenAttribute           // [name]
	tokenString              // "text", escapes resolved
	tokenNumber              // 42, -1, &HFF; as written
	tokenOperator            // = <> > >= < <=
	tokenOpen                // (
	tokenClose               // )
	tokenComma               // ,
)

type token struct {
	kind tokenKind
	text string
	at   position
}

// describe names the token as an error message quotes it.
func (t token) describe() string {
	switch t.kind {
	case tokenEnd:
		return "the end of the expression"
	case tokenAttribute:
		return "[" + t.text + "]"
	case tokenString:
		return quote(t.text)
	default:
		return fmt.Sprintf("%q", t.text)
	}
}

type lexer struct {
	text []rune
	next int
	at   position
}

func newLexer(text string) *lexer {
	return &lexer{text: []rune(text), at: position{line: 1, column: 1}}
}

// peek returns the next character, or 0 at the end; a real NUL is refused before the lexer sees it.
func (l *lexer) peek() rune {
	if l.next == len(l.text) {
		return 0
	}
	return l.text[l.next]
}

func (l *lexer) advance() rune {
	r := l.text[l.next]
	l.next++
	if r == '\n' {
		l.at.line++
		l.at.column = 1
	} else {
		l.at.column++
	}
	return r
}

func (l *lexer) takeWhile(accept func(rune) bool) string {
	start := l.next
	for l.next < len(l.text) && accept(l.text[l.next]) {
		l.advance()
	}
	return string(l.text[start:l.next])
}

// token reads the next token.
func (l *lexer) token() (token, *Error) {
	l.takeWhile(unicode.IsSpace)
	at, r := l.at, l.peek()
	switch {
	case l.next == len(l.text):
		return token{kind: tokenEnd, at: at}, nil
	case r == '(':
		return token{tokenOpen, string(l.advance()), at}, nil
	case r == ')':
		return token{tokenClose, string(l.advance()), at}, nil
	case r == ',':
		return token{tokenComma, string(l.advance()), at}, nil
	case r == '[':
		return l.attribute()
	case r == '"':
		return l.string()
	case strings.ContainsRune("=<>", r):
		return token{tokenOperator, l.operator(), at}, nil
	case r == '-' || r == '&' || isDigit(r):
		return l.number()
	case isNameStart(r):
		return token{tokenName, l.takeWhile(isNamePart), at}, nil
	case strings.ContainsRune("“”„‟«»'‘’`", r):
		return token{}, at.errorf("%q does not start a text; texts stand in straight double quotes: \"text\"", r)
	default:
		return token{}, at.expected("a function, an [attribute], a \"text\" or a number", fmt.Sprintf("%q", string(r)))
	}
}

// attribute reads [name]. No way to write a bracket inside a name is documented, so a bracket there is an error.
func (l *lexer) attribute() (token, *Error) {
	at := l.at
	l.advance()
	name := l.takeWhile(func(r rune) bool { return r != ']' && r != '[' && !unicode.IsControl(r) })
	if l.peek() != ']' {
		return token{}, l.at.expected("] after the attribute name "+fmt.Sprintf("%q", name), l.found())
	}
	l.advance()
	if name == "" {
		return token{}, at.errorf("the attribute name in [] is empty")
	}
	if strings.TrimSpace(name) != name {
		return token{}, at.errorf("the attribute name in [%s] has a space at its start or end", name)
	}
	return token{tokenAttribute, name, at}, nil
}

// string reads "text". A backslash stands only before a double quote or another backslash.
func (l *lexer) string() (token, *Error) {
	at := l.at
	l.advance()
	var text strings.Builder
	for l.next < len(l.text) {
		here := l.at
		switch r := l.advance(); r {
		case '"':
			return token{tokenString, text.String(), at}, nil
		case '\\':
			escaped := l.peek()
			if escaped != '"' && escaped != '\\' {
				return token{}, here.errorf(`a backslash in a text is written as \\, a double quote as \"; found \ before %s`, l.found())
			}
			text.WriteRune(l.advance())
		default:
			text.WriteRune(r)
		}
	}
	return token{}, at.errorf("the text that starts here has no closing double quote")
}

func (l *lexer) operator() string {
	first := l.advance()
	if second := l.peek(); second == '=' && first != '=' || second == '>' && first == '<' {
		return string(first) + string(l.advance())
	}
	return string(first)
}

// number reads an integer, with or without a minus, or a hexadecimal number as &H and digits.
func (l *lexer) number() (token, *Error) {
	at, prefix, accept := l.at, "", isDigit
	switch l.peek() {
	case '-':
		prefix = string(l.advance())
	case '&':
		prefix = string(l.advance())
		if l.peek() != 'H' {
			return token{}, l.at.expected("H after &, as in &HFF", l.found())
		}
		prefix += string(l.advance())
		accept = isHexDigit
	}
	digits := l.takeWhile(accept)
	if digits == "" {
		return token{}, l.at.expected("a digit after "+prefix, l.found())
	}
	if r := l.peek(); r == '.' || isNameStart(r) {
		return token{}, l.at.expected("the end of the whole number "+prefix+digits, l.found())
	}
	return token{tokenNumber, prefix + digits, at}, nil
}

// found describes the next character for an error.
func (l *lexer) found() string {
	if l.next == len(l.text) {
		return "the end of the expression"
	}
	return fmt.Sprintf("%q", string(l.peek()))
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isHexDigit(r rune) bool {
	return isDigit(r) || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
}

func isNameStart(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isNamePart(r rune) bool { return isNameStart(r) || isDigit(r) || r == '_' }

// quote writes text as a constant of the language.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
