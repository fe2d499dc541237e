package integration

import (
	"bytes"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/cli"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// caller is whoever runs the plugin: another client than the operator's.
var caller = entrasim.Client{ID: "0f3ad9b4-8a51-4d8e-9d0c-2f0f2a5f7c11", Secret: "the-callers-own-secret"}

// callerIsKnown lets the caller log in.
func callerIsKnown(o *entrasim.Options) { o.Clients = append(o.Clients, caller) }

// entrance is an address of a world's simulator, for the plugin and for whoever plays the portal.
type entrance struct {
	world  *kit.World
	url    string
	ca     []byte
	caFile string
}

func enter(t *testing.T, w *kit.World) entrance {
	t.Helper()
	server := httptest.NewUnstartedServer(w.Sim.Handler())
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	e := entrance{world: w, url: server.URL, caFile: filepath.Join(t.TempDir(), "ca.pem")}
	e.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(e.caFile, e.ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

// flags name the directory without a cluster.
func (e entrance) flags() []string {
	return []string{"--tenant-id", e.world.Sim.TenantID(), "--cloud", "Custom", "--graph-url", e.url, "--authority-url", e.url, "--ca-file", e.caFile}
}

// directory is the directory as somebody in the portal has it.
func (e entrance) directory(t *testing.T) entra.Directory {
	t.Helper()
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := connector.Connect(t.Context(), entra.Connection{
		TenantID: e.world.Sim.TenantID(), Cloud: entra.CloudCustom, GraphURL: e.url, AuthorityURL: e.url, CABundle: e.ca,
		ClientID: caller.ID, ClientSecret: caller.Secret,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// asCaller puts the caller's identity where the Azure SDK looks for it.
func asCaller(t *testing.T, tenantID string) {
	t.Helper()
	t.Setenv("AZURE_TENANT_ID", tenantID)
	t.Setenv("AZURE_CLIENT_ID", caller.ID)
	t.Setenv("AZURE_CLIENT_SECRET", caller.Secret)
}

// answer is what a command line said.
type answer struct {
	status         int
	stdout, stderr string
}

// kubectlSCIM runs the plugin in this process.
func kubectlSCIM(t *testing.T, args ...string) answer {
	t.Helper()
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := cli.NewCommand(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr}, Connector: connector,
	})
	command.SetArgs(args)
	status := cli.Run(t.Context(), command, &stderr)
	return answer{status, stdout.String(), stderr.String()}
}

// mustSucceed runs the plugin and gives what it printed.
func mustSucceed(t *testing.T, args ...string) string {
	t.Helper()
	a := kubectlSCIM(t, args...)
	if a.status != cli.ExitOK {
		t.Fatalf("kubectl scim %s: status %d\n%s%s", strings.Join(args, " "), a.status, a.stdout, a.stderr)
	}
	return a.stdout
}
