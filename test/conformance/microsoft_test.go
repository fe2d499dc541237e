package conformance

import (
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

var (
	urlFlag   = flag.String("url", "", "SCIM base URL of the endpoint to test; an endpoint of ours is started when empty")
	tokenFlag = flag.String("token", "", "bearer token for -url")
)

// The categories of a scenario.
const (
	required = "required" // of Microsoft's validator; a failure keeps an app out of the gallery
	preview  = "preview"  // of the same, reported without consequence
	gallery  = "gallery"  // the checks of the gallery's validation workflow that need no Entra tenant
)

// A scenario is one check of Microsoft's, under Microsoft's name for it.
type scenario struct {
	name     string
	category string
	run      func(*probe)
}

func TestMicrosoft(t *testing.T) {
	// What an endpoint of ours departs in is known; any other has to meet everything.
	var listed map[string]string
	if *urlFlag == "" {
		listed = departures["Microsoft"]
	}
	runScenarios(t, clientUnderTest(t), listed)
}

// runScenarios runs every scenario that is not a listed departure, and logs a table.
func runScenarios(t *testing.T, client scimkit.Client, listed map[string]string) {
	t.Helper()
	var table strings.Builder
	writer := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	passed, total := map[string]int{}, map[string]int{}
	for _, s := range slices.Concat(userScenarios, groupScenarios, deleteScenarios, galleryScenarios) {
		total[s.category]++
		outcome := "FAILED"
		if reason, known := listed[s.name]; known {
			outcome = "departs: " + reason
			if passes(t, client, s) {
				t.Errorf("departures_test.go lists %q, which passes: remove it", s.name)
			}
		} else if t.Run(s.name, func(t *testing.T) { s.run(&probe{TB: t, client: client}) }) {
			outcome = "passed"
			passed[s.category]++
		}
		fmt.Fprintf(writer, "%s\t%s\t%s\n", s.category, s.name, outcome)
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, category := range []string{required, preview, gallery} {
		fmt.Fprintf(&table, "%s: %d of %d passed\n", category, passed[category], total[category])
	}
	t.Logf("Microsoft's scenarios against %s\n%s", client.BaseURL, table.String())
}

// clientUnderTest talks to the endpoint of the flags, else to one of ours in this process.
func clientUnderTest(t *testing.T) scimkit.Client {
	// Entra gives up on a request after 60 seconds (N-2).
	client := scimkit.Client{BaseURL: strings.TrimRight(*urlFlag, "/"), Token: *tokenFlag, HTTP: &http.Client{Timeout: time.Minute}}
	if client.BaseURL == "" {
		endpoint := scimtest.Start(t)
		client.BaseURL, client.Token = endpoint.URL, endpoint.Token
	}
	return client
}

// passes runs a scenario that may fail without failing the test.
func passes(t *testing.T, client scimkit.Client, s scenario) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(&probe{TB: r, client: client})
	}()
	<-done
	return !r.failed
}

// recorder keeps to itself that a scenario failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

func (r *recorder) Fatalf(string, ...any) {
	r.failed = true
	runtime.Goexit()
}
