package entrasim_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// document reads one of the documents that need no token.
func (l *lab) document(path string, into any) {
	l.t.Helper()
	response, err := l.http.Get(l.URL + path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
		l.t.Fatalf("GET %s: %d (%v)", path, response.StatusCode, err)
	}
}

// TestCloudIsDescribed reads what hashicorp/go-azure-sdk, and with it the Terraform provider azuread, reads of a metadata
// host, and then logs in and asks Graph as the document says.
func TestCloudIsDescribed(t *testing.T) {
	l := startLab(t)
	type description struct {
		Name, ResourceManager, MicrosoftGraphResourceID string
		Authentication                                  struct {
			LoginEndpoint, Tenant, IdentityProvider string
			Audiences                               []string
		}
	}
	var cloud description
	l.document("/metadata/endpoints?api-version=2022-09-01", &cloud)
	var clouds []description
	l.document("/metadata/endpoints?api-version=2019-05-01", &clouds)
	if len(clouds) != 1 || clouds[0].Name != cloud.Name {
		t.Errorf("the older form: %+v", clouds)
	}
	if cloud.Name == "" || cloud.ResourceManager == "" || len(cloud.Authentication.Audiences) == 0 || cloud.Authentication.IdentityProvider != "AAD" {
		t.Errorf("%+v", cloud)
	}
	if cloud.Authentication.LoginEndpoint != l.URL || cloud.MicrosoftGraphResourceID != l.URL+"/" {
		t.Errorf("log in at %s, Graph at %s, want %s", cloud.Authentication.LoginEndpoint, cloud.MicrosoftGraphResourceID, l.URL)
	}
	response, err := l.http.Get(l.URL + "/metadata/endpoints")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("without a version: %d", response.StatusCode)
	}
}

// TestTokensAreVerifiable goes from the OpenID configuration to the keys, and verifies an access token with them.
func TestTokensAreVerifiable(t *testing.T) {
	l := startLab(t)
	var configuration struct {
		Issuer        string `json:"issuer"`
		TokenEndpoint string `json:"token_endpoint"`
		KeysURL       string `json:"jwks_uri"`
	}
	l.document("/"+tenantID+"/v2.0/.well-known/openid-configuration", &configuration)
	if configuration.TokenEndpoint != l.URL+"/"+tenantID+"/oauth2/v2.0/token" {
		t.Errorf("%+v", configuration)
	}
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	l.document(configuration.KeysURL[len(l.URL):], &set)
	var claims struct {
		jwt.RegisteredClaims
		Roles []string
		AppID string
	}
	_, err := jwt.ParseWithClaims(l.token, &claims, func(token *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.Kid == token.Header["kid"] {
				n, _ := base64.RawURLEncoding.DecodeString(k.N)
				e, _ := base64.RawURLEncoding.DecodeString(k.E)
				return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	})
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(l.token, ".")[1])
	if !strings.Contains(string(payload), `"aud":"https://graph.microsoft.com"`) {
		t.Errorf("the audience in %s is not one text, as Entra's are", payload)
	}
	if err != nil || claims.AppID != clientID || !slices.Contains(claims.Roles, "Synchronization.ReadWrite.All") {
		t.Errorf("%v, claims %+v", err, claims)
	}
}

// TestPermissionsAreAssignments: who assigns a role of Graph to a client grants a permission, which tokens show from then on.
func TestPermissionsAreAssignments(t *testing.T) {
	const poor = "poor"
	l := startLab(t, func(o *entrasim.Options) {
		o.Clients = append(o.Clients, entrasim.Client{ID: poor, Secret: "s", Permissions: []string{"Application.Read.All"}})
	})
	admin := l.token
	old := l.login(poor, "s")
	l.token = old
	l.want(403, "GET", "/users", nil)
	l.token = admin
	graph := l.want(200, "GET", "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')", nil).body
	role := ""
	for _, r := range graph["appRoles"].([]any) {
		if r.(object)["value"] == "User.Read.All" {
			role = r.(object)["id"].(string)
		}
	}
	client := l.want(200, "GET", "/servicePrincipals(appId='"+poor+"')", nil).body["id"]
	path := "/servicePrincipals/" + client.(string) + "/appRoleAssignments"
	granted := l.want(201, "POST", path, object{"principalId": client, "resourceId": graph["id"], "appRoleId": role}).body
	if held := l.want(200, "GET", path, nil).list(); len(held) != 2 {
		t.Errorf("the client holds %v, want two permissions", held)
	}
	l.token = old
	l.want(403, "GET", "/users", nil)
	l.token = l.login(poor, "s")
	l.want(200, "GET", "/users", nil)
	l.token = admin
	l.want(204, "DELETE", path+"/"+granted["id"].(string), nil)
	l.token = l.login(poor, "s")
	l.want(403, "GET", "/users", nil)
}
