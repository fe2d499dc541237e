//go:build conformance

package conformance

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// TestJavaScriptClient lets the Azure SDK for JavaScript walk through the simulator: it logs in, makes an application, and
// takes its job to a start. A cycle then reaches the endpoint that it named.
func TestJavaScriptClient(t *testing.T) {
	people, err := directory.Generate(5, 7)
	if err != nil {
		t.Fatal(err)
	}
	const client, secret = "javascript", "the secret of the walk"
	sim, err := entrasim.New(entrasim.Options{Directory: people, CheckShape: true,
		Clients: []entrasim.Client{{ID: client, Secret: secret}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, sim.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	endpoint := scimtest.Start(t)

	command := exec.CommandContext(t.Context(), "node", "walk.mjs")
	command.Dir = setting(t, "JAVASCRIPT")
	command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+ca, "GRAPH_URL="+sim.URL, "TENANT_ID="+sim.TenantID(), "CLIENT_ID="+client,
		"CLIENT_SECRET="+secret, "SCIM_URL="+endpoint.URL, "SCIM_TOKEN="+endpoint.Token)
	output, err := command.Output()
	if err != nil {
		var said []byte
		if ended, ok := errors.AsType[*exec.ExitError](err); ok {
			said = ended.Stderr
		}
		t.Fatalf("the walk: %v\n%s%s", err, output, said)
	}
	var walked struct{ Job, State, Code string }
	if err := json.Unmarshal(output, &walked); err != nil || walked.State != "Active" {
		t.Fatalf("the walk ended with %s (%v)", output, err)
	}
	report, err := sim.RunCycle(t.Context(), walked.Job)
	if err != nil || report.Error != nil || report.Created != 2 {
		t.Errorf("the cycle after the walk: %+v (%v), want 2 people created", report, err)
	}
	for _, d := range sim.Shape().Departures {
		t.Errorf("shape of %d answers to %s: %s", d.Count, d.Operation, d.Problem)
	}
}
