package endpoint_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// collected keeps the spans that a collector was sent.
type collected struct {
	mu    sync.Mutex
	spans []*trace.Span
	raw   []byte
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var message collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &message) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
	for _, r := range message.GetResourceSpans() {
		for _, s := range r.GetScopeSpans() {
			c.spans = append(c.spans, s.GetSpans()...)
		}
	}
}

func TestTracesGoOnFromTheCallerAndHoldNoPersonalData(t *testing.T) {
	c := &collected{}
	server := httptest.NewServer(c)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	hashes, token := t.TempDir()+"/hashes", auth.NewToken()
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String())
	r := startReplica(t, ownStore(t), hashes, 0)
	send := func(method, path, body string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, r.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01")
		request.Header.Set("User-Agent", "marker-agent")
		return do(t, request, token)
	}
	send("POST", "/Users", `{"userName":"marker-user"}`)
	send("GET", "/Users/marker-id", "")
	send("GET", "/Users?filter=userName+eq+%22marker-filter%22", "")
	send("GET", "/marker-path", "")
	if code, body := send("GET", "/snapshot", ""); code != 200 || !strings.Contains(body, `"end":true`) {
		t.Errorf("a stream is not let through: %d %s", code, body)
	}
	if err := r.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, span := range c.spans {
		names = append(names, span.GetName())
		if string(span.GetTraceId()) != "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef" {
			t.Errorf("the span %s is of another trace: %x", span.GetName(), span.GetTraceId())
		}
	}
	for _, want := range []string{"POST /Users", "GET /Users/{id}", "GET /Users", "store create", "store list", "store get"} {
		if !slices.Contains(names, want) {
			t.Errorf("no span has the name %q; there are %q", want, names)
		}
	}
	for _, secret := range []string{"marker", token, "127.0.0.1"} {
		if strings.Contains(string(c.raw), secret) {
			t.Errorf("the spans hold %.8s…", secret)
		}
	}
}

func TestWithoutACollectorThereAreNoTraces(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	e := scimtest.Start(t)
	if code, body := postUser(t, e, `{"userName":"ann"}`); code != 201 {
		t.Errorf("POST: %d %s", code, body)
	}
	if _, body := get(t, e.ManagementURL+"/metrics", ""); !strings.Contains(body, `scim_endpoint_store_duration_seconds_count{operation="create",result="ok"} 1`) {
		t.Error("the store is not measured")
	}
}
