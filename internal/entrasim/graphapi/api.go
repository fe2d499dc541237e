package graphapi

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/odata"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// maxBody is the largest request body; real schemas are hundreds of kilobytes.
const maxBody = 16 << 20

// object is a Graph object as JSON members.
type object = map[string]any

// API serves Graph for one tenant.
type API struct {
	tenant *tenant.Tenant
	issuer *oauth.Issuer
	probe  *http.Client
	mux    *http.ServeMux
	byPath map[string]route
}

// New returns the Graph API of a tenant. probe is the client that validateCredentials calls the SCIM endpoint with.
func New(t *tenant.Tenant, issuer *oauth.Issuer, probe *http.Client) *API {
	a := &API{tenant: t, issuer: issuer, probe: probe, mux: http.NewServeMux(), byPath: map[string]route{}}
	for _, r := range a.routes() {
		pattern := r.method + " " + r.path
		a.byPath[pattern] = r
		a.mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return a
}

// route is one Graph call.
type route struct {
	method, path string // path without the version prefix
	operation    string // name in the journal and in fault rules
	access       access
	handle       func(*call) error
}

// call is one request on its way through a handler.
type call struct {
	*http.Request
	api    *API
	w      http.ResponseWriter
	claims *oauth.Claims
	params *http.Request // carries the path parameters
}

func (c *call) param(name string) string { return c.params.PathValue(name) }

var (
	version = regexp.MustCompile(`^/(v1\.0|beta)(/|$)`)
	keyed   = regexp.MustCompile(`\((?:([A-Za-z]+)=)?'([^']*)'\)`)
)

// normalised brings the spellings of a path into the one that routes use: no version, and keys as segments, so that
// /v1.0/applications(appId='x') becomes /applications/appId=x.
func normalised(path string) (string, bool) {
	prefix := version.FindString(path)
	if prefix == "" {
		return "", false
	}
	path = "/" + strings.TrimPrefix(path, prefix)
	return keyed.ReplaceAllStringFunc(path, func(key string) string {
		parts := keyed.FindStringSubmatch(key)
		if parts[1] == "" || parts[1] == "id" {
			return "/" + parts[2]
		}
		return "/" + parts[1] + "=" + parts[2]
	}), true
}

// match finds the route of a request and a copy of the request that carries the path parameters.
func (a *API) match(r *http.Request) (route, *http.Request, bool) {
	path, ok := normalised(r.URL.Path)
	if !ok {
		return route{}, nil, false
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = path, ""
	_, pattern := a.mux.Handler(inner)
	found, ok := a.byPath[pattern]
	if !ok {
		return route{}, nil, false
	}
	// The multiplexer fills the path parameters in while it serves; the registered handlers do nothing else.
	a.mux.ServeHTTP(discard{}, inner)
	return found, inner, true
}

// discard is a ResponseWriter for the parameter pass of match.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// Operation names the call that a request makes, for the journal and for fault rules; empty when there is none.
func (a *API) Operation(r *http.Request) string {
	found, _, ok := a.match(r)
	if !ok {
		return ""
	}
	return found.operation
}

// Handles says whether the path is one of Graph's.
func Handles(path string) bool { return version.MatchString(path) }

// ServeHTTP answers one Graph request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("request-id", uuid.NewString())
	w.Header().Set("client-request-id", r.Header.Get("client-request-id"))
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims, err := a.issuer.Verify(bearer)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="", error="invalid_token"`)
		writeError(w, r, a.tenant.Now(), &tenant.Error{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken",
			Message: "Access token is empty, malformed or expired."})
		return
	}
	found, inner, ok := a.match(r)
	if !ok {
		writeError(w, r, a.tenant.Now(), unknownRoute(r))
		return
	}
	c := &call{Request: r, api: a, w: w, claims: claims, params: inner}
	err = found.access.check(c)
	if err == nil {
		err = found.handle(c)
	}
	if err != nil {
		writeError(w, r, a.tenant.Now(), err)
	}
}

// unknownRoute: the synchronization service answers in its own words, the rest of Graph in one sentence.
func unknownRoute(r *http.Request) error {
	path, _ := normalised(r.URL.Path)
	if strings.Contains(path, "/synchronization/") {
		return tenant.NotServed(strings.TrimPrefix(path, "/"))
	}
	return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest",
		Message: fmt.Sprintf("Resource not found for the segment '%s'.", strings.Trim(path, "/"))}
}

// body decodes a JSON request body, gzip-compressed or not.
func (c *call) body(into any) error {
	reader := io.LimitReader(c.Body, maxBody)
	if c.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			return badBody(err)
		}
		reader = io.LimitReader(unzipped, maxBody)
	}
	if err := json.NewDecoder(reader).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return badBody(err)
	}
	return nil
}

func badBody(err error) error {
	return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "Unable to read JSON request payload: " + err.Error()}
}

// context is the @odata.context of an answer; Graph names itself by the address that the client used.
func (c *call) context(fragment string) string { return c.root() + "/$metadata#" + fragment }

func (c *call) root() string {
	return "https://" + c.Host + "/" + strings.Trim(version.FindString(c.URL.Path), "/")
}

func (c *call) send(status int, body any) error {
	c.w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	c.w.WriteHeader(status)
	if err := json.NewEncoder(c.w).Encode(body); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

func (c *call) noContent() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// one answers with a single object, projected to what was selected.
func (c *call) one(status int, fragment string, o object, fallback ...string) error {
	query, err := c.query()
	if err != nil {
		return err
	}
	out := query.Project(o, fallback)
	out["@odata.context"] = c.context(fragment)
	return c.send(status, out)
}

func (c *call) query() (*odata.Query, error) {
	query, err := odata.ParseQuery(c.URL.Query())
	if err != nil {
		return nil, &tenant.Error{Status: http.StatusBadRequest, Code: "Request_UnsupportedQuery", Message: err.Error()}
	}
	return query, nil
}

// list answers with one page of a collection.
func (c *call) list(fragment string, objects []object, fallback ...string) error {
	query, err := c.query()
	if err != nil {
		return err
	}
	page, next := query.Page(objects)
	for i, o := range page {
		page[i] = query.Project(o, fallback)
	}
	answer := object{"@odata.context": c.context(fragment), "value": page}
	if next > 0 {
		values := c.URL.Query()
		values.Set("$skiptoken", fmt.Sprint(next))
		answer["@odata.nextLink"] = "https://" + c.Host + c.URL.EscapedPath() + "?" + values.Encode()
	}
	return c.send(http.StatusOK, answer)
}

func writeError(w http.ResponseWriter, r *http.Request, now time.Time, err error) {
	var refused *tenant.Error
	if !errors.As(err, &refused) {
		refused = &tenant.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
		if errors.Is(err, context.Canceled) {
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refused.Status)
	_ = json.NewEncoder(w).Encode(object{"error": object{ // the client is gone; there is nobody to tell
		"code": refused.Code, "message": refused.Message,
		"innerError": object{
			"date": now.Format("2006-01-02T15:04:05"), "request-id": w.Header().Get("request-id"),
			"client-request-id": r.Header.Get("client-request-id"),
		},
	}})
}
