package endpoint_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// TestX5TokensOfEntraFollowTheConfiguration: the details of a token are tested in auth.
func TestX5TokensOfEntraFollowTheConfiguration(t *testing.T) {
	const tenant, app = "11111111-1111-4111-8111-111111111111", "33333333-3333-4333-8333-333333333333"
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"k1","n":%q,"e":%q}]}`, base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()))
	}))
	defer authority.Close()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": authority.URL + "/" + tenant + "/v2.0", "aud": "wiki", "tid": tenant, "azp": app, "sub": "o", "oid": "o",
		"nbf": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	token.Header["kid"] = "k1"
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	e := scimtest.Start(t, func(o *endpoint.Options) {
		o.FeatureGates, o.EntraAuthority = []string{"EntraTokens=true"}, authority.URL
	})
	answers := func(want int) func() bool {
		return func() bool {
			code, _ := get(t, e.URL+"/Users", signed)
			return code == want
		}
	}
	configure := func(revision, allowed string) {
		scimtest.WriteFile(t, e.ConfigFile, fmt.Sprintf("revision: %s\nentraToken: {tenantID: %s, audiences: [wiki], allowedAppIDs: [%s]}\n", revision, tenant, allowed))
	}
	if !answers(http.StatusUnauthorized)() {
		t.Error("it is accepted before anybody said so")
	}
	configure("with", app)
	scimtest.Eventually(t, "the token is accepted", answers(http.StatusOK))
	configure("other", tenant)
	scimtest.Eventually(t, "another application's only is accepted", answers(http.StatusUnauthorized))
	configure("again", app)
	scimtest.Eventually(t, "the token is accepted again", answers(http.StatusOK))
	scimtest.WriteFile(t, e.ConfigFile, "revision: without\n")
	scimtest.Eventually(t, "none is accepted any more", answers(http.StatusUnauthorized))
}
