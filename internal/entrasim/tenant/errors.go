package tenant

import (
	"fmt"
	"net/http"
)

// Error is a refusal in the shape of a Graph error: HTTP status, code and message.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// NotFound is Graph's answer for an object that does not exist or is not replicated yet.
func NotFound(id string) *Error {
	return &Error{http.StatusNotFound, "Request_ResourceNotFound",
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)}
}

// BadRequest is Graph's answer to a body that it understands and refuses.
func BadRequest(format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, "Request_BadRequest", fmt.Sprintf(format, args...)}
}

// UnknownError is what the synchronization service answers for a missing permission and for a principal that is too
// young: status 401, this code, no message.
func UnknownError() *Error { return &Error{http.StatusUnauthorized, "UnknownError", ""} }

// NotServed is the synchronization service's answer to a verb or path that it does not have.
func NotServed(path string) *Error {
	return &Error{http.StatusNotFound, "UnknownError", fmt.Sprintf(
		`{"Message":"No HTTP resource was found that matches the request URI 'https://syncfabric.windowsazure.com/api/%s?api-version=2.0'."}`,
		path)}
}
