package entrasim

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
	"github.com/scim-operator/scim-operator/internal/entrasim/graphapi"
	"github.com/scim-operator/scim-operator/internal/entrasim/journal"
	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/internal/entrasim/throttle"
)

// Types of the sub-packages that users of a Server need.
type (
	// Client is an application that may ask for tokens.
	Client = oauth.Client
	// Federation is a federated identity credential of a Client.
	Federation = oauth.Federation
	// Fault is a rule that makes requests go wrong.
	Fault = faults.Rule
	// FaultDuration is the type of Fault.Delay.
	FaultDuration = faults.Duration
	// JournalEntry is one request that a client made.
	JournalEntry = journal.Entry
	// JournalCounts sums requests up.
	JournalCounts = journal.Counts
	// LimitUsage is how close a client came to one of the published limits.
	LimitUsage = throttle.Usage
	// Overview is the state of the tenant without any secret.
	Overview = tenant.Overview
)

// Options configure a Server. The zero value is a tenant without people that no client can log in to.
type Options struct {
	// TenantID is the GUID of the tenant; empty takes the directory's, or makes one up.
	TenantID string

	// Directory holds the people and groups; nil means none.
	Directory *directory.Directory

	// StateFile keeps the state while Serve runs; what it holds from before counts rather than Directory. The CA and the key
	// that signs tokens are kept beside it from New on. Empty keeps all of it in memory alone.
	StateFile string

	// Clients may ask for tokens.
	Clients []Client

	// Tenant holds the switches of the directory and of the synchronization API, the replication lag among them.
	Tenant tenant.Options

	// Engine holds the switches of the provisioning engine.
	Engine engine.Switches

	// Graph holds the switches of the API, the throttling among them.
	Graph graphapi.Options

	// CheckShape holds every answer of Graph against Microsoft's published metadata; Shape tells what was found.
	CheckShape bool

	// Seed decides, with the probability of a fault, which requests are hit: the same seed hits the same ones.
	Seed uint64

	// OnExchange is called for every request that the engine made to a SCIM endpoint, on the goroutine that made it; nil does
	// nothing.
	OnExchange func(Exchange)

	// OnDeparture is called for each departure that CheckShape finds, with the operation that was answered; nil does nothing.
	OnDeparture func(operation, problem string)

	// DNSNames are further names or addresses for the server certificate, besides localhost and the in-cluster service.
	DNSNames []string

	// Now is the base of the virtual clock; nil means the wall clock.
	Now func() time.Time
}

// certificateNames are the names that the server certificate is always valid for.
var certificateNames = []string{"localhost", "127.0.0.1", "::1", "entra-sim.entra-sim.svc", "entra-sim.entra-sim.svc.cluster.local"}
