package graphapi

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

var (
	version = regexp.MustCompile(`^/(v1\.0|beta)(/|$)`)
	keyed   = regexp.MustCompile(`\((?:([A-Za-z]+)=)?'([^']*)'\)`)
)

const countSuffix = "/$count"

// Handles says whether the path is one of Graph's.
func Handles(path string) bool { return version.MatchString(path) }

func isBeta(path string) bool { return strings.HasPrefix(path, "/beta") }

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

// matched is the route of a request.
type matched struct {
	route
	params *http.Request // carries the path parameters
	count  bool          // the number of objects is asked for, not the objects
}

// match finds the route of a request. Every collection also has its /$count.
func (a *API) match(r *http.Request) (matched, bool) {
	path, ok := normalised(r.URL.Path)
	if !ok {
		return matched{}, false
	}
	path, count := strings.CutSuffix(path, countSuffix)
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = path, ""
	_, pattern := a.mux.Handler(inner)
	found, ok := a.byPath[pattern]
	if !ok || count && !found.countable || found.beta && !isBeta(r.URL.Path) {
		return matched{}, false
	}
	// The multiplexer fills the path parameters in while it serves; the registered handlers do nothing else.
	a.mux.ServeHTTP(discard{}, inner)
	return matched{route: found, params: inner, count: count}, true
}

// discard is a ResponseWriter for the parameter pass of match.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// Operation names the call that a request makes, for the journal and for fault rules; empty when there is none.
func (a *API) Operation(r *http.Request) string {
	found, ok := a.match(r)
	if !ok {
		return ""
	}
	return found.operation
}

// Operations are the names of all operations that are served.
func (a *API) Operations() []string {
	out := make([]string, 0, len(a.byPath))
	for _, r := range a.byPath {
		out = append(out, r.operation)
	}
	return out
}

// resolve lets the synchronization segment of an application stand for that of its service principal.
func (m *matched) resolve(t *tenant.Tenant) error {
	if !strings.HasPrefix(m.path, "/applications/{id}/synchronization") {
		return nil
	}
	principal, err := t.PrincipalOf(m.params.PathValue("id"))
	if err != nil {
		return err
	}
	m.params.SetPathValue("id", principal)
	return nil
}

// unknownRoute: the synchronization service answers in its own words, the rest of Graph in one sentence.
func unknownRoute(r *http.Request) error {
	path, _ := normalised(r.URL.Path)
	if strings.Contains(path, "/synchronization/") {
		return tenant.NotServed(strings.TrimPrefix(path, "/"))
	}
	return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest",
		Message: "Resource not found for the segment '" + strings.Trim(path, "/") + "'."}
}
