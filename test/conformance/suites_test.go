//go:build conformance

package conformance

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

// TestSuites runs what others published against the real binary, on each store.
func TestSuites(t *testing.T) {
	binary, err := scimkit.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stores := map[string]func(*testing.T) string{"SQLite": sqliteStore, "PostgreSQL": postgresStore}
	for name, newStore := range stores {
		t.Run(name, func(t *testing.T) {
			t.Run("Microsoft", func(t *testing.T) {
				endpoint := start(t, scimkit.Options{Binary: binary, Store: newStore(t)})
				runScenarios(t, scimkit.Client{BaseURL: endpoint.URL, Token: endpoint.Token, HTTP: &http.Client{Timeout: time.Minute}}, departures["Microsoft"])
			})
			t.Run("Postman", func(t *testing.T) {
				// The collection adds members that do not exist (G-5).
				endpoint := start(t, scimkit.Options{Binary: binary, Store: newStore(t), Config: "unknownMembers: Ignore\n"})
				judge(t, postman(t, endpoint), departures["Postman"])
			})
			t.Run("scim2-tester", func(t *testing.T) {
				endpoint := start(t, scimkit.Options{Binary: binary, Store: newStore(t), Dialect: "strict"})
				judge(t, scim2tester(t, endpoint), departures["scim2-tester"])
			})
		})
	}
}

func start(t *testing.T, o scimkit.Options) *scimkit.Endpoint {
	t.Helper()
	o.Folder = t.TempDir()
	endpoint, err := scimkit.Start(t.Context(), o)
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

func postgresStore(t *testing.T) string { return pgtest.NewServer(t).URL() }

func sqliteStore(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "scim.db") }

// A result is one expectation of a suite.
type result struct {
	// check names it, the same in every run.
	check  string
	passed bool
	// detail says what was wrong.
	detail string
}

// judge fails for each expectation that is not met and not listed, and for each listed one that is met, or is not there.
func judge(t *testing.T, results []result, listed map[string]string) {
	t.Helper()
	met := map[string]bool{}
	passed := 0
	for _, r := range results {
		already, seen := met[r.check]
		met[r.check] = r.passed && (already || !seen)
		if _, known := listed[r.check]; r.passed {
			passed++
		} else if !known {
			t.Errorf("%s: %s", r.check, r.detail)
		}
	}
	var notes strings.Builder
	for check, reason := range listed {
		if isMet, there := met[check]; isMet || !there {
			t.Errorf("departures_test.go lists %q, which is met now or not checked any more: remove it", check)
		}
		notes.WriteString("\ndeparture: " + check + ": " + reason)
	}
	t.Logf("%d of %d expectations met%s", passed, len(results), notes.String())
	if len(results) == 0 {
		t.Error("the suite checked nothing")
	}
}
