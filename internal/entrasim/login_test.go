package entrasim_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// azureOptions point the real Azure identity library at the simulator.
func (l *lab) azureOptions() azcore.ClientOptions {
	return azcore.ClientOptions{Transport: l.http, Retry: policy.RetryOptions{MaxRetries: -1},
		Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: l.URL}}
}

func TestRealAzureIdentityLogsIn(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const issuer, subject = "https://cluster.example", "system:serviceaccount:scim-operator-system:manager"
	known, unknown, expired := selfSigned(t, key, time.Hour), selfSigned(t, key, time.Hour), selfSigned(t, key, -time.Hour)
	l := startLab(t, func(o *entrasim.Options) {
		o.Clients[0].Certificates = []*x509.Certificate{known, expired}
		o.Clients[0].Federation = &entrasim.Federation{Issuer: issuer, Subject: subject, Keys: []crypto.PublicKey{key.Public()}}
	})
	federated := func(subject string) string {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{Issuer: issuer, Subject: subject,
			Audience: jwt.ClaimStrings{"api://AzureADTokenExchange"}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour))}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	assertion := func(subject string) (azcore.TokenCredential, error) {
		return azidentity.NewClientAssertionCredential(tenantID, clientID,
			func(context.Context) (string, error) { return federated(subject), nil },
			&azidentity.ClientAssertionCredentialOptions{ClientOptions: l.azureOptions(), DisableInstanceDiscovery: true})
	}
	secret := func(text string) (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(tenantID, clientID, text,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: l.azureOptions(), DisableInstanceDiscovery: true})
	}
	certificate := func(c *x509.Certificate, key crypto.PrivateKey) (azcore.TokenCredential, error) {
		return azidentity.NewClientCertificateCredential(tenantID, clientID, []*x509.Certificate{c}, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: l.azureOptions(), DisableInstanceDiscovery: true})
	}
	for name, c := range map[string]struct {
		make func() (azcore.TokenCredential, error)
		want string // part of the error; empty: it works
	}{
		"the right client secret":         {func() (azcore.TokenCredential, error) { return secret(clientSecret) }, ""},
		"a wrong client secret":           {func() (azcore.TokenCredential, error) { return secret("wrong") }, "AADSTS7000215"},
		"a federated token":               {func() (azcore.TokenCredential, error) { return assertion(subject) }, ""},
		"a federated token of a stranger": {func() (azcore.TokenCredential, error) { return assertion("system:serviceaccount:x:y") }, "AADSTS700027"},
		"a certificate":                   {func() (azcore.TokenCredential, error) { return certificate(known, key) }, ""},
		"a certificate that nobody knows": {func() (azcore.TokenCredential, error) { return certificate(unknown, key) }, "AADSTS700027"},
		"a certificate that has expired":  {func() (azcore.TokenCredential, error) { return certificate(expired, key) }, "AADSTS700027"},
	} {
		t.Run(name, func(t *testing.T) {
			credential, err := c.make()
			if err != nil {
				t.Fatal(err)
			}
			token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{l.URL + "/.default"}})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error %v, want one with %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.token = token.Token
			l.want(http.StatusOK, "GET", "/users", nil)
		})
	}
}

// selfSigned makes a certificate for the key that is good for so long from now.
func selfSigned(t *testing.T, key *rsa.PrivateKey, lifetime time.Duration) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: serial, NotBefore: now.Add(-2 * time.Hour),
		NotAfter: now.Add(lifetime)}, &x509.Certificate{SerialNumber: serial}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestTokenEndpointRefuses(t *testing.T) {
	l := startLab(t)
	good := func() url.Values {
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {clientSecret},
			"scope": {"https://graph.microsoft.com/.default"}}
	}
	for name, c := range map[string]struct {
		tenant string
		change func(url.Values)
		want   string
	}{
		"another tenant":                {"b4c2a0e0-0000-4000-8000-000000000000", func(url.Values) {}, "AADSTS90002"},
		"an unknown client":             {tenantID, func(v url.Values) { v.Set("client_id", "nobody") }, "AADSTS700016"},
		"an empty secret":               {tenantID, func(v url.Values) { v.Del("client_secret") }, "AADSTS7000215"},
		"a grant for people":            {tenantID, func(v url.Values) { v.Set("grant_type", "password") }, "AADSTS70003"},
		"a scope of single permissions": {tenantID, func(v url.Values) { v.Set("scope", "User.Read") }, "AADSTS70011"},
		"an assertion without a configured key": {tenantID, func(v url.Values) {
			v.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
			v.Set("client_assertion", "eyJhbGciOiJub25lIn0.e30.")
		}, "AADSTS700027"},
	} {
		t.Run(name, func(t *testing.T) {
			form := good()
			c.change(form)
			response, err := l.http.PostForm(l.URL+"/"+c.tenant+"/oauth2/v2.0/token", form)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			raw := make([]byte, 4096)
			n, _ := response.Body.Read(raw)
			if response.StatusCode < 400 || !strings.Contains(string(raw[:n]), c.want) {
				t.Errorf("status %d, %s; want a refusal with %s", response.StatusCode, raw[:n], c.want)
			}
		})
	}
}

func TestPermissionsDecide(t *testing.T) {
	const owner, reader, nobody, stranger = "owner", "reader", "nobody", "stranger"
	l := startLab(t, func(o *entrasim.Options) {
		o.Clients = append(o.Clients,
			entrasim.Client{ID: owner, Secret: "s", Permissions: []string{"Application.ReadWrite.OwnedBy"}},
			entrasim.Client{ID: stranger, Secret: "s", Permissions: []string{"Application.ReadWrite.OwnedBy"}},
			entrasim.Client{ID: reader, Secret: "s", Permissions: []string{"Application.Read.All", "Synchronization.Read.All"}},
			entrasim.Client{ID: nobody, Secret: "s", Permissions: []string{}})
	})
	full := l.token
	l.token = l.login(owner, "s")
	l.instantiate("Wiki")
	l.job = l.want(http.StatusCreated, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
	l.token = full
	assignment := object{"principalId": anna, "resourceId": l.sp, "appRoleId": l.role()}

	for name, c := range map[string]struct {
		client, method, path string
		body                 any
		status               int
		code                 string
	}{
		"an owner starts the job":                           {owner, "POST", l.jobPath("/start"), nil, 204, ""},
		"an owner cannot restart, as the real service":      {owner, "POST", l.jobPath("/restart"), object{}, 401, "UnknownError"},
		"who does not own it cannot start":                  {stranger, "POST", l.jobPath("/start"), nil, 401, "UnknownError"},
		"a reader sees the job":                             {reader, "GET", l.jobPath(""), nil, 200, ""},
		"a reader cannot start":                             {reader, "POST", l.jobPath("/start"), nil, 401, "UnknownError"},
		"a reader cannot change the application":            {reader, "PATCH", "/applications/" + l.app, object{"notes": "x"}, 403, "Authorization_RequestDenied"},
		"who does not own it cannot change the application": {stranger, "PATCH", "/applications/" + l.app, object{"notes": "x"}, 403, "Authorization_RequestDenied"},
		"an owner changes the application":                  {owner, "PATCH", "/applications/" + l.app, object{"notes": "x"}, 204, ""},
		"no permission, no users":                           {nobody, "GET", "/users", nil, 403, "Authorization_RequestDenied"},
		"no permission, no logs":                            {nobody, "GET", "/auditLogs/provisioning", nil, 403, "Authorization_RequestDenied"},
		"an owner cannot assign":                            {owner, "POST", "/servicePrincipals/" + l.sp + "/appRoleAssignedTo", assignment, 403, "Authorization_RequestDenied"},
		"no permission on a synchronization path is a 401":  {nobody, "GET", l.sync("/jobs"), nil, 401, "UnknownError"},
	} {
		t.Run(name, func(t *testing.T) {
			l.token = l.login(c.client, "s")
			a := l.want(c.status, c.method, c.path, c.body)
			if a.code() != c.code || c.code == "UnknownError" && a.message() != "" {
				t.Errorf("code %q with message %q, want %q", a.code(), a.message(), c.code)
			}
		})
	}
	t.Run("no token at all", func(t *testing.T) {
		l.token = "nonsense"
		if a := l.want(401, "GET", "/users", nil); a.code() != "InvalidAuthenticationToken" {
			t.Errorf("code %q", a.code())
		}
	})
}
