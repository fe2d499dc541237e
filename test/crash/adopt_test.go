package crash

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// TestTheOperatorMayBeKilledWhileItTakesUpAnApplication is about a job that serves everybody from elsewhere: nothing of it is
// written before the approval, all of it once after that, and its scope is narrowed when everybody is assigned.
func TestTheOperatorMayBeKilledWhileItTakesUpAnApplication(t *testing.T) {
	for _, call := range chooseOfAdoption(takenUp(t, kit.Call{}, false)) {
		for name, lost := range map[string]bool{plainly: false, "its answer lost, killed after the next write": true} {
			if lost && os.Getenv(all) == "" && !strings.Contains(call.Name, "/secrets") && !isRestart(call) {
				continue
			}
			t.Run(strings.ReplaceAll(call.Name, "/", " ")+", "+name, func(t *testing.T) {
				t.Parallel()
				takenUp(t, call, lost)
			})
		}
	}
}

// chooseOfAdoption gives the calls after which the operator is to be killed: what the job notices, and a few others.
func chooseOfAdoption(made []kit.Call) []kit.Call {
	if os.Getenv(all) != "" {
		return choose(made, true)
	}
	writes := slices.DeleteFunc(made, func(c kit.Call) bool { return !c.Write })
	others := slices.DeleteFunc(slices.Clone(writes), onTheJob)
	return append(slices.DeleteFunc(writes, func(c kit.Call) bool { return !onTheJob(c) }), each(12, others)...)
}

// onTheJob is true for a write to Entra that the job notices.
func onTheJob(c kit.Call) bool {
	return !c.Cluster && c.Write && slices.ContainsFunc([]string{"/synchronization/", "/appRoleAssignedTo"}, func(part string) bool { return strings.Contains(c.Name, part) })
}

// takenUp has an operator that is killed after a call, and one that comes after it, take up an application with an approval, and
// gives the calls of the former. Without a call the former lives until all is done.
func takenUp(t *testing.T, call kit.Call, lost bool) []kit.Call {
	t.Helper()
	w := setUpElsewhere(t)
	approved := watch(t, w)
	next := func() { w.AwaitPass(t, 1, func() { w.StartOperator(t, kit.Crash{}) }) }
	operator := w.StartOperator(t, kit.Crash{After: call.Name, LostAnswer: lost})
	message := ""
	held := func() (err error) {
		message, err = heldMessage(w.App(t))
		return err
	}
	operator.OrKilled(t, "the adoption is held", held)
	early := message == ""
	if early {
		operator.Kill()
		next()
		kit.Eventually(t, "the adoption is held", held)
	}
	_, value, _ := strings.Cut(message, v1alpha1.AnnotationApproveAdoption+"=")
	value, _, _ = strings.Cut(value, " ")
	approved.Store(true)
	kit.Change(t, w, w.App(t), func(app *v1alpha1.ScimApp) {
		metav1.SetMetaDataAnnotation(&app.ObjectMeta, v1alpha1.AnnotationApproveAdoption, value)
	})
	if !early {
		operator.OrKilled(t, "the application is taken up", func() error { return settled(t, w) })
		if call.Name != "" {
			expectCome(t, operator, call)
		}
		operator.Kill()
		next()
	}
	restarts := 1
	if writes := operator.Writes(); isRestart(call) || len(writes) > 0 && isRestart(writes[len(writes)-1]) {
		restarts = 2 // the first one was not recorded, and nothing in Entra tells the next operator of it
	}
	expectTakenUp(t, w, restarts)
	return operator.Calls()
}

func isRestart(c kit.Call) bool { return strings.Contains(c.Name, "/restart ") }

// portal is who set the application up.
var portal = entrasim.Client{ID: "0f3ad9b4-8a51-4d8e-9d0c-2f0f2a5f7c11", Secret: "the-portals-secret"}

// setUpElsewhere gives a world without an operator, with the manifests of an app that takes up an application whose job has
// run: it serves everybody by a server elsewhere.
func setUpElsewhere(t *testing.T) *kit.World {
	t.Helper()
	w := cluster.NewWorld(t, func(o *entrasim.Options) { o.Clients = append(o.Clients, portal) })
	m := w.Manifests(t)
	d, ctx := openPortal(t, w), t.Context()
	pair, err := d.InstantiateApplication(ctx, entra.NewApplication{DisplayName: "Wiki"})
	must(t, err)
	principal := pair.ServicePrincipal.ID
	job, err := d.CreateJob(ctx, principal, "scim")
	must(t, err)
	must(t, d.PutSecrets(ctx, principal, entra.Secrets{
		entra.SecretBaseAddress: "http://127.0.0.1:1/scim", entra.SecretToken: "portal-token", entra.SecretSyncAll: "true",
		entra.SecretSyncNotificationSettings: `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`,
	}))
	must(t, d.StartJob(ctx, entra.JobRef{ServicePrincipalID: principal, JobID: job.ID}))
	_, err = w.Sim.RunCycle(ctx, job.ID)
	must(t, err)
	operator, err := d.ServicePrincipalByAppID(ctx, string(m.Tenant.Spec.Credentials.ClientSecret.ClientID))
	must(t, err)
	must(t, d.AddServicePrincipalOwner(ctx, principal, operator.ID))
	must(t, d.AddApplicationOwner(ctx, pair.Application.ID, operator.ID))

	m.Tenant.Spec.Grants[0].Adopt = []v1alpha1.AdoptGrant{{ServicePrincipalID: v1alpha1.ObjectID(principal), App: m.App.Name}}
	m.App.Spec.Application.CreationPolicy = v1alpha1.CreationAdoptOnly
	m.App.Spec.Application.ServicePrincipalID = v1alpha1.ObjectID(principal)
	w.Apply(t, m)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openPortal is the world's Entra as an administrator has it.
func openPortal(t *testing.T, w *kit.World) entra.Directory {
	t.Helper()
	server := httptest.NewTLSServer(w.Sim.Handler())
	t.Cleanup(server.Close)
	connector, err := graph.NewConnector(graph.Options{})
	must(t, err)
	d, err := connector.Connect(t.Context(), entra.Connection{
		TenantID: w.Sim.TenantID(), Cloud: entra.CloudCustom, GraphURL: server.URL, AuthorityURL: server.URL,
		CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), ClientID: portal.ID, ClientSecret: portal.Secret,
	})
	must(t, err)
	return d
}

// watch looks at Entra after each write: before the approval nothing that the job notices is written, and its scope is never
// narrow while somebody is not assigned. It gives the switch that is to be set with the approval.
func watch(t *testing.T, w *kit.World) (approved *atomic.Bool) {
	t.Helper()
	approved = &atomic.Bool{}
	w.Sim.OnRequest(func(e entrasim.JournalEntry) {
		if !e.Write || e.Status >= http.StatusBadRequest {
			return
		}
		if call := (kit.Call{Name: e.Path, Write: true}); onTheJob(call) && !approved.Load() {
			t.Errorf("before the approval the operator sent %s %s", e.Method, e.Path)
		}
		if assigned := len(w.Sim.State().Assignments); syncAll(t, w) == "false" && assigned < 2 {
			t.Errorf("after %s %s only who is assigned is in scope, and there are %d assignments of 2", e.Method, e.Path, assigned)
		}
	})
	t.Cleanup(func() { w.Sim.OnRequest(nil) })
	return approved
}

// syncAll is whether everybody is in scope, as Entra writes it.
func syncAll(t *testing.T, w *kit.World) string {
	t.Helper()
	pairs, err := w.Sim.Tenant().Secrets(w.Sim.State().Jobs[0].ServicePrincipalID)
	if err != nil {
		t.Error(err)
	}
	for _, pair := range pairs {
		if pair["key"] == string(entra.SecretSyncAll) {
			return strings.ToLower(fmt.Sprint(pair["value"]))
		}
	}
	return ""
}

// heldMessage is what the ScimApp says while the adoption waits for its approval.
func heldMessage(app *v1alpha1.ScimApp) (string, error) {
	c := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionStalled)
	if c == nil || c.Reason != v1alpha1.ReasonAdoptionHeld {
		return "", fmt.Errorf("the conditions are %+v", app.Status.Conditions)
	}
	return c.Message, nil
}

// settled gives nil when the application is taken up and all of it is as declared. The app is not Ready by then: the last cycle
// is the one that reached nobody.
func settled(t *testing.T, w *kit.World) error {
	app := w.App(t)
	if app.Status.Application == nil || app.Status.Application.AdoptedAt == nil {
		return fmt.Errorf("the application is %+v", app.Status.Application)
	}
	for _, name := range []string{
		v1alpha1.ConditionApplicationReady, v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionMappingsApplied,
		v1alpha1.ConditionAssignmentsApplied, v1alpha1.ConditionInSync,
	} {
		if !meta.IsStatusConditionTrue(app.Status.Conditions, name) {
			return fmt.Errorf("%s is not true in %+v", name, app.Status.Conditions)
		}
	}
	if got, job := syncAll(t, w), app.Status.Job; got != "false" || job.RestartedAt == nil {
		return fmt.Errorf("SyncAll is %q, and the status of the job is %+v", got, job)
	}
	return nil
}

// expectTakenUp looks whether Entra has everything as declared, and was told so once.
func expectTakenUp(t *testing.T, w *kit.World, restarts int) {
	t.Helper()
	kit.Eventually(t, "the application is taken up", func() error { return settled(t, w) })
	state := w.Sim.State()
	if len(state.Applications) != 1 || len(state.Principals) != 1 || len(state.Assignments) != 2 || state.DeletedItems != 0 {
		t.Errorf("Entra has %d applications, %d service principals, %d assignments and %d deleted objects; want one of each, both assignments, and none deleted",
			len(state.Applications), len(state.Principals), len(state.Assignments), state.DeletedItems)
	}
	job := w.Job(t)
	if job.Schedule != "Active" || job.Restarts != restarts || job.SchemaWrites != 1 || len(job.LostSchemaMembers) > 0 {
		t.Errorf("the job is %s after %d restarts and %d schema writes, and the schema lost %v; want Active after %d and one, and nothing lost",
			job.Schedule, job.Restarts, job.SchemaWrites, job.LostSchemaMembers, restarts)
	}
	if report := w.Cycle(t); report.Created == 0 || report.Disabled != 0 || report.Deleted != 0 {
		t.Errorf("the cycle created %d accounts, disabled %d and deleted %d; want those of the assigned, and nobody lost", report.Created, report.Disabled, report.Deleted)
	}
	w.ExpectReady(t)
}
