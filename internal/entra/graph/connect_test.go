package graph

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

func TestConnectKeepsTokensPerConnection(t *testing.T) {
	s := newStub(t, map[string][]reply{"GET /v1.0/groups/1": ok(`{"id":"1"}`)})
	c := newTestConnector(t, Options{})
	use := func(conn entra.Connection) {
		t.Helper()
		if _, err := connect(t, c, conn).Group(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
	}
	conn := s.connection()
	use(conn)
	use(conn)
	if n := len(s.tokenRequests()); n != 1 {
		t.Errorf("%d tokens for the same connection, want 1", n)
	}
	conn.ClientSecret = "another"
	use(conn)
	tokens := s.tokenRequests()
	if len(tokens) != 2 || !strings.Contains(tokens[1].Body, "client_secret=another") {
		t.Errorf("a changed secret got no token of its own: %v", tokens)
	}
}

func TestConnectForgetsWhatNobodyUses(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newStub(t, nil)
	c := newTestConnector(t, Options{Now: func() time.Time { return now }})
	first := connect(t, c, s.connection())
	now = now.Add(idleLimit + time.Second)
	other := s.connection()
	other.ClientSecret = "another"
	connect(t, c, other)
	if connect(t, c, s.connection()) == first {
		t.Error("a connection that was idle for too long is still there")
	}
}

func TestConnectRefusesWhatCannotWork(t *testing.T) {
	tests := map[string]struct {
		change func(*entra.Connection)
		says   string
	}{
		"an unknown cloud":                {func(c *entra.Connection) { c.Cloud = "Mars" }, "spec.cloud"},
		"a Graph address without TLS":     {func(c *entra.Connection) { c.GraphURL = "http://sim.example.com" }, "spec.custom.graphURL"},
		"an authority that is no URL":     {func(c *entra.Connection) { c.AuthorityURL = "sim" }, "spec.custom.authorityURL"},
		"a bundle without a certificate":  {func(c *entra.Connection) { c.CABundle = []byte("x") }, "spec.custom.caBundle"},
		"a tenant ID that is no tenant's": {func(c *entra.Connection) { c.TenantID = "a b" }, "spec.credentials"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			conn := newStub(t, nil).connection()
			tc.change(&conn)
			_, err := newTestConnector(t, Options{}).Connect(t.Context(), conn)
			if fault.ClassOf(err) != fault.Terminal || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("want a terminal error that names %s, got %v", tc.says, err)
			}
		})
	}
}

func TestEndpointsOfMicrosoftsClouds(t *testing.T) {
	want := map[entra.Cloud]endpoints{
		"":                         {"https://login.microsoftonline.com", "https://graph.microsoft.com", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"},
		entra.CloudPublic:          {"https://login.microsoftonline.com", "https://graph.microsoft.com", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"},
		entra.CloudUSGovernment:    {"https://login.microsoftonline.us", "https://graph.microsoft.us", "4602d0b4-76bb-404b-bca9-2652e1a39c6d"},
		entra.CloudUSGovernmentDoD: {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "4602d0b4-76bb-404b-bca9-2652e1a39c6d"},
		entra.CloudChina:           {"https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", "5a532e38-1581-4918-9658-008dc27c1d68"},
	}
	for cloud, endpoints := range want {
		// Addresses of a custom cloud mean nothing elsewhere.
		got, err := endpointsOf(entra.Connection{Cloud: cloud, GraphURL: "https://evil.example.com"})
		if err != nil || got != endpoints {
			t.Errorf("%q: %+v, %v", cloud, got, err)
		}
	}
	custom, err := endpointsOf(entra.Connection{Cloud: entra.CloudCustom, GraphURL: "https://sim.example.com:8443/", AuthorityURL: "https://login.example.com/"})
	if err != nil || custom.base() != "https://sim.example.com:8443/v1.0" || custom.scope() != "https://sim.example.com:8443/.default" || custom.host() != "sim.example.com" || custom.authority != "https://login.example.com" {
		t.Errorf("%+v, %v", custom, err)
	}
}

func TestWorkloadIdentity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("projected-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStub(t, map[string][]reply{"GET /v1.0/groups/1": ok(`{"id":"1"}`)})
	conn := s.connection()
	conn.ClientSecret, conn.TokenFile = "", file
	if _, err := connect(t, newTestConnector(t, Options{}), conn).Group(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if body := s.tokenRequests()[0].Body; !strings.Contains(body, "client_assertion=projected-token") || !strings.Contains(body, "client_id="+clientID) {
		t.Errorf("the token request is %s", body)
	}
}

func TestIdentity(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newStub(t, map[string][]reply{"GET /v1.0/groups/1": ok(`{"id":"1"}`)})
	d := s.connect(Options{Now: func() time.Time { return now }})
	identify := func() entra.Identity {
		t.Helper()
		id, err := d.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if diff := cmp.Diff(entra.Identity{ObjectID: "b1f7c9d0-0000-0000-0000-000000000009", Permissions: []string{"Synchronization.ReadWrite.All"}}, identify()); diff != "" {
		t.Error(diff)
	}
	if _, err := d.Group(t.Context(), "1"); err != nil || len(s.tokenRequests()) != 1 {
		t.Errorf("Identity and Graph share one token; got %d, %v", len(s.tokenRequests()), err)
	}
	s.token = reply{status: 200, body: tokenBody(t, "b1f7c9d0-0000-0000-0000-000000000009", "AuditLog.Read.All")}
	if got := identify(); len(got.Permissions) != 1 || got.Permissions[0] != "Synchronization.ReadWrite.All" {
		t.Errorf("a young token is kept; got %v", got.Permissions)
	}
	now = now.Add(renewAfter)
	if got := identify(); len(got.Permissions) != 1 || got.Permissions[0] != "AuditLog.Read.All" {
		t.Errorf("a new consent shows after five minutes; got %v", got.Permissions)
	}
}

func TestIdentityOfAnOpaqueToken(t *testing.T) {
	s := newStub(t, nil)
	s.token.body = `{"token_type":"Bearer","expires_in":3599,"access_token":"opaque-token"}`
	_, err := s.connect(Options{}).Identity(t.Context())
	if fault.ClassOf(err) != fault.Terminal || strings.Contains(err.Error(), "opaque-token") {
		t.Errorf("want a terminal error without the token, got %v", err)
	}
}

func TestADeniedCallGetsANewTokenLater(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newStub(t, map[string][]reply{"GET /v1.0/groups/1": {failure(403, "Authorization_RequestDenied", "no")}})
	d := s.connect(Options{Now: func() time.Time { return now }})
	for _, step := range []struct {
		wait   time.Duration
		tokens int
	}{{0, 1}, {time.Minute, 1}, {renewAfter, 1}, {0, 2}} {
		now = now.Add(step.wait)
		if _, err := d.Group(t.Context(), "1"); fault.ReasonOf(err, "") != entra.ReasonPermissionMissing {
			t.Fatal(err)
		}
		if n := len(s.tokenRequests()); n != step.tokens {
			t.Errorf("%d tokens, want %d", n, step.tokens)
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	tests := map[string]struct {
		reply  reply
		class  fault.Class
		reason string
		says   []string
	}{
		"a wrong secret": {
			reply{status: 401, body: `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value. Trace ID: 1","error_codes":[7000215]}`},
			fault.Terminal, entra.ReasonCredentialsInvalid, []string{"spec.credentials.clientSecret", "secret's value, not its ID", "AADSTS7000215: Invalid client secret provided."},
		},
		"an unknown application": {
			reply{status: 400, body: `{"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier 'x' was not found in the directory 'Contoso'. This can happen."}`},
			fault.Terminal, entra.ReasonCredentialsInvalid, []string{"clientID", "spec.tenantID", "AADSTS700016"},
		},
		"an unknown tenant": {
			reply{status: 400, body: `{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'x' not found. Check to make sure."}`},
			fault.Terminal, entra.ReasonCredentialsInvalid, []string{"spec.tenantID", "spec.cloud", "AADSTS90002"},
		},
		"a federation that does not match": {
			reply{status: 401, body: `{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for presented assertion subject 'x'."}`},
			fault.Terminal, entra.ReasonCredentialsInvalid, []string{"spec.credentials.workloadIdentity", "api://AzureADTokenExchange"},
		},
		"a refusal that nobody has listed": {
			reply{status: 400, body: `{"error":"invalid_scope","error_description":"AADSTS70011: The provided value for the scope is not valid."}`},
			fault.Terminal, entra.ReasonCredentialsInvalid, []string{"spec.credentials", "AADSTS70011"},
		},
		"a throttled token endpoint": {reply{status: 429, header: map[string]string{"Retry-After": "3"}}, fault.Throttled, entra.ReasonThrottled, nil},
		"a broken token endpoint":    {reply{status: 503, body: "<html>"}, fault.Retryable, entra.ReasonServerError, []string{"get an access token"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, nil)
			s.token = tc.reply
			_, err := s.connect(Options{}).InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki"})
			if fault.ClassOf(err) != tc.class || fault.ReasonOf(err, "") != tc.reason {
				t.Errorf("%v %s, want %v %s: %v", fault.ClassOf(err), fault.ReasonOf(err, ""), tc.class, tc.reason, err)
			}
			if entra.Unclear(err) {
				t.Error("nothing was sent, so nothing is unclear")
			}
			if n := len(s.tokenRequests()); n != 1 {
				t.Errorf("%d token requests, want 1: the controllers retry", n)
			}
			expectText(t, err.Error(), tc.says, []string{"s3cret"})
		})
	}
}

func TestAnUnreachableServer(t *testing.T) {
	s := newStub(t, nil)
	conn := s.connection()
	s.server.Close()
	_, err := connect(t, newTestConnector(t, Options{}), conn).InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki"})
	if fault.ReasonOf(err, "") != entra.ReasonGraphUnreachable || entra.Unclear(err) {
		t.Errorf("no token service: retryable, and nothing was sent; got %v", err)
	}
}

func TestAnUnreachableGraph(t *testing.T) {
	tokens, gone := newStub(t, nil), newStub(t, nil)
	conn := tokens.connection()
	conn.GraphURL = gone.server.URL
	gone.server.Close()
	_, err := connect(t, newTestConnector(t, Options{}), conn).InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki"})
	if fault.ReasonOf(err, "") != entra.ReasonGraphUnreachable || entra.Unclear(err) {
		t.Errorf("no connection: retryable, and nothing was sent; got %v", err)
	}
}

func TestARequestThatHangsEnds(t *testing.T) {
	s := newStub(t, nil)
	d := s.connect(Options{RequestTimeout: 2 * time.Second})
	if _, err := d.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	hanging := s.server.Config.Handler
	s.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "instantiate") {
			_, _ = io.Copy(io.Discard, r.Body) // the server notices that the client left only after the body
			<-r.Context().Done()
			return
		}
		hanging.ServeHTTP(w, r)
	})
	_, err := d.InstantiateApplication(context.WithoutCancel(t.Context()), entra.NewApplication{DisplayName: "Wiki"})
	if fault.ClassOf(err) != fault.Retryable || !entra.Unclear(err) {
		t.Errorf("a request without an answer is unclear; got %v", err)
	}
}

func TestWhatGoesWithEveryRequest(t *testing.T) {
	s := newStub(t, map[string][]reply{"GET /v1.0/groups/1": ok(`{"id":"1"}`)})
	if _, err := s.connect(Options{}).Group(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	header := s.requests()[0].header
	if !strings.HasPrefix(header.Get("Authorization"), "Bearer ey") || header.Get("Client-Request-Id") == "" {
		t.Errorf("headers %v", header)
	}
	for where, call := range map[string]seen{"Graph": s.requests()[0], "the token endpoint": s.tokenRequests()[0]} {
		if got := call.header.Get("User-Agent"); !strings.HasPrefix(got, "scim-operator/") {
			t.Errorf("User-Agent %q at %s", got, where)
		}
	}
}

func TestTheTokenGoesToNoOtherHost(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("a second host needs IPv6:", err)
	}
	elsewhere := newStub(t, map[string][]reply{"GET /v1.0/groups": ok(`{"value":[]}`)})
	other := httptest.NewUnstartedServer(elsewhere)
	_ = other.Listener.Close()
	other.Listener = listener
	other.StartTLS()
	defer other.Close()

	s := newStub(t, map[string][]reply{"GET /v1.0/groups": ok(`{"value":[],"@odata.nextLink":"` + other.URL + `/v1.0/groups"}`)})
	if _, err := s.connect(Options{}).GroupsByDisplayName(t.Context(), "Wiki"); err != nil {
		t.Fatal(err)
	}
	calls := elsewhere.requests()
	if len(calls) != 1 || calls[0].header.Get("Authorization") != "" {
		t.Errorf("a nextLink to another host got a token: %v", calls)
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := newStub(t, map[string][]reply{
		"GET /v1.0/groups/1": {{status: 200, body: `{"id":"1"}`}, failure(404, "Request_ResourceNotFound", "gone")},
		"GET " + jobPath1:    ok(freshJob),
	})
	d := s.connect(Options{Registerer: registry})
	if _, err := d.Group(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Group(t.Context(), "1"); err == nil {
		t.Fatal("no error")
	}
	if _, err := d.Job(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	want := `# HELP scim_operator_graph_requests_total Requests to Microsoft Graph by operation and HTTP status; code "error" stands for no answer.
# TYPE scim_operator_graph_requests_total counter
scim_operator_graph_requests_total{code="200",operation="Group"} 1
scim_operator_graph_requests_total{code="200",operation="Job"} 1
scim_operator_graph_requests_total{code="404",operation="Group"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "scim_operator_graph_requests_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "scim_operator_graph_request_duration_seconds"); err != nil || n != 2 {
		t.Errorf("%d series of durations, want one for each route: %v", n, err)
	}
	if _, err := NewConnector(Options{Registerer: registry}); err == nil {
		t.Error("a second registration of the same metrics is an error")
	}
}

func TestRoute(t *testing.T) {
	tests := map[string]string{
		"/v1.0/servicePrincipals/" + sp + "/synchronization/jobs/" + jobID + "/schema": "/v1.0/servicePrincipals/{id}/synchronization/jobs/{id}/schema",
		"/v1.0/servicePrincipals(appId='" + appID + "')":                               "/v1.0/servicePrincipals({key})",
		"/v1.0/applications/" + app + "/owners/$ref":                                   "/v1.0/applications/{id}/owners/$ref",
		"/v1.0/users/jane@contoso.com":                                                 "/v1.0/users/{id}",
		"/v1.0/jane(x)":                                                                "/v1.0/{id}",
	}
	for path, want := range tests {
		if got := route(path); got != want {
			t.Errorf("route(%s) = %s, want %s", path, got, want)
		}
	}
}
