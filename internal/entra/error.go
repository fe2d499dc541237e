package entra

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is an answer of Graph that is not a success, or the lack of one.
type Error struct {
	Operation string // what failed, e.g. "could not create the provisioning job"
	Status    int    // HTTP status; 0 when there was no answer
	Code      string // error.code of the OData envelope
	Message   string // error.message
	RequestID string // for Microsoft's support
	Date      time.Time
	// RetryAfter is the header's value, zero when it was absent.
	RetryAfter time.Duration
	// NotSent is true where Graph cannot have seen the request: there was no access token or no connection.
	NotSent bool
	// Err is the transport's error where there was no answer that could be read.
	Err error
}

// Error names the operation, the status, Graph's code and message, and the request ID.
func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s: no usable answer: %v", e.Operation, e.Err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: Entra answered %d", e.Operation, e.Status)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		b.WriteString(" (request-id " + e.RequestID + ")")
	}
	return b.String()
}

// Unwrap gives the transport's error.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound is true for a 404: the object does not exist, or is not replicated yet.
func IsNotFound(err error) bool { return statusOf(err) == http.StatusNotFound }

// Unclear is true when the request may have taken effect although it failed: it was
// sent and there was no usable answer, a 404 to a creation (Graph creates and then
// does not find it) or a 5xx.
func Unclear(err error) bool {
	if err == nil {
		return false
	}
	var e *Error
	if !errors.As(err, &e) {
		return true
	}
	if e.NotSent {
		return false
	}
	return e.Status == 0 || e.Status == http.StatusNotFound || e.Status >= http.StatusInternalServerError
}

// IsCredentialProblem is true when Entra's validation blames the SCIM endpoint or its
// token, which it does not when it merely has none stored (CredentialsMissing).
func IsCredentialProblem(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Status < 400 || e.Status >= 500 || e.Code == "CredentialsMissing" {
		return false
	}
	return strings.Contains(e.Code, "Credential") || strings.Contains(e.Code, "SystemForCrossDomainIdentityManagement")
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}
