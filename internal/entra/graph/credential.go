package graph

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// renewAfter is the age at which a token may be replaced before it expires, because its
// permissions are suspected to be outdated.
const renewAfter = 5 * time.Minute

// credential gets tokens through azidentity, which caches them. A token carries the
// permissions of the moment it was issued, and azidentity keeps it for an hour or more,
// so a consent would be seen an hour late: renew starts with an empty cache.
type credential struct {
	build func() (azcore.TokenCredential, error)
	now   func() time.Time

	mu      sync.Mutex
	current azcore.TokenCredential
	born    time.Time
}

func newCredential(build func() (azcore.TokenCredential, error), now func() time.Time) (*credential, error) {
	first, err := build()
	if err != nil {
		return nil, err
	}
	return &credential{build: build, now: now, current: first, born: now()}, nil
}

// GetToken implements azcore.TokenCredential.
func (c *credential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	current := c.current
	c.mu.Unlock()
	return current.GetToken(ctx, options)
}

// renew makes the next call get a new token, unless the present one is young.
func (c *credential) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now().Sub(c.born) < renewAfter {
		return
	}
	// The same inputs were good when the credential was made; should they no longer be, the present one stays.
	if next, err := c.build(); err == nil {
		c.current, c.born = next, c.now()
	}
}

// tokenCredential makes the azidentity credential of a connection: a client secret where
// there is one, workload identity else; or that of whoever runs the program. It makes no call.
func tokenCredential(c entra.Connection, e endpoints, client *http.Client) (azcore.TokenCredential, error) {
	options := azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: e.authority},
		Transport: client,
		Retry:     policy.RetryOptions{MaxRetries: -1}, // the controllers retry
	}
	// Microsoft's public directory of authorities knows no custom one.
	custom := c.Cloud == entra.CloudCustom
	if c.Caller {
		return callerCredential(c, options)
	}
	if c.ClientSecret != "" {
		return azidentity.NewClientSecretCredential(c.TenantID, c.ClientID, c.ClientSecret, &azidentity.ClientSecretCredentialOptions{
			ClientOptions:            options,
			DisableInstanceDiscovery: custom,
		})
	}
	return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
		ClientOptions:            options,
		ClientID:                 c.ClientID,
		TenantID:                 c.TenantID,
		TokenFilePath:            c.TokenFile,
		DisableInstanceDiscovery: custom,
	})
}
