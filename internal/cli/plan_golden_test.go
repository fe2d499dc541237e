package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// portal is a simulated Entra, the identity that a test has in it, and one application that was set up there.
type portal struct {
	*entrasim.Server
	entra.Directory
	caFile    string
	principal string
	job       entra.JobRef
}

// caller is who sets the application up and who runs the plugin.
var caller = entrasim.Client{ID: "0f3ad9b4-8a51-4d8e-9d0c-2f0f2a5f7c11", Secret: "the-callers-own-secret"}

// openPortal starts Contoso's Entra with an empty application, and puts the caller where the Azure SDK looks for it.
func openPortal(t *testing.T, connector entra.Connector) *portal {
	t.Helper()
	people, err := directory.Load("../../config/samples/directory/contoso.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{caFile: filepath.Join(t.TempDir(), "ca.pem")}
	if p.Server, err = entrasim.New(entrasim.Options{Directory: people, Clients: []entrasim.Client{caller}, CheckShape: true}); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := os.WriteFile(p.caFile, p.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_TENANT_ID", p.TenantID())
	t.Setenv("AZURE_CLIENT_ID", caller.ID)
	t.Setenv("AZURE_CLIENT_SECRET", caller.Secret)
	if p.Directory, err = connector.Connect(t.Context(), entra.Connection{
		TenantID: p.TenantID(), Cloud: entra.CloudCustom, GraphURL: p.URL, AuthorityURL: p.URL, CABundle: p.CAPEM, Caller: true,
	}); err != nil {
		t.Fatal(err)
	}
	pair, err := p.InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Käse & Wiki"})
	if err != nil {
		t.Fatal(err)
	}
	p.principal = pair.ServicePrincipal.ID
	job, err := p.CreateJob(t.Context(), p.principal, templateSCIM)
	if err != nil {
		t.Fatal(err)
	}
	p.job = entra.JobRef{ServicePrincipalID: p.principal, JobID: job.ID}
	p.assign(t, "Wiki Readers")
	return p
}

// assign gives a group the application's default access.
func (p *portal) assign(t *testing.T, group string) {
	t.Helper()
	groups, err := p.GroupsByDisplayName(t.Context(), group)
	if err != nil || len(groups) != 1 {
		t.Fatalf("%d groups are named %s, error %v", len(groups), group, err)
	}
	sp, err := p.ServicePrincipal(t.Context(), p.principal)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range sp.AppRoles {
		if role.DisplayName == "User" {
			if _, err := p.CreateAssignment(t.Context(), p.principal, groups[0].ID, role.ID); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the application has no default access")
}

// runOnce has the job run, which reaches no server, and then stop, with the settings of a server that is elsewhere.
func (p *portal) runOnce(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	settings := func(address string) entra.Secrets {
		return entra.Secrets{
			entra.SecretBaseAddress: address, entra.SecretToken: "portal-token", entra.SecretSyncAll: "false", entra.SecretSkipOutOfScopeDeletions: "True",
			entra.SecretSyncNotificationSettings: `{"Enabled":true,"Recipients":"portal@contoso.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`,
		}
	}
	const closed = "http://127.0.0.1:1/scim"
	if err := errors.Join(p.PutSecrets(ctx, p.principal, settings(closed)), p.StartJob(ctx, p.job)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.RunCycle(ctx, p.job.JobID); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.PutSecrets(ctx, p.principal, settings("https://wiki.contoso.example/scim/v2")), p.PauseJob(ctx, p.job)); err != nil {
		t.Fatal(err)
	}
}

// The text of a plan is read in pull requests and diffed by machines: it says everything, and nothing of it depends on the
// time, on the order of a map or on IDs that are another each time.
func TestTheTextOfAPlan(t *testing.T) {
	t.Setenv("KUBECONFIG", "testdata/plan/kubeconfig")
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file   string
		status int
	}{
		"a change of each kind":                 {"wiki", ExitOK},
		"a new application that is not granted": {"new", ExitFound},
	} {
		t.Run(name, func(t *testing.T) {
			manifests, err := os.ReadFile("testdata/plan/" + test.file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second application has other IDs
				p := openPortal(t, connector)
				p.runOnce(t)
				var out, errs bytes.Buffer
				in := strings.NewReader(strings.ReplaceAll(string(manifests), "SERVICE-PRINCIPAL", p.principal))
				command := NewCommand(Options{IOStreams: genericiooptions.IOStreams{In: in, Out: &out, ErrOut: &errs}, Connector: connector})
				command.SetArgs([]string{
					"plan", "-f", "-", "--tenant-id", p.TenantID(), "--cloud", "Custom", "--graph-url", p.URL, "--authority-url", p.URL, "--ca-file", p.caFile,
				})
				if status := Run(t.Context(), command, &errs); status != test.status || errs.Len() > 0 {
					t.Fatalf("status %d: %s", status, errs.String())
				}
				golden(t, "testdata/plan/"+test.file+".txt", out.String())
			}
		})
	}
}
