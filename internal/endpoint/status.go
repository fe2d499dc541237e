package endpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// ScopeRead is the scope of a token that changes nothing.
const ScopeRead = "read"

// Token is one that the pod accepts.
type Token struct {
	ID    string `json:"id"`
	Scope string `json:"scope"`
}

// Status is the answer of /statusz.
type Status struct {
	Tokens []Token `json:"tokens"`
	// TokenHashes are the SHA-256 of the accepted tokens, in hexadecimal.
	TokenHashes []string `json:"tokenHashes"`
	// TokenHashesError says why the pod does not take the token hashes that it was handed; empty while it does.
	TokenHashesError string `json:"tokenHashesError"`
	// ConfigRevision is the revision of the configuration in force.
	ConfigRevision string `json:"configRevision"`
	// ConfigError says why the pod does not take the configuration that it was handed; empty while it does.
	ConfigError string `json:"configError"`
	// StoreID is the identity of the database.
	StoreID string `json:"storeID"`
	// Sequence is the database's commit sequence.
	Sequence int64 `json:"sequence"`
	// StoreExpected is false while the pod answers 503 because its database is not the one that its configuration
	// names; nil where the pod does not say.
	StoreExpected *bool `json:"storeExpected"`
}

// ServesStore is true unless the pod holds back because of its database.
func (s Status) ServesStore() bool { return s.StoreExpected == nil || *s.StoreExpected }

// Accepts is true when the pod takes the token with that hash.
func (s Status) Accepts(hash string) bool { return slices.Contains(s.TokenHashes, hash) }

// limit is far above any real answer.
const limit = 1 << 20

// Client asks management ports.
type Client struct {
	HTTP *http.Client
	Port int
}

// NewClient gives a client for the management port. It honours the proxy variables of the environment, gives a pod
// five seconds and follows no redirect: whoever writes EndpointSlices in a namespace must not steer where the operator
// calls.
func NewClient(port int) *Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{HTTP: &http.Client{Timeout: 5 * time.Second, CheckRedirect: stay}, Port: port}
}

// Status asks the pod with that IP address.
func (c *Client) Status(ctx context.Context, podIP string) (Status, error) {
	url := "http://" + net.JoinHostPort(podIP, strconv.Itoa(c.Port)) + "/statusz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Status{}, fmt.Errorf("asking pod %s for its status: %w", podIP, err)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return Status{}, fmt.Errorf("asking pod %s for its status: %w", podIP, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return Status{}, fmt.Errorf("asking pod %s for its status: it answered %s", podIP, res.Status)
	}
	var out Status
	if err := json.NewDecoder(io.LimitReader(res.Body, limit)).Decode(&out); err != nil {
		return Status{}, fmt.Errorf("reading the status of pod %s: %w", podIP, err)
	}
	return out, nil
}
