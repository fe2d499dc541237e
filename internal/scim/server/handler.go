package server

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// errorURN is the schema of an error body (RFC 7644 section 3.12).
const errorURN = "urn:ietf:params:scim:api:messages:2.0:Error"

// handlerTimeout is below the 60 seconds after which Entra counts a request as failed.
const handlerTimeout = 50 * time.Second

// ServeHTTP implements http.Handler. Authentication wraps all routes and sees the same, once-decoded path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := s.now()
	ctx, cancel := context.WithTimeout(r.Context(), handlerTimeout)
	defer cancel()
	c := &call{w: w, r: r.WithContext(ctx), requestID: uuid.NewString(), registry: s.schemas()}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Request-Id", c.requestID)

	pattern, err := s.serve(c)
	if err != nil {
		s.fail(c, err)
	}
	took := s.now().Sub(started)
	s.metrics.observe(methodLabel(r.Method), pattern, c.status, took)
	s.log.Info("request", "requestID", c.requestID, "method", methodLabel(r.Method), "route", pattern, "status", c.status,
		"durationMS", took.Milliseconds(), "token", c.identity.TokenID, "resourceID", c.resourceID)
}

// serve routes, authenticates and runs one request; a panic becomes an error, so that one request cannot end others.
func (s *Server) serve(c *call) (pattern string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", "requestID", c.requestID, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("a handler panicked")
		}
	}()
	rt := s.route(c)
	if err := s.authenticate(c, rt); err != nil {
		return rt.pattern, err
	}
	if len(c.r.URL.RequestURI()) > maxURL {
		return rt.pattern, scimerr.New(http.StatusRequestURITooLong, "the URL is longer than %d bytes", maxURL)
	}
	if rt.err != nil {
		return rt.pattern, rt.err
	}
	handler, ok := rt.methods[c.r.Method]
	if !ok {
		c.w.Header().Set("Allow", rt.allow())
		return rt.pattern, scimerr.New(http.StatusMethodNotAllowed, "%s allows %s", rt.pattern, rt.allow())
	}
	if c.query, err = parseQuery(c.r.URL.RawQuery); err != nil {
		return rt.pattern, err
	}
	return rt.pattern, handler(c)
}

// authenticate accepts one Authorization header with a bearer token whose hash is in the set. All failures
// answer the same.
func (s *Server) authenticate(c *call, rt route) error {
	headers := c.r.Header.Values("Authorization")
	if len(headers) == 0 && rt.public && c.r.Method == http.MethodGet {
		return nil
	}
	challenge := `Bearer realm="scim"`
	if len(headers) > 0 {
		challenge += `, error="invalid_token"`
	}
	if len(headers) == 1 {
		scheme, token, _ := strings.Cut(headers[0], " ")
		identity, ok := s.verifier.Verify(strings.TrimSpace(token))
		if ok && strings.EqualFold(scheme, "Bearer") {
			c.identity = identity
			return authorize(c)
		}
	}
	c.w.Header().Set("WWW-Authenticate", challenge)
	return scimerr.New(http.StatusUnauthorized, "send an Authorization header with a bearer token that this endpoint accepts")
}

func authorize(c *call) error {
	if c.identity.Scope == auth.Read && c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return scimerr.New(http.StatusForbidden, "this token has scope read and cannot change anything")
	}
	return nil
}

// fail turns an error into a SCIM error body. What is not meant for the client is logged and not shown (H-15).
func (s *Server) fail(c *call, err error) {
	e := asSCIM(err)
	if e.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", "requestID", c.requestID, "error", err)
	}
	if e.Status == http.StatusServiceUnavailable {
		c.w.Header().Set("Retry-After", "1")
	}
	body := map[string]any{"schemas": []string{errorURN}, "status": strconv.Itoa(e.Status), "detail": e.Detail}
	if e.Type != "" {
		body["scimType"] = e.Type
	}
	_ = c.respond(e.Status, body) // a map of strings always encodes
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
