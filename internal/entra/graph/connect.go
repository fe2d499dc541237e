package graph

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// Options are what a Connector may be told. The zero value works.
type Options struct {
	// Registerer gets the metrics of all requests to Graph. Nil: they are not registered.
	Registerer prometheus.Registerer
	// RequestTimeout ends a single request that hangs. Zero means 100 seconds, which an
	// instantiate or a validation against a slow endpoint does need.
	RequestTimeout time.Duration
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

const (
	defaultRequestTimeout = 100 * time.Second
	// idleLimit is how long a connection that nobody asks for is kept, so that rotated
	// client secrets do not stay in memory.
	idleLimit = 2 * time.Hour
)

// Connector opens directories and keeps them, so that tokens and connections are used
// again. It is safe for concurrent use.
type Connector struct {
	metrics *metrics
	timeout time.Duration
	now     func() time.Time

	mu   sync.Mutex
	open map[connectionKey]*opened
}

var _ entra.Connector = (*Connector)(nil)

type opened struct {
	directory *directory
	transport *http.Transport
	lastUse   time.Time
}

// NewConnector registers the metrics and makes no call.
func NewConnector(o Options) (*Connector, error) {
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("registering the metrics of Graph requests: %w", err)
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = defaultRequestTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Connector{metrics: m, timeout: o.RequestTimeout, now: o.Now, open: map[connectionKey]*opened{}}, nil
}

// Connect gives the directory of a connection. It makes no call: wrong credentials show
// in the first one. Any change of the connection, such as a new client secret, gives a
// new directory with new tokens. Its own errors are terminal and name the field.
func (c *Connector) Connect(_ context.Context, conn entra.Connection) (entra.Directory, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	key := keyOf(conn)
	if o, ok := c.open[key]; ok {
		o.lastUse = now
		return o.directory, nil
	}
	o, err := c.dial(conn)
	if err != nil {
		return nil, fault.NewTerminal(entra.ReasonInvalidConnection, fmt.Errorf("connecting to Entra: %w", err))
	}
	for k, old := range c.open {
		if now.Sub(old.lastUse) > idleLimit {
			old.transport.CloseIdleConnections()
			delete(c.open, k)
		}
	}
	o.lastUse = now
	c.open[key] = o
	return o.directory, nil
}

func (c *Connector) dial(conn entra.Connection) (*opened, error) {
	e, err := endpointsOf(conn)
	if err != nil {
		return nil, err
	}
	var bundle []byte
	if conn.Cloud == entra.CloudCustom {
		bundle = conn.CABundle
	}
	transport, err := baseTransport(bundle)
	if err != nil {
		return nil, err
	}
	tokens := tokenClient(transport, c.timeout)
	cred, err := newCredential(func() (azcore.TokenCredential, error) { return tokenCredential(conn, e, tokens) }, c.now)
	switch {
	case err != nil && conn.Caller:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("spec.credentials: %w", err)
	}
	d, err := newDirectory(e, cred, graphClient(transport, c.metrics, c.timeout), c.timeout)
	if err != nil {
		return nil, err
	}
	d.caller = conn.Caller
	return &opened{directory: d, transport: transport}, nil
}

// connectionKey is a hash, so that no client secret serves as a map's key.
type connectionKey [sha256.Size]byte

func keyOf(c entra.Connection) connectionKey {
	h := sha256.New()
	for _, part := range []string{c.TenantID, string(c.Cloud), c.GraphURL, c.AuthorityURL, string(c.CABundle), c.ClientID, c.ClientSecret, c.TokenFile, strconv.FormatBool(c.Caller)} {
		// The length before each part keeps ("ab", "c") and ("a", "bc") apart.
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		_, _ = h.Write([]byte(part))
	}
	return connectionKey(h.Sum(nil))
}
