package endurance

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

var binaryFolder string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "scim-endurance-")
	if err != nil {
		panic(err)
	}
	binaryFolder = folder
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// binary is built once, when the first test needs it.
var binary = sync.OnceValues(func() (string, error) { return scimkit.Build(context.Background(), binaryFolder) })

// rounds is how often a process is killed: 3 times, or as ENDURANCE_ROUNDS says.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("ENDURANCE_ROUNDS")
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("ENDURANCE_ROUNDS=%q: write a number above 0", text)
	}
	return n
}

func startEndpoint(t *testing.T, store string) *scimkit.Endpoint {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := scimkit.Start(t.Context(), scimkit.Options{Binary: path, Folder: t.TempDir(), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		endpoint.Stop()
		if t.Failed() {
			t.Logf("the end of the endpoint's log:\n%s", endpoint.Tail())
		}
	})
	return endpoint
}

func restart(t *testing.T, endpoint *scimkit.Endpoint) {
	t.Helper()
	if err := endpoint.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func clientOf(endpoint *scimkit.Endpoint) scimkit.Client {
	return scimkit.Client{BaseURL: endpoint.URL, Token: endpoint.Token, HTTP: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: workers}, Timeout: patience,
	}}
}

func sqliteStore(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "scim.db") }
