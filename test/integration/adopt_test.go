package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// portalSettings are those of a job that serves everybody by a server elsewhere.
var portalSettings = entra.Secrets{
	entra.SecretBaseAddress: portalAddress, entra.SecretToken: "portal-token", entra.SecretSyncAll: "true", entra.SecretSkipOutOfScopeDeletions: "True",
	entra.SecretSyncNotificationSettings: `{"Enabled":true,"Recipients":"iam@contoso.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`,
}

// runningInThePortal is an application of the portal whose job has run, and nobody is assigned to it.
func (e entrance) runningInThePortal(t *testing.T, settings entra.Secrets) portalApp {
	t.Helper()
	d := e.directory(t)
	app := e.madeInThePortal(t, d, portalAddress, nil)
	assigned, err := d.ListAssignments(t.Context(), app.ServicePrincipal.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range assigned {
		if err := d.DeleteAssignment(t.Context(), app.ServicePrincipal.ID, a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.PutSecrets(t.Context(), app.ServicePrincipal.ID, settings); err != nil {
		t.Fatal(err)
	}
	if err := d.StartJob(t.Context(), app.job); err != nil {
		t.Fatal(err)
	}
	if _, err := e.world.Sim.RunCycle(t.Context(), app.job.JobID); err != nil {
		t.Fatal(err)
	}
	return app
}

// adopting gives the samples, whose ScimApp takes up the application, with what that needs.
func adopting(t *testing.T, e entrance, app portalApp) kit.Manifests {
	t.Helper()
	m := e.world.Manifests(t)
	m.Tenant.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: e.url, AuthorityURL: e.url, CABundle: string(e.ca)}
	m.Tenant.Spec.Grants[0].Adopt = []v1alpha1.AdoptGrant{{ServicePrincipalID: v1alpha1.ObjectID(app.ServicePrincipal.ID), App: m.App.Name}}
	m.App.Spec.Application.CreationPolicy = v1alpha1.CreationAdoptOnly
	m.App.Spec.Application.ServicePrincipalID = v1alpha1.ObjectID(app.ServicePrincipal.ID)
	m.App.Spec.Application.Visibility = ""
	return m
}

// onTheJob are the writes to Entra that the job notices.
func onTheJob(o *kit.Operator) []string {
	var out []string
	for _, call := range o.Writes() {
		for _, part := range []string{"schema", "secrets", "jobs/", "appRoleAssignedTo"} {
			if !call.Cluster && strings.Contains(call.Name, part) {
				out = append(out, call.Name)
				break
			}
		}
	}
	return out
}

// A manifest that would lead a running job elsewhere waits until somebody has read what it would do.
func TestTakingUpAJobThatHasRunWaitsForApproval(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	app := e.runningInThePortal(t, portalSettings)
	before := settings(t, w)
	m := adopting(t, e, app)
	w.Apply(t, m)
	o := w.StartOperator(t, kit.Crash{})
	e.ownedBy(t, app, m.Tenant)

	message := w.ExpectStalled(t, "AdoptionHeld")
	for _, want := range []string{
		"address: " + portalAddress + " -> http://wiki-scim." + w.Namespace + ".svc:8080/scim/v2", "scope: All -> Assigned", "outOfScope: Keep -> Disable",
		"accidentalDeletions: Enabled, threshold 50 -> Enabled, threshold 500", "replaced by one that the operator mints", "mappings.User.externalId: [mailNickname] -> [objectId]", "restarted with scope Full", "scim-operator.io/approve-adoption=",
	} {
		if !strings.Contains(message, want) {
			t.Errorf("the message lacks %q: %s", want, message)
		}
	}
	if strings.Contains(message, "notificationEmail") {
		t.Errorf("the message lists what does not differ: %s", message)
	}
	if calls := onTheJob(o); len(calls) > 0 {
		t.Errorf("before any approval the operator sent %v", calls)
	}
	if d := cmp.Diff(before, settings(t, w)); d != "" {
		t.Errorf("Entra's settings (-before +after):\n%s", d)
	}
	if job := w.Job(t); job.Schedule != "Active" || job.Pauses != 0 {
		t.Errorf("the job is %s", job.Schedule)
	}

	annotateWiki(t, w, "scim-operator.io/approve-adoption", "0123456789abcdef")
	kit.Eventually(t, "an approval of something else is told apart", func() error {
		if message := w.ExpectStalled(t, "AdoptionHeld"); !strings.Contains(message, "names another state") {
			return errNotYet
		}
		return nil
	})
	_, value, _ := strings.Cut(message, "scim-operator.io/approve-adoption=")
	value, _, _ = strings.Cut(value, " ")
	annotateWiki(t, w, "scim-operator.io/approve-adoption", value)
	kit.Eventually(t, "the job is restarted", func() error { return atLeast(w.Job(t).Restarts, 1) })

	got := settings(t, w)
	if got["BaseAddress"] == portalAddress || got["SyncAll"] != "false" || got["SkipOutOfScopeDeletions"] != "false" {
		t.Errorf("after the approval Entra's settings are %v", got)
	}
	if job := w.Job(t); job.Restarts != 1 || job.Schedule != "Active" {
		t.Errorf("the job is %s after %d restarts", job.Schedule, job.Restarts)
	}
	narrowedLast(t, o)
	if report := w.Cycle(t); report.Created == 0 {
		t.Errorf("the cycle created nobody: %+v", report)
	}
	w.ExpectReady(t)
	// What was approved is done; from then on the manifest counts at once.
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.NotificationEmail = "other@contoso.com" })
	w.ExpectReady(t)
	if got := settings(t, w)["Recipients"]; got != "other@contoso.com" {
		t.Errorf("notifications go to %v", got)
	}
}

// An approval is of what was read. While Entra cannot reach the endpoint nothing of it is written, so that a manifest that
// says something else by then asks again.
func TestAnApprovalIsOfNoLaterManifest(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	app := e.runningInThePortal(t, portalSettings)
	before := settings(t, w)
	m := adopting(t, e, app)
	w.Apply(t, m)
	o := w.StartOperator(t, kit.Crash{})
	e.ownedBy(t, app, m.Tenant)
	message := w.ExpectStalled(t, v1alpha1.ReasonAdoptionHeld)
	if _, err := w.Sim.AddFault(entrasim.Fault{Target: "scim", Status: 401, Count: -1}); err != nil {
		t.Fatal(err)
	}
	kubectl(t, command(t, message))
	w.ExpectStalled(t, v1alpha1.ReasonCredentialsRejected)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.NotificationEmail = "other@contoso.com" })
	again := w.ExpectStalled(t, v1alpha1.ReasonAdoptionHeld)
	if !strings.Contains(again, "other@contoso.com") || !strings.Contains(again, "names another state") {
		t.Errorf("the second hold says: %s", again)
	}
	if calls := onTheJob(o); len(calls) > 0 {
		t.Errorf("before Entra reached the endpoint the operator sent %v", calls)
	}
	if d := cmp.Diff(before, settings(t, w)); d != "" {
		t.Errorf("Entra's settings (-before +after):\n%s", d)
	}
	w.Sim.ClearFaults()
	kubectl(t, command(t, again))
	kit.Eventually(t, "the job is restarted", func() error { return atLeast(w.Job(t).Restarts, 1) })
	if adopted := w.App(t).Status.Application.AdoptedAt; adopted == nil {
		t.Error("the adoption is not settled")
	}
}

// command is the first one that the message names.
func command(t *testing.T, message string) string {
	t.Helper()
	for i, part := range strings.Split(message, "`") {
		if i%2 == 1 && strings.HasPrefix(part, "kubectl annotate") {
			return part
		}
	}
	t.Fatalf("the message names no command: %s", message)
	return ""
}

// narrowedLast proves that the last write of the settings came after every assignment was made.
func narrowedLast(t *testing.T, o *kit.Operator) {
	t.Helper()
	assigned, put := -1, -1
	calls := onTheJob(o)
	for i, name := range calls {
		switch {
		case strings.Contains(name, "appRoleAssignedTo"):
			assigned = i
		case strings.HasPrefix(name, "PUT") && strings.Contains(name, "secrets"):
			put = i
		}
	}
	if assigned < 0 || put < assigned {
		t.Errorf("the scope was narrowed before everybody was assigned: %v", calls)
	}
}

// Whoever is assigned by the same change that narrows the scope must not be disabled in a cycle in between.
func TestTheScopeIsNarrowedAfterTheAssignmentsAreThere(t *testing.T) {
	t.Parallel()
	w := cluster.NewWorld(t)
	m := w.Manifests(t)
	m.Tenant.Spec.Grants[0].Scopes = []v1alpha1.ProvisioningScope{v1alpha1.ScopeAll, v1alpha1.ScopeAssigned}
	assignments := m.App.Spec.Assignments
	m.App.Spec.Assignments, m.App.Spec.Roles, m.App.Spec.Provisioning.Scope = nil, v1alpha1.RolesNone, v1alpha1.ScopeAll
	w.Apply(t, m)
	o := w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	cycleWithoutPhoenix(t, w)

	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.Provisioning.Scope, s.Assignments = v1alpha1.ScopeAssigned, assignments
		s.Assignments[0].Group.DisplayName = "Nobody Has This Name"
	})
	w.ExpectStalled(t, v1alpha1.ReasonPrincipalNotFound)
	w.Look(t)
	if got := settings(t, w)["SyncAll"]; got != "true" {
		t.Fatalf("SyncAll is %v before the assignments are made: whoever is missing would be disabled", got)
	}
	if message := meta.FindStatusCondition(w.App(t).Status.Conditions, v1alpha1.ConditionCredentialsAccepted).Message; !strings.Contains(message, "everybody stays in scope") {
		t.Errorf("nothing says that everybody stays in scope: %s", message)
	}
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Assignments = w.Manifests(t).App.Spec.Assignments })
	w.ExpectReady(t)
	kit.Eventually(t, "the scope is narrowed", func() error {
		if got := settings(t, w)["SyncAll"]; got != "false" {
			return fmt.Errorf("SyncAll is %v", got)
		}
		return nil
	})
	narrowedLast(t, o)
}

// An application that a ScimApp leaves can be taken up by another one, and a paused job is not started by that.
func TestWhatADeletedScimAppLeavesAnotherOneTakesUp(t *testing.T) {
	for name, first := range map[string]v1alpha1.CreationPolicy{"made by the operator": v1alpha1.CreationCreate, "taken up itself": v1alpha1.CreationAdoptOnly} {
		t.Run(name, func(t *testing.T) {
			w := cluster.NewWorld(t, callerIsKnown)
			e := enter(t, w)
			m := w.Manifests(t)
			m.Tenant.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: e.url, AuthorityURL: e.url, CABundle: string(e.ca)}
			if first == v1alpha1.CreationAdoptOnly {
				app := e.madeInThePortal(t, e.directory(t), portalAddress, nil)
				m = adopting(t, e, app)
				w.Apply(t, m)
				w.StartOperator(t, kit.Crash{})
				e.ownedBy(t, app, m.Tenant)
			} else {
				w.Apply(t, m)
				w.StartOperator(t, kit.Crash{})
			}
			left := w.ExpectReady(t)
			w.Cycle(t)
			w.ExpectReason(t, "Provisioning")
			sp := left.Status.Application.ServicePrincipalID

			key := client.ObjectKey{Namespace: w.Namespace, Name: "library"}
			kit.Change(t, w, m.Tenant, func(tenant *v1alpha1.EntraTenant) {
				tenant.Spec.Grants[0].Adopt = []v1alpha1.AdoptGrant{{ServicePrincipalID: v1alpha1.ObjectID(sp), App: key.Name}}
				for i, host := range tenant.Spec.Grants[0].EndpointHosts {
					tenant.Spec.Grants[0].EndpointHosts[i] = strings.Replace(host, "wiki", "*", 1)
				}
			})
			w.AddApps(t, []string{key.Name}, func(s *v1alpha1.ScimAppSpec) {
				s.Application.CreationPolicy, s.Application.ServicePrincipalID, s.Application.Visibility = v1alpha1.CreationAdoptOnly, v1alpha1.ObjectID(sp), ""
			})
			claimed := awaitCondition(t, w, key, v1alpha1.ConditionApplicationReady, v1alpha1.ReasonApplicationClaimed)
			message := meta.FindStatusCondition(claimed.Status.Conditions, v1alpha1.ConditionApplicationReady).Message
			if mark := "scim-operator/platform-eu/" + w.Namespace + "/" + kit.AppName; !strings.Contains(message, mark) || !strings.Contains(message, "az rest --method PATCH") {
				t.Errorf("the message names neither the mark nor the command: %s", message)
			}

			w.Delete(t)
			if job := w.Job(t); job.Schedule != "Paused" {
				t.Fatalf("the job is %s", job.Schedule)
			}
			annotateApp(t, w, key, "scim-operator.io/reconcile", "now")
			held := awaitCondition(t, w, key, v1alpha1.ConditionApplicationReady, "AdoptionHeld")
			message = meta.FindStatusCondition(held.Status.Conditions, v1alpha1.ConditionApplicationReady).Message
			if !strings.Contains(message, "job: Paused -> started") {
				t.Errorf("the message does not say that the job would be started: %s", message)
			}
			if job := w.Job(t); job.Schedule != "Paused" {
				t.Errorf("the job is %s: nobody has approved its start", job.Schedule)
			}
			// What was not approved is left as it was found: it never was this ScimApp's.
			if err := w.Client.Delete(t.Context(), held); err != nil {
				t.Fatal(err)
			}
			kit.Eventually(t, "the second ScimApp is gone", func() error { return w.Gone(t, held) })
			for _, principal := range w.Sim.State().Principals {
				if tags := fmt.Sprint(principal.Tags); strings.Contains(tags, "scim-operator/") {
					t.Errorf("the enterprise application still carries %s", tags)
				}
			}
		})
	}
}

// A job that runs is not paused when a ScimApp goes that was never allowed to take it up.
func TestAnAdoptionThatWasNotApprovedEndsWithoutATrace(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	app := e.runningInThePortal(t, portalSettings)
	m := adopting(t, e, app)
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	e.ownedBy(t, app, m.Tenant)
	w.ExpectStalled(t, "AdoptionHeld")

	w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants[0].Adopt = nil })
	w.ExpectStalled(t, v1alpha1.ReasonDenied)
	w.Delete(t)
	if job := w.Job(t); job.Schedule != "Active" || job.Pauses != 0 {
		t.Errorf("the job is %s after %d pauses; it was never ours", job.Schedule, job.Pauses)
	}
	d := e.directory(t)
	registration, err := d.Application(t.Context(), app.Application.ID)
	if err != nil {
		t.Fatal(err)
	}
	principal, err := d.ServicePrincipal(t.Context(), app.ServicePrincipal.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]string{app.Application.Tags, app.ServicePrincipal.Tags}, [][]string{registration.Tags, principal.Tags}, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("the tags of both halves (-before +after):\n%s", d)
	}
}

// The plan of an adoption shows the settings as the operator then lists them.
func TestAPlanShowsTheSettingsThatAnAdoptionWouldChange(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	app := e.runningInThePortal(t, portalSettings)
	m := adopting(t, e, app)
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	e.ownedBy(t, app, m.Tenant)
	message := w.ExpectStalled(t, "AdoptionHeld")
	asCaller(t, w.Sim.TenantID())
	plan := planOf(t, "wiki", "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t))
	shown := 0
	for _, line := range plan.Lines {
		if setting, ok := strings.CutPrefix(line, "setting "); ok {
			shown++
			if !strings.Contains(message, setting) {
				t.Errorf("the plan says %q, and the operator %s", setting, message)
			}
		}
	}
	if shown < 6 {
		t.Errorf("the plan shows %d settings: %q", shown, plan.Lines)
	}
}

func annotateWiki(t *testing.T, w *kit.World, key, value string) {
	t.Helper()
	annotateApp(t, w, client.ObjectKey{Namespace: w.Namespace, Name: kit.AppName}, key, value)
}

func annotateApp(t *testing.T, w *kit.World, name client.ObjectKey, key, value string) {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	if err := w.Client.Get(context.WithoutCancel(t.Context()), name, app); err != nil {
		t.Fatal(err)
	}
	kit.Change(t, w, app, func(app *v1alpha1.ScimApp) { metav1.SetMetaDataAnnotation(&app.ObjectMeta, key, value) })
}
