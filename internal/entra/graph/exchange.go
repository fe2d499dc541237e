package graph

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// errorBodyLimit is how much of an error's body is read: Graph's are short, a proxy's
// page may not be.
const errorBodyLimit = 64 << 10

// exchange is what the transport saw of one call. The SDK keeps neither the status nor
// the headers of an error whose body is not the JSON that it expects, and takes a
// redirect for success; both matter here.
type exchange struct {
	op   operation
	sent atomic.Bool
	last *answer
}

// answer is an HTTP answer that is not a success.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// Error says no more than the status: translate reads the rest.
func (a *answer) Error() string { return fmt.Sprintf("HTTP status %d", a.status) }

type exchangeKey struct{}

func withExchange(ctx context.Context, op operation) (context.Context, *exchange) {
	ex := &exchange{op: op}
	return context.WithValue(ctx, exchangeKey{}, ex), ex
}

func exchangeOf(ctx context.Context) *exchange {
	ex, _ := ctx.Value(exchangeKey{}).(*exchange)
	return ex
}

// recorder keeps the answer of each failed request in the exchange of its context.
type recorder struct{ next http.RoundTripper }

// RoundTrip passes the request on and leaves the body of the response readable.
func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	ex := exchangeOf(req.Context())
	if ex == nil {
		return r.next.RoundTrip(req)
	}
	ex.last = nil
	// Traced here and not for the whole call, whose context the request for the token shares.
	trace := &httptrace.ClientTrace{WroteHeaders: func() { ex.sent.Store(true) }}
	resp, err := r.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil || resp.StatusCode < http.StatusMultipleChoices {
		return resp, err
	}
	// A body that breaks off is used as far as it came: the status says more.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, errorBodyLimit))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	ex.last = &answer{status: resp.StatusCode, header: resp.Header, body: body}
	return resp, nil
}
