//go:build conformance

package conformance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// TestTerraform applies the configuration in terraform/ to the simulator: people, groups, an application with its job and one
// without, and who may use them. It then changes them, loses one and finds it again, and takes everything away.
func TestTerraform(t *testing.T) {
	w := startTerraform(t)
	w.run("init")
	w.run("apply", "-auto-approve")
	w.expectApplied("Documentation", "Active")
	w.run("plan", "-detailed-exitcode")

	job := w.State().Jobs[0].ID
	report, err := w.RunCycle(t.Context(), job)
	if err != nil || report.Error != nil || report.Created != 3 || report.Failed != 0 {
		t.Errorf("the cycle after the first apply: %+v (%v), want two people and a group created", report, err)
	}
	w.run("plan", "-detailed-exitcode")

	w.change("-var=department=Press", "-var=enabled=false")
	w.run("apply", "-auto-approve")
	w.expectApplied("Press", "Paused")
	w.run("plan", "-detailed-exitcode")

	w.forgetAndImport()
	w.someoneElseChanges()
	w.run("apply", "-auto-approve")
	w.expectApplied("Press", "Paused")

	w.run("destroy", "-auto-approve")
	if left := w.State(); left.Users+left.Groups+len(w.applications())+len(left.Jobs)+len(left.Assignments) != 0 {
		t.Errorf("after destroy there are still %v and %+v", w.applications(), left)
	}
	for _, d := range w.Shape().Departures {
		t.Errorf("shape of %d answers to %s: %s", d.Count, d.Operation, d.Problem)
	}
}

// administrator is the client that Terraform logs in as.
const administrator, administratorSecret = "administrator", "the secret of the administrator"

// terraform is a copy of the configuration with a simulator to apply it to.
type terraform struct {
	*entrasim.Server
	t       *testing.T
	program string
	folder  string
	env     []string
	values  []string // flags that set variables
}

func startTerraform(t *testing.T) *terraform {
	t.Helper()
	program := setting(t, "TERRAFORM")
	sim, err := entrasim.New(entrasim.Options{
		Directory: &directory.Directory{}, CheckShape: true,
		Clients: []entrasim.Client{{ID: administrator, Secret: administratorSecret, Permissions: []string{"Application.ReadWrite.All",
			"AppRoleAssignment.ReadWrite.All", "Directory.Read.All", "Group.ReadWrite.All", "Synchronization.ReadWrite.All", "User.ReadWrite.All"}}},
		// The provider writes only the secrets that it is told, and cannot delete SyncNotificationSettings.
		Tenant: tenant.Options{SecretsWithoutSettings: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("terraform")); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(folder, "ca.pem")
	if err := os.WriteFile(ca, sim.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	endpoint := scimtest.Start(t)
	return &terraform{Server: sim, t: t, program: program, folder: folder, env: append(os.Environ(),
		"SSL_CERT_FILE="+ca, "ARM_METADATA_HOSTNAME="+strings.TrimPrefix(sim.URL, "https://"), "ARM_TENANT_ID="+sim.TenantID(),
		"ARM_CLIENT_ID="+administrator, "ARM_CLIENT_SECRET="+administratorSecret, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color",
		"TF_VAR_scim_url="+endpoint.URL, "TF_VAR_scim_token="+endpoint.Token)}
}

// change sets variables from now on.
func (w *terraform) change(flags ...string) { w.values = flags }

// run runs a command of Terraform. With -detailed-exitcode, plan fails when there is anything to change.
func (w *terraform) run(args ...string) {
	w.t.Helper()
	if code, output := w.try(args...); code != 0 {
		w.t.Fatalf("terraform %s ended with %d:\n%s", strings.Join(args, " "), code, output)
	}
}

func (w *terraform) try(args ...string) (int, string) {
	w.t.Helper()
	switch args[0] {
	case "apply", "destroy", "import", "plan":
		args = slices.Insert(slices.Clone(args), 1, w.values...)
	}
	command := exec.CommandContext(w.t.Context(), w.program, args...)
	command.Dir, command.Env = w.folder, w.env
	output, err := command.CombinedOutput()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode(), string(output)
	}
	if err != nil {
		w.t.Fatalf("running %s: %v", w.program, err)
	}
	return 0, string(output)
}

// expectApplied holds the simulator's state against the configuration.
func (w *terraform) expectApplied(department, schedule string) {
	w.t.Helper()
	state := w.State()
	if state.Users != 2 || state.Groups != 2 || len(state.Jobs) != 1 || !slices.Equal(w.applications(), []string{"Handbook", "Handbook Reports"}) {
		w.t.Fatalf("%d people, %d groups, %d jobs, applications %v", state.Users, state.Groups, len(state.Jobs), w.applications())
	}
	if job := state.Jobs[0]; job.Schedule != schedule || !slices.Equal(job.SecretKeys, []string{"BaseAddress", "SecretToken"}) {
		w.t.Errorf("the job is %s with the secrets %v, want %s", job.Schedule, job.SecretKeys, schedule)
	}
	held := []string{}
	for _, a := range state.Assignments {
		held = append(held, a.Principal)
	}
	slices.Sort(held)
	if want := []string{"Handbook Writers", "Handbook Writers", "Mara Holt"}; !slices.Equal(held, want) {
		w.t.Errorf("%v hold assignments, want %v", held, want)
	}
	tom, err := w.Tenant().User("tom.reed@contoso.com", true)
	if err != nil || tom.Department != department || tom.EmployeeOrgData == nil || tom.EmployeeOrgData.CostCenter != "12" || tom.Manager == "" {
		w.t.Errorf("Tom is %+v (%v), want him in %s", tom, err, department)
	}
	writers, err := w.Tenant().GroupByName("Handbook Writers")
	if err != nil || writers.Description != "Who writes the handbook in "+department || !slices.Equal(writers.Members, []string{tom.ID}) {
		w.t.Errorf("the group is %+v (%v), want Tom in it", writers, err)
	}
}

// applications are the names of all applications but the one of the client itself.
func (w *terraform) applications() []string {
	names := []string{}
	for _, o := range w.Tenant().ListObjects(tenant.Application, true) {
		if o["appId"] != administrator {
			names = append(names, o["displayName"].(string))
		}
	}
	slices.Sort(names)
	return names
}

// forgetAndImport takes a group out of Terraform's state and imports it from the simulator: it is the same.
func (w *terraform) forgetAndImport() {
	w.t.Helper()
	const address = "azuread_group.writers"
	writers, err := w.Tenant().GroupByName("Handbook Writers")
	if err != nil {
		w.t.Fatal(err)
	}
	w.run("state", "rm", address)
	w.run("import", address, "/groups/"+writers.ID)
	w.run("plan", "-detailed-exitcode")
}

// someoneElseChanges a person: Terraform notices.
func (w *terraform) someoneElseChanges() {
	w.t.Helper()
	if _, err := w.Tenant().PatchUser("tom.reed@contoso.com", []byte(`{"department": "Nowhere"}`)); err != nil {
		w.t.Fatal(err)
	}
	if code, output := w.try("plan", "-detailed-exitcode"); code != 2 || !strings.Contains(output, `"Nowhere" -> "Press"`) {
		w.t.Errorf("plan after a change by someone else ended with %d:\n%s", code, output)
	}
}
