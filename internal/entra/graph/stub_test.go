package graph

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/entra"
)

const (
	tenantID = "f5532fc7-0973-4b1a-90e8-a1fa9fd03a82"
	clientID = "11111111-2222-3333-4444-555555555555"
	appID    = "a0000000-0000-0000-0000-000000000001"
	app      = "a0000000-0000-0000-0000-000000000002"
	sp       = "a0000000-0000-0000-0000-000000000003"
	jane     = "b0000000-0000-0000-0000-000000000001"
	role     = "c0000000-0000-0000-0000-000000000001"
	jobID    = "scim.f5532fc709734b1a90e8a1fa9fd03a82.8442fd39-2183-419c-8732-74b6ce866bd5"
)

// reply is a literal answer.
type reply struct {
	status int
	header map[string]string
	body   string
}

// seen is a request as it arrived.
type seen struct {
	Method, Path string
	Query        map[string]string
	Body         string
	header       http.Header
}

// stub is a token service and a Graph that answers from a table, keyed "METHOD path" or "METHOD path?query" where a test
// has several pages. Several replies to one key are given in turn, the last of them for ever.
type stub struct {
	t       *testing.T
	server  *httptest.Server
	replies map[string][]reply
	token   reply

	mu     sync.Mutex
	calls  []seen
	tokens []seen
}

func newStub(t *testing.T, replies map[string][]reply) *stub {
	t.Helper()
	s := &stub{t: t, replies: replies, token: reply{status: 200, body: tokenBody(t, "b1f7c9d0-0000-0000-0000-000000000009", "Synchronization.ReadWrite.All")}}
	s.server = httptest.NewTLSServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func tokenBody(t *testing.T, oid string, roles ...string) string {
	t.Helper()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"oid": oid, "roles": roles}).SignedString([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":%q}`, signed)
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	call := seen{Method: r.Method, Path: r.URL.Path, Query: map[string]string{}, Body: string(content), header: r.Header}
	for k, v := range r.URL.Query() {
		call.Query[k] = strings.Join(v, "|")
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/v2.0/.well-known/openid-configuration"):
		root := "https://" + r.Host + "/" + tenantID
		s.write(w, reply{status: 200, body: fmt.Sprintf(`{"issuer":"%[1]s/v2.0","authorization_endpoint":"%[1]s/oauth2/v2.0/authorize","token_endpoint":"%[1]s/oauth2/v2.0/token"}`, root)})
	case strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token"):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tokens = append(s.tokens, call)
		s.write(w, s.token)
	default:
		s.write(w, s.next(r, call))
	}
}

func (s *stub) next(r *http.Request, call seen) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	key := r.Method + " " + r.URL.Path
	if _, ok := s.replies[key+"?"+r.URL.RawQuery]; ok {
		key += "?" + r.URL.RawQuery
	}
	queue, ok := s.replies[key]
	if !ok {
		s.t.Errorf("unexpected request %s?%s", key, r.URL.RawQuery)
		return reply{status: http.StatusTeapot}
	}
	if len(queue) > 1 {
		s.replies[key] = queue[1:]
	}
	return queue[0]
}

func (s *stub) write(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json")
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(r.status)
	if _, err := io.WriteString(w, strings.ReplaceAll(r.body, "{root}", s.server.URL)); err != nil {
		s.t.Error(err)
	}
}

func (s *stub) connection() entra.Connection {
	return entra.Connection{
		TenantID: tenantID, Cloud: entra.CloudCustom, GraphURL: s.server.URL, AuthorityURL: s.server.URL,
		CABundle: caPEM(s.server), ClientID: clientID, ClientSecret: "s3cret",
	}
}

func caPEM(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func (s *stub) connect(o Options) entra.Directory {
	s.t.Helper()
	return connect(s.t, newTestConnector(s.t, o), s.connection())
}

func newTestConnector(t *testing.T, o Options) *Connector {
	t.Helper()
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	c, err := NewConnector(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func connect(t *testing.T, c *Connector, conn entra.Connection) entra.Directory {
	t.Helper()
	d, err := c.Connect(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// requests gives what arrived at Graph.
func (s *stub) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.calls...)
}

// tokenRequests gives what arrived at the token endpoint.
func (s *stub) tokenRequests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.tokens...)
}

// expectRequests compares what arrived; bodies are compared as JSON.
func (s *stub) expectRequests(want ...seen) {
	s.t.Helper()
	sameJSON := cmp.Comparer(func(a, b seen) bool {
		return a.Method == b.Method && a.Path == b.Path && cmp.Equal(a.Query, b.Query) && compact(a.Body) == compact(b.Body)
	})
	for i := range want {
		if want[i].Query == nil {
			want[i].Query = map[string]string{}
		}
	}
	if got := s.requests(); !cmp.Equal(want, got, sameJSON) {
		s.t.Errorf("requests\n got %s\nwant %s", show(got), show(want))
	}
}

func show(calls []seen) string {
	var b strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&b, "\n  %s %s %v %s", c.Method, c.Path, c.Query, compact(c.Body))
	}
	return b.String()
}

// compact normalises JSON, member order included.
func compact(s string) string {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return s
	}
	return strings.TrimSpace(b.String())
}

func ok(body string) []reply { return []reply{{status: http.StatusOK, body: body}} }

func noContent() []reply { return []reply{{status: http.StatusNoContent}} }

// failure is an OData error as Graph writes it.
func failure(status int, code, message string) reply {
	text, _ := json.Marshal(message)
	return reply{status: status, body: fmt.Sprintf(
		`{"error":{"code":%q,"message":%s,"innerError":{"date":"2024-01-01T10:00:00","request-id":"9d1e5c2b-0000-0000-0000-00000000000a","client-request-id":"9d1e5c2b-0000-0000-0000-00000000000b"}}}`,
		code, text)}
}
