package scimtest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Endpoint is a running endpoint that ends with its test.
type Endpoint struct {
	// URL is the SCIM base, such as http://127.0.0.1:41234/scim/v2.
	URL string
	// ManagementURL has no slash at the end.
	ManagementURL string
	// Token is accepted with scope write and id "test".
	Token string
	Store store.Store
	// TokenHashesFile and ConfigFile may be rewritten by a test; the endpoint re-reads them.
	TokenHashesFile, ConfigFile string
	// StoreFile is the SQLite file, so that a second endpoint can be started on it.
	StoreFile string
}

// Start starts an endpoint in the Entra dialect. Its log goes to the test's.
func Start(t testing.TB, change ...func(*endpoint.Options)) *Endpoint {
	t.Helper()
	folder := t.TempDir()
	e := &Endpoint{
		Token:           auth.NewToken(),
		TokenHashesFile: filepath.Join(folder, "hashes"),
		ConfigFile:      filepath.Join(folder, "config.yaml"),
		StoreFile:       filepath.Join(folder, "scim.db"),
	}
	WriteFile(t, e.TokenHashesFile, auth.HashOf(e.Token).String()+" scope=write id=test\n")
	WriteFile(t, e.ConfigFile, "revision: first\n")
	options := endpoint.Options{
		Listen: "127.0.0.1:0", ManagementListen: "127.0.0.1:0", BasePath: "/scim/v2", Store: "sqlite://" + e.StoreFile,
		TokenHashes: e.TokenHashesFile, Config: e.ConfigFile, Dialect: "entra",
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, c := range change {
		c(&options)
	}
	running, err := endpoint.Start(t.Context(), options)
	if err != nil {
		t.Fatalf("starting the endpoint: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := running.Shutdown(ctx); err != nil {
			t.Errorf("stopping the endpoint: %v", err)
		}
	})
	e.URL, e.ManagementURL, e.Store = running.URL(), "http://"+running.ManagementAddr(), running.Store()
	return e
}

// WriteFile writes a file of the endpoint as a kubelet does: complete at once, by renaming.
func WriteFile(t testing.TB, path, content string) {
	t.Helper()
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(content), 0o600); err != nil {
		t.Fatalf("writing %s: %v", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		t.Fatalf("writing %s: %v", path, err)
	}
}

// Eventually polls until the condition holds, and fails the test when it does not within 20 seconds.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			t.Fatalf("it did not come about that %s", what)
		case <-ticker.C:
		}
	}
}
