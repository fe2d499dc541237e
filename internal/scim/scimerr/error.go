package scimerr

import (
	"errors"
	"fmt"
	"net/http"
)

// Type is a scimType, the machine-readable detail of a 400 or 409 (RFC 7644 table 9, RFC 9865).
type Type string

// The scimType values that this endpoint answers with.
const (
	InvalidFilter Type = "invalidFilter"
	TooMany       Type = "tooMany"
	Uniqueness    Type = "uniqueness"
	Mutability    Type = "mutability"
	InvalidSyntax Type = "invalidSyntax"
	InvalidPath   Type = "invalidPath"
	NoTarget      Type = "noTarget"
	InvalidValue  Type = "invalidValue"
	InvalidVers   Type = "invalidVers"
	// These are of RFC 9865.
	InvalidCursor Type = "invalidCursor"
	ExpiredCursor Type = "expiredCursor"
	InvalidCount  Type = "invalidCount"
)

// Error is a refusal that the client may read: Detail names the attribute or operation and the remedy, and
// holds no secret and no other resource's value (H-15).
type Error struct {
	// Status is the HTTP status code.
	Status int
	// Type is the scimType, empty where RFC 7644 gives none.
	Type Type
	// Detail is the sentence for people.
	Detail string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("%d: %s", e.Status, e.Detail)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Detail)
}

// BadRequest is a 400 with a scimType.
func BadRequest(t Type, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: t, Detail: fmt.Sprintf(format, args...)}
}

// Conflict is a 409 with scimType uniqueness.
func Conflict(format string, args ...any) *Error {
	return &Error{Status: http.StatusConflict, Type: Uniqueness, Detail: fmt.Sprintf(format, args...)}
}

// New is an error with a status that has no scimType.
func New(status int, format string, args ...any) *Error {
	return &Error{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// Prefix puts context, such as the number of a PATCH operation, before the detail of a SCIM error; any other
// error is wrapped.
func Prefix(err error, format string, args ...any) error {
	context := fmt.Sprintf(format, args...)
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Status: e.Status, Type: e.Type, Detail: context + ": " + e.Detail}
	}
	return fmt.Errorf("%s: %w", context, err)
}
