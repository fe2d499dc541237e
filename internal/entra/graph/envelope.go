package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// messageLimit keeps a message fit for a condition.
const messageLimit = 600

// envelope is the OData error of Graph, and of the token endpoint as far as the two
// differ: there "error" is the code itself.
type envelope struct {
	Error       json.RawMessage `json:"error"`
	Description string          `json:"error_description"`
}

type odataError struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	InnerError struct {
		Date      string `json:"date"`
		RequestID string `json:"request-id"`
	} `json:"innerError"`
}

// errorOf reads what an answer says, whatever its form. Bodies that are not Graph's own
// come from a proxy or a gateway, so a piece of them is all there is to show.
func errorOf(op operation, a *answer) *entra.Error {
	e := &entra.Error{
		Operation:  op.doing,
		Status:     a.status,
		RequestID:  a.header.Get("request-id"),
		Date:       dateOf(a.header),
		RetryAfter: retryAfter(a.header),
	}
	var env envelope
	if err := json.Unmarshal(a.body, &env); err != nil || len(env.Error) == 0 {
		e.Message = foreignText(a)
		return e
	}
	var inner odataError
	if json.Unmarshal(env.Error, &inner) != nil {
		_ = json.Unmarshal(env.Error, &e.Code) // a string, or a form that nobody has described
		e.Message = brief(env.Description)
		return e
	}
	e.Code = inner.Code
	e.Message = brief(unwrapMessage(inner.Message))
	e.RequestID = cmp.Or(e.RequestID, inner.InnerError.RequestID)
	if d, err := time.Parse("2006-01-02T15:04:05", inner.InnerError.Date); err == nil {
		e.Date = d
	}
	return e
}

// unwrapMessage takes the text out of a message that is itself JSON, which is how the
// service behind the synchronization segment speaks.
func unwrapMessage(message string) string {
	var inner struct{ Message string }
	if json.Unmarshal([]byte(message), &inner) == nil && inner.Message != "" {
		return inner.Message
	}
	return message
}

// foreignText describes a body that is not an OData error.
func foreignText(a *answer) string {
	body := bytes.TrimSpace(a.body)
	switch {
	case len(body) == 0:
		return ""
	case bytes.HasPrefix(body, []byte("<")):
		return fmt.Sprintf("a page of type %s, which is not Graph's: is there a proxy or gateway in between?", a.header.Get("Content-Type"))
	default:
		return brief(string(body))
	}
}

// brief puts a text on one line of limited length.
func brief(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) <= messageLimit {
		return s
	}
	return strings.ToValidUTF8(s[:messageLimit], "") + "..."
}

func dateOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// retryAfter reads the header in both of its forms (RFC 9110 section 10.2.3). A date is
// taken relative to the answer's own, so that our clock does not matter.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(v); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(v)
	from := dateOf(h)
	if err != nil || from.IsZero() || !until.After(from) {
		return 0
	}
	return until.Sub(from)
}
