package server

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Verifier tells whose bearer token it is, or why it is not accepted, which is logged; *auth.Verifier is one.
type Verifier interface {
	Verify(token string) (auth.Identity, error)
}

// Options is what a Server needs; BasePath to Metrics are required.
type Options struct {
	// BasePath begins every path, such as /scim/v2.
	BasePath string
	// PublicURL is the absolute URL of the base path as clients see it, without a slash at the end (S-19).
	PublicURL string
	Store     store.Store
	Verifier  Verifier
	// Schemas returns the schemas in force; each request reads them once.
	Schemas func() *schema.Registry
	Dialect dialect.Dialect
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// Settings returns what an administrator chose; each request reads it once. The zero Settings when nil.
	Settings func() Settings
	// StoreExpected tells whether the store is the one that the operator knows. While it is not, everything but
	// discovery answers 503 with Retry-After. It is asked at every request and must not wait; always true when nil.
	StoreExpected func() bool
	// Readers is how many requests of tokens with scope read are at work at once; half of maxConcurrent when 0. Each may
	// hold a connection to the store.
	Readers int
	// Routes are further paths below BasePath that answer GET, such as /changes, with the same authentication, headers,
	// rate limit and logging.
	Routes map[string]Route
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Route answers GET of a path that is no part of SCIM. An error that it returns before it has written anything is
// answered as a SCIM error. Its context has no deadline, so that it may wait and stream.
type Route func(w http.ResponseWriter, r *http.Request) error

// Server answers SCIM requests.
type Server struct {
	options  Options
	basePath string
	// locations has the beginning of the address of each resource type's resources.
	locations map[string]string
	// secure is true when clients come by HTTPS.
	secure  bool
	store   store.Store
	dialect dialect.Dialect
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time
	routes  []*route
	extra   map[string]*route
	limits  *limits
	places  places
	// sealer is set by the first request that needs it, because it needs the store.
	sealer atomic.Pointer[sealer]
}

var _ http.Handler = (*Server)(nil)

// New returns a Server and registers its metrics.
func New(o Options) *Server {
	if o.Settings == nil {
		o.Settings = func() Settings { return Settings{} }
	}
	if o.StoreExpected == nil {
		o.StoreExpected = func() bool { return true }
	}
	if o.Readers == 0 {
		o.Readers = maxConcurrent / 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		options: o, basePath: o.BasePath, store: o.Store, dialect: o.Dialect, log: o.Log, metrics: newMetrics(o.Metrics), now: o.Now,
		locations: map[string]string{schema.User: o.PublicURL + "/Users/", schema.Group: o.PublicURL + "/Groups/"},
		secure:    strings.HasPrefix(o.PublicURL, "https://"), limits: newLimits(), places: newPlaces(o.Readers),
	}
	s.routes = s.scimRoutes()
	s.extra = extraRoutes(o.Routes)
	return s
}

// newID makes a resource id: random, so that ids cannot be enumerated.
func newID() string {
	return uuid.NewString()
}

// timestamp is the time of a change, UTC in milliseconds; the store makes it later than the resource's last (K-6).
func (s *Server) timestamp() time.Time {
	return s.now().UTC().Truncate(time.Millisecond)
}
