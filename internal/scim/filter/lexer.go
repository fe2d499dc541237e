package filter

import (
	"encoding/json"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenString
	tokenOpenParen
	tokenCloseParen
	tokenOpenBracket
	tokenCloseBracket
)

// token is one lexical unit; text of a string is decoded.
type token struct {
	kind tokenKind
	text string
	// spaced tells that white space came before, which the grammar demands between some units.
	spaced bool
}

// lexer cuts a filter into tokens in one pass.
type lexer struct {
	input string
	pos   int
}

func (l *lexer) next() (token, error) {
	start := l.pos
	for l.pos < len(l.input) && (l.input[l.pos] == ' ' || l.input[l.pos] == '\t') {
		l.pos++
	}
	t := token{spaced: l.pos > start}
	if l.pos == len(l.input) {
		return t, nil
	}
	switch l.input[l.pos] {
	case '(':
		return l.punctuation(t, tokenOpenParen), nil
	case ')':
		return l.punctuation(t, tokenCloseParen), nil
	case '[':
		return l.punctuation(t, tokenOpenBracket), nil
	case ']':
		return l.punctuation(t, tokenCloseBracket), nil
	case '"':
		return l.quoted(t)
	}
	begin := l.pos
	for l.pos < len(l.input) && !strings.ContainsRune(" \t()[]\"", rune(l.input[l.pos])) {
		l.pos++
	}
	t.kind, t.text = tokenWord, l.input[begin:l.pos]
	return t, nil
}

func (l *lexer) punctuation(t token, kind tokenKind) token {
	t.kind, t.text = kind, l.input[l.pos:l.pos+1]
	l.pos++
	return t
}

// quoted reads a JSON string literal, escapes included (F-14).
func (l *lexer) quoted(t token) (token, error) {
	end := l.pos + 1
	for end < len(l.input) && l.input[end] != '"' {
		if l.input[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(l.input) {
		return t, scimerr.BadRequest(scimerr.InvalidFilter, "a string has no closing quotation mark")
	}
	literal := l.input[l.pos : end+1]
	if err := json.Unmarshal([]byte(literal), &t.text); err != nil {
		return t, scimerr.BadRequest(scimerr.InvalidFilter, "a string is not a JSON string: check its escapes")
	}
	t.kind = tokenString
	l.pos = end + 1
	return t, nil
}
