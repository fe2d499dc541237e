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

// Handler serves the management port.
type Handler struct {
	store    store.Store
	verifier *auth.Verifier
	config   *config.Live
	log      *slog.Logger
	mux      *http.ServeMux
	draining atomic.Bool
}

// Status is the body of /statusz.
type Status struct {
	Tokens []auth.TokenStatus `json:"tokens"`
	// TokenHashes are the accepted hashes in lower-case hexadecimal. They are no secret.
	TokenHashes    []string `json:"tokenHashes"`
	ConfigRevision string   `json:"configRevision"`
	StoreID        string   `json:"storeID"`
	Sequence       int64    `json:"sequence"`
}

// New returns the handler and registers the gauges of both reloads.
func New(s store.Store, v *auth.Verifier, c *config.Live, registry *prometheus.Registry, log *slog.Logger) *Handler {
	h := &Handler{store: s, verifier: v, config: c, log: log, mux: http.NewServeMux()}
	registry.MustRegister(
		reloadGauge("scim_endpoint_token_hashes_current", "1 when the accepted token hashes are those of the file, 0 when its last reload failed.", v.Err),
		reloadGauge("scim_endpoint_config_current", "1 when the configuration in force is that of the file, 0 when its last reload failed.", c.Err),
	)
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	h.mux.HandleFunc("GET /readyz", h.readyz)
	h.mux.HandleFunc("GET /statusz", h.statusz)
	h.mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return h
}

func reloadGauge(name, help string, failure func() error) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		if failure() != nil {
			return 0
		}
		return 1
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
	if err := h.store.Ready(ctx); err != nil {
		h.log.Warn("not ready", "error", err)
		http.Error(w, "the store is not ready", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Handler) statusz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	identity, err := h.store.Identity(ctx)
	if err != nil {
		h.log.Warn("no status", "error", err)
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	tokens, hashes := h.verifier.Status()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(Status{ // the client is gone: nobody is left to tell
		Tokens: tokens, TokenHashes: hashes, ConfigRevision: h.config.Revision(),
		StoreID: identity.StoreID, Sequence: identity.Sequence,
	})
}
