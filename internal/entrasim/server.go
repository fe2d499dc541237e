package entrasim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/clock"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
	"github.com/scim-operator/scim-operator/internal/entrasim/graphapi"
	"github.com/scim-operator/scim-operator/internal/entrasim/journal"
	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// Server is a simulated Entra tenant. It is safe for concurrent use.
type Server struct {
	// URL is the root of Graph and the authority of the token endpoint after Start: v1.0 is at URL + "/v1.0", tokens are at
	// URL + "/{tenantID}/oauth2/v2.0/token".
	URL string
	// AdminURL is the root of the admin API after Start.
	AdminURL string
	// CAPEM is the certificate that clients have to trust.
	CAPEM []byte

	options   Options
	clock     *clock.Clock
	tenant    *tenant.Tenant
	issuer    *oauth.Issuer
	graph     *graphapi.API
	serverTLS *tls.Certificate
	scim      *http.Client
	faults    faults.Set
	answers   lastAnswers
	history   history
	changed   atomic.Bool    // since the state file was written
	cycles    sync.WaitGroup // that run
	journal   journal.Journal
	shape     shapeCheck

	hookMu sync.RWMutex
	hook   func(JournalEntry)

	stop func()
}

// New makes a tenant with its people, clients, token issuer and certificate authority. Nothing listens yet.
func New(options Options) (*Server, error) {
	s := &Server{options: options, clock: clock.New(options.Now), stop: func() {}}
	s.faults.Seed = options.Seed
	s.scim = engine.NewClient(options.Engine)
	s.scim.Transport = &outbound{server: s, next: s.scim.Transport}
	state, err := readState(options.StateFile)
	if err != nil {
		return nil, err
	}
	people, err := options.start(state)
	if err != nil {
		return nil, err
	}
	if err := people.Validate(); err != nil {
		return nil, fmt.Errorf("the directory: %w", err)
	}
	s.tenant = tenant.New(options.TenantID, people, s.clock, options.Tenant)
	clients := make([]*oauth.Client, 0, len(options.Clients))
	for _, c := range options.Clients {
		c.PrincipalID = s.tenant.AddClient(c.ID, "client "+c.ID, c.Granted())
		clients = append(clients, &c)
	}
	if err := s.identify(clients); err != nil {
		return nil, err
	}
	s.graph = graphapi.New(graphapi.Parts{Tenant: s.tenant, Issuer: s.issuer, Probe: s.scim, Switches: options.Engine, Options: options.Graph,
		Batched: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handle(w, r, s.graph) })})
	if state != nil {
		return s, s.Import(state)
	}
	return s, nil
}

// identify makes what clients know the simulator by: the issuer of tokens and the certificate.
func (s *Server) identify(clients []*oauth.Client) error {
	known, err := loadKeys(s.options.StateFile)
	if err != nil {
		return err
	}
	s.CAPEM = known.caPEM()
	s.issuer = oauth.New(s.tenant.ID(), s.tenant.Domain(), known.signing, clients, s.tenant.Permissions)
	s.serverTLS, err = known.ca.Server(slices.Concat(certificateNames, s.options.DNSNames))
	return err
}

// TenantID is the GUID of the tenant.
func (s *Server) TenantID() string { return s.tenant.ID() }

// Start listens on free ports of 127.0.0.1, Graph with TLS and the admin API without, and sets URL and AdminURL. Close ends it.
func (s *Server) Start() error {
	graph, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for Graph: %w", err)
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("listening for the admin API: %w", err), graph.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Serve ends without an error once ctx is done, and both listeners were made here.
		_ = s.Serve(ctx, graph, admin)
	}()
	s.URL, s.AdminURL = "https://"+graph.Addr().String(), "http://"+admin.Addr().String()
	s.stop = func() {
		cancel()
		<-done
	}
	return nil
}

// Close stops what Start started.
func (s *Server) Close() { s.stop() }

// Serve serves Graph with TLS and the admin API without on the listeners until ctx is done.
func (s *Server) Serve(ctx context.Context, graph, admin net.Listener) error {
	servers := []*http.Server{
		{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ConnContext: withConnection,
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{*s.serverTLS}, MinVersion: tls.VersionTLS12}},
		{Handler: s.AdminHandler(), ReadHeaderTimeout: 10 * time.Second},
	}
	failed := make(chan error, len(servers))
	go func() { failed <- servers[0].ServeTLS(graph, "", "") }()
	go func() { failed <- servers[1].Serve(admin) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	saved := make(chan error, 1)
	if s.options.StateFile != "" {
		go func() { saved <- s.keepSaved(ctx) }()
	} else {
		saved <- nil
	}
	var err error
	select {
	case err = <-failed:
		err = fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	for _, server := range servers {
		_ = server.Close() // the listeners go with the process
	}
	stop()
	err = errors.Join(err, <-saved)
	s.scim.CloseIdleConnections()
	return err
}

// OnRequest sets a function that is called for every request after it took effect and before it is answered, on the
// goroutine that answers: while it runs, the client waits. nil takes it away.
func (s *Server) OnRequest(hook func(JournalEntry)) {
	s.hookMu.Lock()
	defer s.hookMu.Unlock()
	s.hook = hook
}

// AddFault puts a rule in force and returns its ID.
func (s *Server) AddFault(rule Fault) (string, error) {
	known := append(s.graph.Operations(), journal.OperationToken, journal.OperationDiscovery)
	if rule.Operation != "" && !slices.Contains(known, rule.Operation) {
		return "", fmt.Errorf("rule field operation: there is no %q; the journal shows the names, such as instantiate", rule.Operation)
	}
	return s.faults.Add(rule)
}

// ClearFaults takes all rules out of force.
func (s *Server) ClearFaults() { s.faults.Clear() }

// Journal returns the requests that clients made, oldest first.
func (s *Server) Journal() []JournalEntry { return s.journal.Entries(0) }

// JournalCounts sums up the requests whose sequence number is above after.
func (s *Server) JournalCounts(after int) JournalCounts { return s.journal.Counts(after) }

// Throttling reports how close clients came to the published limits.
func (s *Server) Throttling() []LimitUsage { return s.graph.Throttling() }

// State returns the state of the tenant.
func (s *Server) State() Overview { return s.tenant.Overview() }

// Tenant gives tests access to people, groups and applications without a token.
func (s *Server) Tenant() *tenant.Tenant { return s.tenant }
