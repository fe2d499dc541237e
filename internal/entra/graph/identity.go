package graph

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// accessClaims are the claims of an access token that are of interest. For a client
// that acts as itself, roles are its application permissions.
type accessClaims struct {
	ObjectID string   `json:"oid"`
	Roles    []string `json:"roles"`
	jwt.RegisteredClaims
}

// Identity reads the access token without verifying it: what we read it for is to tell
// people what it says, and Graph decides by it. A token older than five minutes is
// replaced first, so that a new consent shows.
func (d *directory) Identity(ctx context.Context) (entra.Identity, error) {
	d.credential.renew()
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	// The same options as the SDK's authentication provider has, else it would be another token.
	token, err := d.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{d.endpoints.scope()}, EnableCAE: true})
	if err != nil {
		return entra.Identity{}, translate(opIdentity, err)
	}
	var claims accessClaims
	// The parser's own error is left out, as it may repeat parts of the token.
	if _, _, err := jwt.NewParser().ParseUnverified(token.Token, &claims); err != nil || claims.ObjectID == "" {
		return entra.Identity{}, fault.NewTerminal(entra.ReasonInvalidConnection, fmt.Errorf(
			"%s: it is not a JSON Web Token with the claim oid; check that spec.custom.authorityURL is Entra or the simulator", opIdentity.doing))
	}
	return entra.Identity{ObjectID: claims.ObjectID, Permissions: claims.Roles}, nil
}
