package expr

import (
	"fmt"
	"strings"
)

// Error is a fault of an expression at a place in its text. Parse, FromSource and Evaluate return it as *Error.
type Error struct {
	// Line and Column are 1-based; columns count characters. Both are 0 where the expression has no text of its own.
	Line, Column int
	// Expected says what the language allows at that place; empty where Message says it all.
	Expected string
	// Message says what was found or what is wrong, with the remedy.
	Message string
	// Suggestion is the nearest known name; empty when none is near.
	Suggestion string
	// Attribute is the name that the source object does not have, where that is the fault; else empty. Only Check sets it.
	Attribute string
}

// Error implements error: position, what was expected, what was found, the suggestion.
func (e *Error) Error() string {
	var text strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&text, "line %d, column %d: ", e.Line, e.Column)
	}
	if e.Expected != "" {
		fmt.Fprintf(&text, "expected %s, found ", e.Expected)
	}
	text.WriteString(e.Message)
	if e.Suggestion != "" {
		fmt.Fprintf(&text, "; did you mean %q?", e.Suggestion)
	}
	return text.String()
}

// position is a place in the text; the zero value is no place.
type position struct{ line, column int }

func (p position) errorf(format string, args ...any) *Error {
	return &Error{Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...)}
}

func (p position) expected(what, found string) *Error {
	return &Error{Line: p.line, Column: p.column, Expected: what, Message: found}
}
