package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Options is what a Server needs; all are required but Now.
type Options struct {
	// BasePath begins every path, such as /scim/v2.
	BasePath string
	// PublicURL is the absolute URL of the base path as clients see it, without a slash at the end (S-19).
	PublicURL string
	Store     store.Store
	Verifier  *auth.Verifier
	// Schemas returns the schemas in force; each request reads them once.
	Schemas func() *schema.Registry
	Dialect dialect.Dialect
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Server answers SCIM requests.
type Server struct {
	basePath  string
	publicURL string
	store     store.Store
	verifier  *auth.Verifier
	schemas   func() *schema.Registry
	dialect   dialect.Dialect
	log       *slog.Logger
	metrics   *metrics
	now       func() time.Time
}

var _ http.Handler = (*Server)(nil)

// New returns a Server and registers its metrics.
func New(o Options) *Server {
	s := &Server{
		basePath: o.BasePath, publicURL: o.PublicURL, store: o.Store, verifier: o.Verifier, schemas: o.Schemas,
		dialect: o.Dialect, log: o.Log, metrics: newMetrics(o.Metrics), now: o.Now,
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// newID makes a resource id: random, so that ids cannot be enumerated.
func newID() string {
	return uuid.NewString()
}

// timestamp is the time of a change: UTC, in milliseconds, and after the previous one (K-6).
func (s *Server) timestamp(previous time.Time) time.Time {
	now := s.now().UTC().Truncate(time.Millisecond)
	if earliest := previous.Add(time.Millisecond); now.Before(earliest) {
		return earliest
	}
	return now
}
