package oauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// lifetime of an access token; Entra's are valid between 60 and 90 minutes.
const lifetime = 3599 * time.Second

const bearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Issuer signs and verifies tokens for one tenant. Tokens live in real time, not in the simulator's virtual time, because
// clients cache them by their own clock.
type Issuer struct {
	tenantID string
	domain   string
	key      *rsa.PrivateKey
	keyID    string
	clients  map[string]*Client
	grants   func(principalID string) []string
}

// Claims are what Graph reads out of an access token.
type Claims struct {
	jwt.RegisteredClaims

	// Resource is the audience. Entra writes one text, where the registered claim would be a list.
	Resource    string   `json:"aud"`
	AppID       string   `json:"appid"`
	PrincipalID string   `json:"oid"`
	TenantID    string   `json:"tid"`
	Roles       []string `json:"roles"`
	IDType      string   `json:"idtyp"`
	Version     string   `json:"ver"`
}

// ProcessKey is a signing key that is made once for a process: a crash test starts hundreds of simulators, and making a key
// takes long.
var ProcessKey = sync.OnceValues(NewKey)

// NewKey makes a signing key.
func NewKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the signing key: %w", err)
	}
	return key, nil
}

// New returns an issuer that signs with the key. grants tells the application permissions that a service principal holds at
// the moment; a token carries those of the time at which it was issued.
func New(tenantID, domain string, key *rsa.PrivateKey, clients []*Client, grants func(principalID string) []string) *Issuer {
	sum := sha256.Sum256(key.N.Bytes())
	i := &Issuer{tenantID: tenantID, domain: domain, key: key, keyID: base64.RawURLEncoding.EncodeToString(sum[:12]),
		clients: map[string]*Client{}, grants: grants}
	for _, c := range clients {
		i.clients[c.ID] = c
	}
	return i
}

// Register adds the routes of the token endpoint and of discovery.
func (i *Issuer) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", i.token)
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", i.configuration)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", i.keys)
	mux.HandleFunc("GET /{tenant}/discovery/keys", i.keys)
	mux.HandleFunc("GET /common/discovery/instance", i.instance)
	mux.HandleFunc("GET /metadata/endpoints", i.cloud)
}

// Verify checks an access token. The audience is not looked at: which scope a client of a custom cloud asks for is its own
// choice, and every token of this issuer is one for this Graph.
func (i *Issuer) Verify(token string) (*Claims, error) {
	claims := &Claims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return &i.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired())
	if err != nil {
		return nil, fmt.Errorf("verifying the access token: %w", err)
	}
	if claims.TenantID != i.tenantID {
		return nil, fmt.Errorf("the access token is of tenant %s", claims.TenantID)
	}
	return claims, nil
}

// Issue signs an access token for a client.
func (i *Issuer) Issue(clientID, audience string) (string, error) {
	client := i.clients[clientID]
	if client == nil {
		return "", fmt.Errorf("no client %s is configured", clientID)
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, &Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: "https://sts.windows.net/" + i.tenantID + "/", Subject: client.PrincipalID,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now.Add(-5 * time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
			ID: uuid.NewString(),
		},
		Resource: audience, AppID: client.ID, PrincipalID: client.PrincipalID, TenantID: i.tenantID, Roles: i.grants(client.PrincipalID),
		IDType: "app", Version: "1.0",
	})
	token.Header["kid"] = i.keyID
	signed, err := token.SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("signing the access token: %w", err)
	}
	return signed, nil
}

func (i *Issuer) isTenant(name string) bool {
	return name == i.tenantID || strings.EqualFold(name, i.domain)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if !i.isTenant(r.PathValue("tenant")) {
		refuse(w, http.StatusBadRequest, "invalid_request", 90002, "Tenant '"+r.PathValue("tenant")+"' not found.")
		return
	}
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", 900144, "The request body cannot be read.")
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != "client_credentials" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '"+grant+"'.")
		return
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, secret = user, password
	}
	client := i.clients[id]
	if client == nil {
		refuse(w, http.StatusBadRequest, "unauthorized_client", 700016, "Application with identifier '"+id+"' was not found in the directory.")
		return
	}
	if !i.authenticated(w, r, client, secret) {
		return
	}
	audience, ok := resource(r.PostForm.Get("scope"))
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid.")
		return
	}
	signed, err := i.Issue(client.ID, audience)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", 90033, "A transient error has occurred.")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int(lifetime.Seconds()), "ext_expires_in": int(lifetime.Seconds()),
		"access_token": signed,
	})
}

// resource reads whose permissions a scope asks for: exactly one <resource>/.default. Libraries add scopes of OpenID Connect
// to it, which mean nothing to an application.
func resource(scope string) (string, bool) {
	var found []string
	for part := range strings.FieldsSeq(scope) {
		if part == "openid" || part == "offline_access" || part == "profile" {
			continue
		}
		name, isDefault := strings.CutSuffix(part, "/.default")
		if !isDefault {
			return "", false
		}
		found = append(found, name)
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func (i *Issuer) authenticated(w http.ResponseWriter, r *http.Request, client *Client, secret string) bool {
	if assertion := r.PostForm.Get("client_assertion"); assertion != "" {
		if r.PostForm.Get("client_assertion_type") != bearerAssertion {
			refuse(w, http.StatusBadRequest, "invalid_request", 50027, "The client assertion type is not supported.")
			return false
		}
		if err := client.checkAssertion(assertion, base(r)+r.URL.Path); err != nil {
			refuse(w, http.StatusUnauthorized, "invalid_client", 700027, "Client assertion failed signature validation: "+err.Error())
			return false
		}
		return true
	}
	if !client.secretMatches(secret) {
		refuse(w, http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided.")
		return false
	}
	return true
}

// base is the authority as the client addressed it, so that the simulator may be reached under any of its names.
func base(r *http.Request) string { return "https://" + r.Host }

func (i *Issuer) configuration(w http.ResponseWriter, r *http.Request) {
	if !i.isTenant(r.PathValue("tenant")) {
		refuse(w, http.StatusBadRequest, "invalid_tenant", 90002, "Tenant '"+r.PathValue("tenant")+"' not found.")
		return
	}
	root := base(r) + "/" + i.tenantID
	answer(w, http.StatusOK, map[string]any{
		"issuer": root + "/v2.0", "authorization_endpoint": root + "/oauth2/v2.0/authorize",
		"token_endpoint": root + "/oauth2/v2.0/token", "jwks_uri": root + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"subject_types_supported":               []string{"pairwise"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported": []string{"openid", "profile", "email", "offline_access"},
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"keys": []any{rsaKey(i.keyID, &i.key.PublicKey)}})
}

func (i *Issuer) instance(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": base(r) + "/" + i.tenantID + "/v2.0/.well-known/openid-configuration", "api-version": "1.1",
		"metadata": []any{map[string]any{
			"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []string{r.Host},
		}},
	})
}

func refuse(w http.ResponseWriter, status int, code string, number int, text string) {
	trace, correlation := uuid.NewString(), uuid.NewString()
	now := time.Now().UTC().Format("2006-01-02 15:04:05Z")
	answer(w, status, map[string]any{
		"error": code, "error_codes": []int{number}, "timestamp": now, "trace_id": trace, "correlation_id": correlation,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", number, text, trace, correlation, now),
		"error_uri":         fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", number),
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone; there is nobody to tell
}
