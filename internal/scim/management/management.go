package management

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// checkTimeout bounds the store's answer to a probe.
const checkTimeout = 3 * time.Second

// Options is what a Handler needs; all are required.
type Options struct {
	Store    store.Store
	Verifier *auth.Verifier
	Config   *config.Live
	// StoreExpected tells whether the store is the one that the configuration names.
	StoreExpected func() bool
	// Version is that of the binary.
	Version string
	Metrics *prometheus.Registry
	Log     *slog.Logger
}

// Handler serves the management port.
type Handler struct {
	Options

	mux      *http.ServeMux
	draining atomic.Bool
}

// Status is the body of /statusz.
type Status struct {
	Tokens []auth.TokenStatus `json:"tokens"`
	// TokenHashes are the accepted hashes in lower-case hexadecimal. They are no secret.
	TokenHashes []string `json:"tokenHashes"`
	// TokenHashesError says why the file of token hashes is not the one in force; left out while it is.
	TokenHashesError string `json:"tokenHashesError,omitempty"`
	ConfigRevision   string `json:"configRevision"`
	// ConfigError says why the configuration file is not the one in force; left out while it is. It names keys and lines,
	// no values.
	ConfigError string `json:"configError,omitempty"`
	StoreID     string `json:"storeID"`
	Sequence    int64  `json:"sequence"`
	// StoreExpected is false while the store is not the one that the configuration names, so that nothing is served.
	StoreExpected bool `json:"storeExpected"`
	// ReplicaVersion is that of the binary.
	ReplicaVersion string `json:"replicaVersion"`
}

// New returns the handler and registers the gauges of both reloads and of the store.
func New(o Options) *Handler {
	h := &Handler{Options: o, mux: http.NewServeMux()}
	o.Metrics.MustRegister(
		gauge("scim_endpoint_token_hashes_current", "1 when the accepted token hashes are those of the file, 0 when its last reload failed.",
			func() bool { return o.Verifier.Err() == nil }),
		gauge("scim_endpoint_config_current", "1 when the configuration in force is that of the file, 0 when its last reload failed.",
			func() bool { return o.Config.Err() == nil }),
		gauge("scim_endpoint_store_expected", "1 when the store is the one that the configuration names, 0 while it is not, so that SCIM requests are answered with 503.",
			o.StoreExpected),
	)
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	h.mux.HandleFunc("GET /readyz", h.readyz)
	h.mux.HandleFunc("GET /statusz", h.statusz)
	h.mux.Handle("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{}))
	return h
}

func gauge(name, help string, holds func() bool) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		if holds() {
			return 1
		}
		return 0
	})
}

// Drain makes /readyz fail, so that no new requests are sent here while those in flight end.
func (h *Handler) Drain() {
	h.draining.Store(true)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mux.ServeHTTP(w, r)
}

func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	if err := h.Store.Ready(ctx); err != nil {
		h.Log.Warn("not ready", "error", err)
		http.Error(w, "the store is not ready", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Handler) statusz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	identity, err := h.Store.Identity(ctx)
	if err != nil {
		h.Log.Warn("no status", "error", err)
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	tokens, hashes := h.Verifier.Status()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(Status{ // the client is gone: nobody is left to tell
		Tokens: tokens, TokenHashes: hashes, TokenHashesError: text(h.Verifier.Err()),
		ConfigRevision: h.Config.Revision(), ConfigError: text(h.Config.Err()),
		StoreID: identity.StoreID, Sequence: identity.Sequence, StoreExpected: h.StoreExpected(), ReplicaVersion: h.Version,
	})
}

// text is that of an error, empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
