//go:build bench

package perf

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// residentMiB returns what the endpoint occupies now and has occupied at most, as Linux tells it.
func residentMiB(t *testing.T, endpoint *scimkit.Endpoint) (now, most float64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", endpoint.PID()))
	if err != nil {
		t.Fatalf("reading the memory of the endpoint, which needs Linux: %v", err)
	}
	field := func(name string) float64 {
		found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
		if found == nil {
			t.Fatalf("no %s in\n%s", name, status)
		}
		kiB, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return kiB / 1024
	}
	return field("VmRSS"), field("VmHWM")
}
