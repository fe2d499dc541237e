//go:build conformance

package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// scim2tester runs scim2-tester. A check that it skips counts as not met, so that each skip has its reason listed.
func scim2tester(t *testing.T, endpoint *scimkit.Endpoint) []result {
	t.Helper()
	command := exec.CommandContext(t.Context(), setting(t, "SCIM2_TESTER_PYTHON"), "scim2tester/check.py")
	command.Env = append(os.Environ(), "URL="+endpoint.URL, "TOKEN="+endpoint.Token)
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("scim2-tester: %v\n%s", err, problems.String())
	}
	var results []result
	for lines := json.NewDecoder(bytes.NewReader(output)); ; {
		var check struct{ Check, Status, Reason, Data string }
		if err := lines.Decode(&check); errors.Is(err, io.EOF) {
			return results
		} else if err != nil {
			t.Fatalf("scim2-tester printed what is no JSON: %v\n%s", err, output)
		}
		passed := check.Status == "SUCCESS" || check.Status == "COMPLIANT" || check.Status == "ACCEPTABLE"
		results = append(results, result{check: check.Check, passed: passed, detail: check.Status + ": " + check.Reason + " " + check.Data})
	}
}
