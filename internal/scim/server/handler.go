package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// errorURN is the schema of an error body (RFC 7644 section 3.12).
const errorURN = "urn:ietf:params:scim:api:messages:2.0:Error"

// handlerTimeout is below the 60 seconds after which Entra counts a request as failed.
const handlerTimeout = 50 * time.Second

// storeRetryAfter is how many seconds a client is asked to wait for a store that the operator does not know yet.
const storeRetryAfter = "30"

// ServeHTTP implements http.Handler. Authentication wraps all routes and sees the same, once-decoded path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := s.now()
	c := &call{w: w, r: r, requestID: uuid.NewString(), registry: s.options.Schemas(), settings: s.options.Settings()}
	header := w.Header()
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
	header.Set("X-Request-Id", c.requestID)
	if s.secure {
		header["Strict-Transport-Security"] = secureOnly
	}

	route := s.route(c)
	r.Pattern = route.pattern // names the span of the request
	err := s.serve(c, route)
	broken := err != nil && c.spilled
	if err != nil && !broken {
		s.fail(c, err)
	}
	c.release()
	took := s.now().Sub(started)
	name := methodLabel(r.Method)
	s.metrics.observe(name, route.pattern, c.status, took)
	s.logRequest(c, name, route, took)
	if broken {
		s.log.Error("answer cut off", "requestID", c.requestID, "error", err)
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
}

// logRequest logs who asked for what and what came of it, and nothing of the content.
func (s *Server) logRequest(c *call, method string, route *route, took time.Duration) {
	attributes := []slog.Attr{
		slog.String("requestID", c.requestID), slog.String("method", method),
		slog.String("route", route.pattern), slog.Int("status", c.status), slog.Int64("durationMS", took.Milliseconds()),
		slog.String("token", c.identity.TokenID), slog.String("resourceID", c.resourceID),
	}
	if c.refused != nil {
		attributes = append(attributes, slog.String("refused", c.refused.Error()))
	}
	s.log.LogAttrs(c.r.Context(), slog.LevelInfo, "request", attributes...)
}

// The values of headers that every answer has (H-12).
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
	// secureOnly is for clients that come by HTTPS, here or to the proxy in front.
	secureOnly = []string{"max-age=31536000"}
)

// serve authenticates and runs one request; a panic becomes an error, so that one request cannot end others.
func (s *Server) serve(c *call, route *route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", "requestID", c.requestID, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("a handler panicked")
		}
	}()
	if !route.own {
		ctx, cancel := context.WithTimeout(c.r.Context(), handlerTimeout)
		defer cancel()
		c.r = c.r.WithContext(ctx)
	}
	if err := s.authenticate(c, route); err != nil {
		return err
	}
	if len(c.r.URL.Path)+len(c.r.URL.RawQuery) >= maxURL && len(c.r.URL.RequestURI()) > maxURL {
		return scimerr.New(http.StatusRequestURITooLong, "the URL is longer than %d bytes", maxURL)
	}
	if route.err != nil {
		return route.err
	}
	method, err := s.admit(c, route)
	if err != nil {
		return err
	}
	if route.own {
		return method.handle(c, nil)
	}
	if err := s.begin(c); err != nil {
		return err
	}
	defer s.end(c)
	if c.query, err = parseQuery(c.r.URL.RawQuery); err != nil {
		return err
	}
	var rt *schema.ResourceType
	if route.typeName != "" {
		rt = c.registry.ResourceType(route.typeName)
	}
	return method.handle(c, rt)
}

// admit finds the method of a route and holds the request back or refuses it where that is due.
func (s *Server) admit(c *call, route *route) (method, error) {
	m, ok := route.method(c.r.Method)
	if !ok {
		c.w.Header().Set("Allow", route.allow())
		return m, scimerr.New(http.StatusMethodNotAllowed, "%s allows %s", route.pattern, route.allow())
	}
	if c.identity.Scope == auth.Read && !m.reads {
		return m, scimerr.New(http.StatusForbidden, "this token has scope read and cannot change anything")
	}
	if c.identity.TokenID != "" {
		if err := s.waitTurn(c); err != nil {
			return m, err
		}
	}
	if !route.discovery && !s.options.StoreExpected() {
		c.w.Header().Set("Retry-After", storeRetryAfter)
		return m, scimerr.New(http.StatusServiceUnavailable, "the store is not the one expected here: it waits until it has been compared with the directory")
	}
	return m, nil
}

// waitTurn counts a request, or a part of a bulk request (B-10), against the rate limit of its token.
func (s *Server) waitTurn(c *call) error {
	retryAfter, err := wait(c.r.Context(), s.limits.ofToken(c.identity.TokenID, c.settings))
	if retryAfter != "" {
		c.w.Header().Set("Retry-After", retryAfter)
	}
	return err
}

// authenticate accepts one Authorization header with a bearer token whose hash is in the set. All failures
// answer the same.
func (s *Server) authenticate(c *call, route *route) error {
	headers := c.r.Header["Authorization"]
	if len(headers) == 0 && route.public && c.r.Method == http.MethodGet {
		return nil
	}
	if len(headers) == 1 {
		scheme, token, _ := strings.Cut(headers[0], " ")
		if !strings.EqualFold(scheme, "Bearer") {
			token = ""
		}
		if c.identity, c.refused = s.options.Verifier.Verify(strings.TrimSpace(token)); c.refused == nil {
			return nil
		}
	}
	if !s.limits.admitFailure(c.r.RemoteAddr) {
		c.w.Header().Set("Retry-After", "1")
		return scimerr.New(http.StatusTooManyRequests, "too many requests without an accepted token")
	}
	challenge := `Bearer realm="scim"`
	if len(headers) > 0 {
		challenge += `, error="invalid_token"`
	}
	c.w.Header().Set("WWW-Authenticate", challenge)
	return scimerr.New(http.StatusUnauthorized, "send an Authorization header with a bearer token that this endpoint accepts")
}

// fail turns an error into a SCIM error body. What is not meant for the client is logged and not shown (H-15).
func (s *Server) fail(c *call, err error) {
	e := asSCIM(err)
	if e.Status >= http.StatusInternalServerError && e.Status != http.StatusNotImplemented {
		s.log.Error("request failed", "requestID", c.requestID, "error", err)
	}
	header := c.w.Header()
	if e.Status == http.StatusServiceUnavailable && header.Get("Retry-After") == "" {
		header.Set("Retry-After", "1")
	}
	for _, name := range []string{"ETag", "Location", "Content-Location"} {
		header.Del(name) // of an answer that did not come about
	}
	out := c.out()
	*out = appendError((*out)[:0], e)
	_ = c.finish(e.Status)
}

// appendError appends the body of an error (H-13, H-14).
func appendError(dst []byte, e *scimerr.Error) []byte {
	dst = append(dst, `{"schemas":["`+errorURN+`"],"status":"`...)
	dst = strconv.AppendInt(dst, int64(e.Status), 10)
	dst = append(dst, '"')
	if e.Type != "" {
		dst = append(dst, `,"scimType":"`+string(e.Type)+`"`...)
	}
	dst = append(dst, `,"detail":`...)
	return append(resource.AppendString(dst, e.Detail), '}')
}

// asSCIM is the one place that gives the errors of the lower packages their HTTP form.
func asSCIM(err error) *scimerr.Error {
	var e *scimerr.Error
	var unknown *store.UnknownMemberError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &unknown):
		return scimerr.BadRequest(scimerr.InvalidValue, "members: no User or Group has the id %q", unknown.ID)
	case errors.Is(err, store.ErrNotFound):
		return scimerr.New(http.StatusNotFound, "the resource does not exist")
	case errors.Is(err, store.ErrUserNameTaken):
		return scimerr.Conflict("userName is already in use")
	case errors.Is(err, store.ErrVersionChanged):
		return scimerr.New(http.StatusServiceUnavailable, "others change the resource all the time: send it again")
	case errors.Is(err, store.ErrUnavailable):
		return scimerr.New(http.StatusServiceUnavailable, "the store cannot take the request now: send it again")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return scimerr.New(http.StatusServiceUnavailable, "the request took too long: send it again")
	}
	return scimerr.New(http.StatusInternalServerError, "internal error: the log has it under the id in X-Request-Id")
}

// methodLabel keeps invented methods out of logs and metrics.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
