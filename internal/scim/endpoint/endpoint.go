package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/management"
	"github.com/scim-operator/scim-operator/internal/scim/retention"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
	"github.com/scim-operator/scim-operator/internal/scim/telemetry"
	"github.com/scim-operator/scim-operator/internal/version"
)

// Endpoint is a running SCIM endpoint.
type Endpoint struct {
	log        *slog.Logger
	publicURL  string
	drainDelay time.Duration

	dialect     dialect.Dialect
	store       store.Store
	traces      *telemetry.Traces
	verifier    *auth.Verifier
	config      *config.Live
	certificate *certificate
	expectation *expectation
	management  *management.Handler
	ports       ports

	// stop ends what watches and works beside the requests; workers waits for it.
	stop    context.CancelFunc
	workers sync.WaitGroup
	// draining is closed when the endpoint begins to drain.
	draining chan struct{}
}

// Start opens the store and both ports and serves until Shutdown. Errors name the flag that is wrong.
func Start(ctx context.Context, o Options) (_ *Endpoint, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Endpoint{log: o.Log, drainDelay: o.DrainDelay, draining: make(chan struct{}), ports: ports{failed: make(chan error, 2)}}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if err := e.read(o); err != nil {
		return nil, err
	}
	if err := e.open(ctx, o); err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	scim, workers := e.assemble(o)
	if err := e.watch(background, o); err != nil {
		return nil, err
	}
	for _, run := range workers {
		e.workers.Go(func() { run(background) })
	}
	e.ports.serve(scim, e.management, e.certificate, o.Log)
	e.log.Info("serving", "scim", e.ports.scim.Addr().String(), "management", e.ports.management.Addr().String(),
		"publicURL", e.publicURL, "dialect", o.Dialect, "version", version.String())
	return e, nil
}

// read checks the flags and reads the files that they name.
func (e *Endpoint) read(o Options) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	gates, err := o.gates()
	if err != nil {
		return err
	}
	if e.dialect, err = dialect.Parse(o.Dialect); err != nil {
		return fmt.Errorf("--dialect: %w", err)
	}
	if e.verifier, err = auth.NewVerifier(o.TokenHashes, o.Log, o.Now); err != nil {
		return fmt.Errorf("--token-hashes: %w", err)
	}
	if e.config, err = config.Load(o.Config, gates, o.Log); err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	if o.TLSCert != "" {
		e.certificate, err = loadCertificate(o.TLSCert, o.TLSKey, o.Log)
	}
	return err
}

// open opens the store and takes the addresses.
func (e *Endpoint) open(ctx context.Context, o Options) (err error) {
	if e.traces, err = telemetry.NewTraces(ctx, version.String(), o.Log); err != nil {
		return err
	}
	if e.store, err = openStore(ctx, o.Store, sqlite.OpenToServe); err != nil {
		return err
	}
	e.expectation = &expectation{store: e.store, log: o.Log}
	if err := e.ports.open(ctx, o); err != nil {
		return err
	}
	e.publicURL, err = o.publicURL(e.ports.scim.Addr().String())
	return err
}

// assemble puts the parts together: the handler of the SCIM port, and what works beside it.
func (e *Endpoint) assemble(o Options) (scim http.Handler, workers []func(context.Context)) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if e.certificate != nil {
		e.certificate.register(registry)
	}
	notifier := delivery.NewNotifier()
	watched := notifier.Watch(e.store)
	readers, feeders := shares(e.store.Connections())
	feed := delivery.NewFeed(delivery.FeedOptions{
		Store: watched, Notifier: notifier, Schemas: e.config.Registry, Readers: feeders, Done: e.draining,
	})
	e.management = management.New(management.Options{
		Store: e.store, Verifier: e.verifier, Config: e.config, StoreExpected: e.expectation.met.Load,
		Version: version.String(), Metrics: registry, Log: o.Log,
	})
	deliver := delivery.NewWorker(delivery.Options{
		Store: watched, Notifier: notifier, Schemas: e.config.Registry, Webhook: e.webhook, StoreExpected: e.expectation.met.Load,
		Source: e.publicURL, Log: o.Log, Metrics: registry, Now: o.Now,
	})
	forget := retention.NewWorker(retention.Options{
		Store: watched, Policy: e.retention, Schemas: e.config.Registry, StoreExpected: e.expectation.met.Load,
		Log: o.Log, Metrics: registry, Now: o.Now,
	})
	scim = e.traces.Handler(server.New(server.Options{
		BasePath: o.BasePath, PublicURL: e.publicURL, Store: telemetry.Store(watched, registry, e.traces), Verifier: e.verifier,
		Schemas: e.config.Registry, Dialect: e.dialect, Log: o.Log, Metrics: registry, Settings: e.settings,
		StoreExpected: e.expectation.met.Load, Now: o.Now, Readers: readers,
		Routes: map[string]server.Route{"/changes": feed.ServeChanges, "/snapshot": feed.ServeSnapshot},
	}))
	return scim, []func(context.Context){feed.Run, deliver.Run, forget.Run, e.expectation.watch}
}

// shares is how many connections of the store tokens with scope read may hold at once, by SCIM requests and by the feed:
// a quarter and more is left for those who write, for delivery and for probes, unless there are less than four.
func shares(connections int) (readers, feeders int) {
	return max(1, connections/2), max(1, connections/4)
}

// watch follows the files.
func (e *Endpoint) watch(ctx context.Context, o Options) error {
	entra := &entraTokens{options: o, verifier: e.verifier}
	e.config.Subscribe(func(f config.File) {
		e.expectation.expect(ctx, f.ExpectedStore)
		entra.use(ctx, f.EntraToken)
	})
	err := errors.Join(e.verifier.Watch(ctx), e.config.Watch(ctx))
	if e.certificate != nil {
		err = errors.Join(err, e.certificate.watch(ctx))
	}
	return err
}

// URL is the SCIM base URL as clients see it.
func (e *Endpoint) URL() string { return e.publicURL }

// ManagementAddr is where the management port listens.
func (e *Endpoint) ManagementAddr() string { return e.ports.management.Addr().String() }

// Store is the store in use.
func (e *Endpoint) Store() store.Store { return e.store }

// Failed yields the error of a port that stopped serving by itself.
func (e *Endpoint) Failed() <-chan error { return e.ports.failed }
