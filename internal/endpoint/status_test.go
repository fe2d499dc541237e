package endpoint

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pod serves the handler as a pod's management port would, and gives a client for that port with the pod's address.
func pod(t *testing.T, handler http.HandlerFunc) (client *Client, address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(number), host
}

func TestStatus(t *testing.T) {
	const body = `{"tokens":[{"id":"current","scope":"write","lastUsedAt":null}],"tokenHashes":["aa","bb"],"tokenHashesError":"line 2","configRevision":"3f9c","configError":"delivery is no known key","storeID":"5d0e","sequence":123,"storeExpected":false}`
	client, address := pod(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/statusz" {
			t.Errorf("the pod was asked for %s %s, want GET /statusz", r.Method, r.URL.Path)
		}
		_, _ = w.Write([]byte(body))
	})
	got, err := client.Status(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	want := Status{Tokens: []Token{{ID: "current", Scope: "write"}}, TokenHashes: []string{"aa", "bb"}, TokenHashesError: "line 2", ConfigRevision: "3f9c", ConfigError: "delivery is no known key", StoreID: "5d0e", Sequence: 123, StoreExpected: new(bool)}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("status (-want +got):\n%s", d)
	}
	if !got.Accepts("bb") || got.Accepts("cc") || got.Accepts("") {
		t.Error("Accepts does not follow tokenHashes")
	}
	if got.ServesStore() || !(Status{}).ServesStore() || !(Status{StoreExpected: new(true)}).ServesStore() {
		t.Error("ServesStore does not follow storeExpected")
	}
}

func TestStatusOfAPodThatDoesNotAnswerWell(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		says    string
	}{
		"a pod that is starting":           {answer(http.StatusServiceUnavailable, "starting"), "it answered 503 Service Unavailable"},
		"a path that is not there":         {answer(http.StatusNotFound, "{}"), "it answered 404 Not Found"},
		"an empty answer is not a status":  {answer(http.StatusNoContent, ""), "it answered 204 No Content"},
		"another server's page":            {answer(http.StatusOK, "<html>hello</html>"), "reading the status"},
		"an answer that breaks off":        {answer(http.StatusOK, `{"tokenHashes":["aa"`), "reading the status"},
		"a member of another type":         {answer(http.StatusOK, `{"tokenHashes":"aa"}`), "reading the status"},
		"an answer without end is cut off": {answer(http.StatusOK, `{"configRevision":"`+strings.Repeat("a", 2*limit)+`"}`), "reading the status"},
		"an answer that leads elsewhere is a refusal": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/statusz" {
				t.Errorf("the redirect to %s was followed", r.URL.Path)
			}
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, "it answered 302 Found"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			client, address := pod(t, tc.handler)
			_, err := client.Status(t.Context(), address)
			if err == nil {
				t.Fatal("Status gave no error")
			}
			if !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "pod "+address) {
				t.Errorf("the error %q does not say %q of the pod %s", err, tc.says, address)
			}
		})
	}
}

func TestStatusEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{})
	client, address := pod(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := client.Status(ctx, address); !errors.Is(err, context.Canceled) {
		t.Errorf("Status of a pod that hangs gave %v, want it to end with its context", err)
	}
}

func TestStatusGivesUpOnAPodThatHangs(t *testing.T) {
	client, address := pod(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if client.HTTP.Timeout <= 0 {
		t.Fatal("the client waits for ever")
	}
	client.HTTP.Timeout = time.Millisecond
	_, err := client.Status(t.Context(), address)
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("Status gave %v, want a time-out", err)
	}
}

func TestStatusOfNobody(t *testing.T) {
	client, address := pod(t, http.NotFound)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	client.Port = free
	if _, err := client.Status(t.Context(), address); err == nil {
		t.Error("a port where nobody listens gave a status")
	}
	if _, err := client.Status(t.Context(), "no address\n"); err == nil {
		t.Error("a text that is no address gave a status")
	}
}
