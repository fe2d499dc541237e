package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/management"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

// maxHeaderBytes bounds the request line and headers.
const maxHeaderBytes = 16 << 10

// Endpoint is a running SCIM endpoint.
type Endpoint struct {
	store      store.Store
	management *management.Handler
	log        *slog.Logger
	publicURL  string

	scimListener, managementListener net.Listener
	scimServer, managementServer     *http.Server
	stopWatching                     context.CancelFunc
	failed                           chan error
}

// Start opens the store and both ports and serves until Shutdown. Errors name the flag that is wrong.
func Start(ctx context.Context, o Options) (_ *Endpoint, err error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	e := &Endpoint{log: o.Log, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	d, err := dialect.Parse(o.Dialect)
	if err != nil {
		return nil, fmt.Errorf("--dialect: %w", err)
	}
	verifier, err := auth.NewVerifier(o.TokenHashes, o.Log, clock(o.Now))
	if err != nil {
		return nil, fmt.Errorf("--token-hashes: %w", err)
	}
	live, err := config.Load(o.Config, o.Log)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	if err := e.open(ctx, o); err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	scim := server.New(server.Options{
		BasePath: o.BasePath, PublicURL: e.publicURL, Store: e.store, Verifier: verifier, Schemas: live.Registry,
		Dialect: d, Log: o.Log, Metrics: registry, Now: o.Now,
	})
	e.management = management.New(e.store, verifier, live, registry, o.Log)
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stopWatching = stop
	if err := errors.Join(verifier.Watch(watching), live.Watch(watching)); err != nil {
		return nil, err
	}
	e.serve(scim, o)
	return e, nil
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

// open opens the store and the listeners, and loads the certificate, so that a wrong flag fails before anything
// is served.
func (e *Endpoint) open(ctx context.Context, o Options) error {
	file, err := o.sqlitePath()
	if err != nil {
		return err
	}
	opened, err := sqlite.Open(ctx, file)
	if err != nil {
		return fmt.Errorf("--store: %w", err)
	}
	e.store = opened
	var listen net.ListenConfig
	if e.scimListener, err = listen.Listen(ctx, "tcp", o.Listen); err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if e.managementListener, err = listen.Listen(ctx, "tcp", o.ManagementListen); err != nil {
		return fmt.Errorf("--management-listen: %w", err)
	}
	if e.publicURL, err = o.publicURL(e.scimListener.Addr().String()); err != nil {
		return err
	}
	if o.TLSCert == "" {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
	if err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	e.scimListener = tls.NewListener(e.scimListener, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"},
	})
	return nil
}

func (e *Endpoint) serve(scim http.Handler, o Options) {
	errorLog := slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)
	e.scimServer = &http.Server{
		Handler: scim, ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 55 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	e.managementServer = &http.Server{
		Handler: e.management, ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	run := func(s *http.Server, l net.Listener) {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			e.failed <- fmt.Errorf("serving on %s: %w", l.Addr(), err)
		}
	}
	go run(e.scimServer, e.scimListener)
	go run(e.managementServer, e.managementListener)
	e.log.Info("serving", "scim", e.scimListener.Addr().String(), "management", e.managementListener.Addr().String(),
		"publicURL", e.publicURL, "dialect", o.Dialect)
}

// URL is the SCIM base URL as clients see it.
func (e *Endpoint) URL() string { return e.publicURL }

// ManagementAddr is where the management port listens.
func (e *Endpoint) ManagementAddr() string { return e.managementListener.Addr().String() }

// Store is the store in use.
func (e *Endpoint) Store() store.Store { return e.store }

// Failed yields the error of a port that stopped serving by itself.
func (e *Endpoint) Failed() <-chan error { return e.failed }

// Shutdown fails readiness, lets the requests in flight end until the context does, and closes the store.
func (e *Endpoint) Shutdown(ctx context.Context) error {
	e.management.Drain()
	err := e.scimServer.Shutdown(ctx)
	e.stopWatching()
	err = errors.Join(err, e.managementServer.Shutdown(ctx), e.store.Close())
	e.log.Info("stopped")
	return err
}

// close releases what a failed Start had opened.
func (e *Endpoint) close() {
	if e.stopWatching != nil {
		e.stopWatching()
	}
	if e.scimListener != nil {
		_ = e.scimListener.Close() // the error of Start is the one to tell
	}
	if e.managementListener != nil {
		_ = e.managementListener.Close()
	}
	if e.store != nil {
		_ = e.store.Close()
	}
}
