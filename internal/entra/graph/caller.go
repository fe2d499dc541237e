package graph

import (
	"fmt"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Environment variables of the Azure SDK.
const (
	envTenantID = "AZURE_TENANT_ID"
	envClientID = "AZURE_CLIENT_ID"
)

// callerCredential is the identity of whoever runs the program: what the environment says where it names a client, else
// who is logged in to the Azure CLI. Nothing else is tried, so that the answer to "as whom?" is short.
func callerCredential(c entra.Connection, options azcore.ClientOptions) (azcore.TokenCredential, error) {
	custom := c.Cloud == entra.CloudCustom
	if os.Getenv(envClientID) == "" {
		if custom {
			return nil, fmt.Errorf("your own identity: %s is not set, and the Azure CLI has no account of a cloud that is Custom; "+
				"set %s, %s and AZURE_CLIENT_SECRET to a client of that directory", envClientID, envTenantID, envClientID)
		}
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: c.TenantID})
	}
	if tenant := os.Getenv(envTenantID); !strings.EqualFold(tenant, c.TenantID) {
		return nil, fmt.Errorf("your own identity: %s is %q, so it is of another directory than the one asked for; set it to %s, or unset %s to be who the Azure CLI says",
			envTenantID, tenant, c.TenantID, envClientID)
	}
	credential, err := azidentity.NewEnvironmentCredential(&azidentity.EnvironmentCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: custom})
	if err != nil {
		return nil, fmt.Errorf("your own identity, from the environment variables AZURE_...: %w", err)
	}
	return credential, nil
}

// callerRefused says that the caller's own credentials were refused. What the token service said follows.
func callerRefused(e *entra.Error) error {
	return fmt.Errorf("your own identity: Entra gives it no token; correct the environment variables AZURE_..., or unset %s and log in with `az login`: %w", envClientID, e)
}

// callerDenied says what a person without a permission can do.
func callerDenied(op operation, e *entra.Error) error {
	return fmt.Errorf("%w; your own identity is asked for, never the operator's: use one that has the permission %s, with admin consent", e, op.permission)
}

// callerUnknown says how to become somebody, where the Azure CLI gives no token.
func callerUnknown(err error) error {
	return fmt.Errorf("%w; log in with `az login`, or set %s, %s and AZURE_CLIENT_SECRET", err, envTenantID, envClientID)
}

// isCLI says whether an error is about the Azure CLI. The SDK gives its type no name.
func isCLI(err error) bool { return strings.HasPrefix(err.Error(), "AzureCLICredential") }
