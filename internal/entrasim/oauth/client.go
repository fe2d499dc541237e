package oauth

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// DefaultPermissions are the application permissions of a client that names none: what the operator asks for.
var DefaultPermissions = []string{
	"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "Application.Read.All",
	"Directory.Read.All", "AuditLog.Read.All",
}

// AssertionAudience is the audience that a federated token must have.
const AssertionAudience = "api://AzureADTokenExchange"

// Client is an application that may ask for tokens.
type Client struct {
	ID          string
	Secret      string   // empty: no client secret is accepted
	Permissions []string // nil: DefaultPermissions

	// Federation accepts tokens of another issuer as client assertions; nil accepts none.
	Federation *Federation

	// Certificates are those whose holder may sign a client assertion itself.
	Certificates []*x509.Certificate

	// PrincipalID is the object ID of the client's service principal in the directory.
	PrincipalID string
}

// Federation is a federated identity credential: whose token is accepted, and with which keys it is verified.
type Federation struct {
	Issuer  string
	Subject string
	Keys    []crypto.PublicKey
}

// Granted are the application permissions that the client has from the beginning.
func (c *Client) Granted() []string {
	if c.Permissions == nil {
		return DefaultPermissions
	}
	return c.Permissions
}

// named are the keys of the certificates that the header of an assertion names by a thumbprint. One that names none cannot
// be checked, as with the real service.
func (c *Client) named(header map[string]any) []crypto.PublicKey {
	var out []crypto.PublicKey
	for _, certificate := range c.Certificates {
		long, short := sha256.Sum256(certificate.Raw), sha1.Sum(certificate.Raw)
		now := time.Now()
		current := now.After(certificate.NotBefore) && now.Before(certificate.NotAfter)
		if current && (isThumbprint(header["x5t#S256"], long[:]) || isThumbprint(header["x5t"], short[:])) {
			out = append(out, certificate.PublicKey)
		}
	}
	return out
}

// isThumbprint takes either alphabet of base64, with padding or without: Microsoft's own libraries differ in it.
func isThumbprint(value any, sum []byte) bool {
	text, _ := value.(string)
	text = strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text)
	return text == base64.RawURLEncoding.EncodeToString(sum)
}

// secretMatches compares in constant time.
func (c *Client) secretMatches(secret string) bool {
	a, b := sha256.Sum256([]byte(c.Secret)), sha256.Sum256([]byte(secret))
	return c.Secret != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// checkAssertion verifies a client assertion: one that the client signed itself (issuer and subject are its ID), or a
// federated token. The signature is always verified; without a configured key no assertion is accepted.
func (c *Client) checkAssertion(assertion, tokenEndpoint string) error {
	var claims jwt.RegisteredClaims
	unverified, _, err := jwt.NewParser().ParseUnverified(assertion, &claims)
	if err != nil {
		return fmt.Errorf("the assertion is no JWT: %w", err)
	}
	keys, issuer, subject, audience := c.named(unverified.Header), c.ID, c.ID, tokenEndpoint
	if claims.Issuer != c.ID && c.Federation != nil {
		keys, issuer, subject, audience = c.Federation.Keys, c.Federation.Issuer, c.Federation.Subject, AssertionAudience
	}
	if len(keys) == 0 {
		return errors.New("no key that the assertion names is configured for its issuer")
	}
	verify := jwt.NewParser(jwt.WithIssuer(issuer), jwt.WithSubject(subject), jwt.WithExpirationRequired(),
		jwt.WithLeeway(time.Minute), jwt.WithValidMethods([]string{"RS256", "PS256", "ES256"}))
	var last error
	for _, key := range keys {
		var verified jwt.RegisteredClaims
		_, err := verify.ParseWithClaims(assertion, &verified, func(*jwt.Token) (any, error) { return key, nil })
		if err == nil && !slices.Contains(verified.Audience, audience) {
			err = fmt.Errorf("the audience is not %s", audience)
		}
		if err == nil {
			return nil
		}
		last = err
	}
	return last
}
