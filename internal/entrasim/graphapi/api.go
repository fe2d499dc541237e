package graphapi

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/internal/entrasim/throttle"
)

// maxBody is the largest request body; real schemas are hundreds of kilobytes.
const maxBody = 16 << 20

// object is a Graph object as JSON members.
type object = map[string]any

// Options are the switches of the API. The zero value is the behaviour that is most likely.
type Options struct {
	// Unthrottled leaves the published limits out: nothing is ever answered 429.
	Unthrottled bool

	// FreeLicence makes the logs answer 403, as for a tenant without Entra ID P1 or P2.
	FreeLicence bool

	// OwnersRestart lets the owner of an application restart its job; the default refuses it, as the real service was
	// reported to do: unconfirmed(owner-restart).
	OwnersRestart bool

	// OnDemandAsDocumented answers provisionOnDemand in the layout of Microsoft's documentation; the default is that of
	// captured answers: unconfirmed(on-demand-layout).
	OnDemandAsDocumented bool

	// NoJobsIs404 answers 404 to the list of jobs of a principal that has none; the default is an empty list:
	// unconfirmed(no-jobs).
	NoJobsIs404 bool

	// JobIsMadeWith200 answers 200 to the creation of a job, as one sample of the documentation; the default is 201:
	// unconfirmed(job-created).
	JobIsMadeWith200 bool

	// SynchronizationLimit is how many requests to /synchronization a client may make in ten seconds; 0 means any number,
	// because no limit is published: unconfirmed(synchronization-limit).
	SynchronizationLimit int
}

// API serves Graph for one tenant.
type API struct {
	tenant   *tenant.Tenant
	issuer   *oauth.Issuer
	probe    *http.Client
	switches engine.Switches
	options  Options
	throttle *throttle.Throttle
	batched  http.Handler
	mux      *http.ServeMux
	byPath   map[string]route
}

// Parts are what the API is made of.
type Parts struct {
	Tenant   *tenant.Tenant
	Issuer   *oauth.Issuer
	Probe    *http.Client    // calls the SCIM endpoint for validateCredentials and provisionOnDemand
	Switches engine.Switches // of the engine, for provisionOnDemand
	Options  Options

	// Batched answers each request of a $batch, so that it goes the way of any other request; nil means the API itself.
	Batched http.Handler
}

// New returns the Graph API of a tenant.
func New(p Parts) *API {
	a := &API{tenant: p.Tenant, issuer: p.Issuer, probe: p.Probe, switches: p.Switches, options: p.Options, batched: p.Batched,
		throttle: throttle.New(time.Now, p.Options.SynchronizationLimit), mux: http.NewServeMux(), byPath: map[string]route{}}
	if a.batched == nil {
		a.batched = a
	}
	for _, r := range a.routes() {
		pattern := r.method + " " + r.path
		a.byPath[pattern] = r
		a.mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return a
}

// Throttling reports how close each client came to the published limits.
func (a *API) Throttling() []throttle.Usage { return a.throttle.Report() }

// route is one Graph call.
type route struct {
	method, path string // path without the version prefix
	operation    string // name in the journal and in fault rules
	access       access
	handle       func(*call) error

	countable bool // a collection, which has a /$count
	beta      bool // not in v1.0
}

// call is one request on its way through a handler.
type call struct {
	*http.Request
	matched
	api    *API
	w      http.ResponseWriter
	claims *oauth.Claims
}

func (c *call) param(name string) string { return c.params.PathValue(name) }

// ServeHTTP answers one Graph request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("request-id", uuid.NewString())
	w.Header().Set("client-request-id", r.Header.Get("client-request-id"))
	w.Header().Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"entra-sim","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"0"}}`)
	if err := a.serve(w, r); err != nil {
		writeError(w, r, a.tenant.Now(), err)
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) error {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims, err := a.issuer.Verify(bearer)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="", error="invalid_token"`)
		return &tenant.Error{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken",
			Message: "Access token is empty, malformed or expired."}
	}
	found, ok := a.match(r)
	if !ok {
		return unknownRoute(r)
	}
	c := &call{Request: r, matched: found, api: a, w: w, claims: claims}
	if err := a.admit(c); err != nil {
		return err
	}
	if err := c.resolve(a.tenant); err != nil {
		return err
	}
	if err := c.access.check(c); err != nil {
		return err
	}
	if err := c.handle(c); err != nil {
		return err
	}
	c.audit()
	return nil
}

// body decodes a JSON request body, gzip-compressed or not.
func (c *call) body(into any) error {
	reader := io.LimitReader(c.Body, maxBody)
	switch encoding := c.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			return badBody(err)
		}
		reader = io.LimitReader(unzipped, maxBody)
	default:
		return &tenant.Error{Status: http.StatusUnsupportedMediaType, Code: "UnsupportedMediaType",
			Message: "The content encoding '" + encoding + "' is not supported."}
	}
	if err := json.NewDecoder(reader).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return badBody(err)
	}
	return nil
}

func badBody(err error) error {
	return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "Unable to read JSON request payload: " + err.Error()}
}
