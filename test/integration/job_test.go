package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestANarrowedGrantPausesTheJobUntilItIsRestored(t *testing.T) {
	for name, test := range map[string]struct {
		narrow func(*v1alpha1.Grant)
		field  string
	}{
		"the groups are no longer granted": {
			func(g *v1alpha1.Grant) { g.Groups.DisplayNamePrefixes = []string{"Other "} }, "spec.assignments[editors].group",
		},
		"the host is no longer granted": {
			func(g *v1alpha1.Grant) { g.EndpointHosts = []string{"scim.example.com"} }, "spec.endpoint",
		},
		"the namespace is no longer named": {
			func(g *v1alpha1.Grant) { g.Namespaces.Names = []string{"elsewhere"} }, "spec.tenantRef",
		},
		"an attribute is denied": {
			func(g *v1alpha1.Grant) { g.SourceAttributes = &v1alpha1.SourceAttributeGrant{Deny: []string{"mobile"}} }, "mobile",
		},
		"an attribute is denied that only Entra's default mapping sends": {
			func(g *v1alpha1.Grant) {
				g.SourceAttributes = &v1alpha1.SourceAttributeGrant{Deny: []string{"employeeId"}}
			}, "Entra's default mapping",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := steady(t)
			grant := *w.Manifests(t).Tenant.Spec.Grants[0].DeepCopy()
			w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { test.narrow(&tenant.Spec.Grants[0]) })

			message := w.ExpectStalled(t, v1alpha1.ReasonDenied)
			if !strings.Contains(message, test.field) {
				t.Errorf("the message does not name %s: %s", test.field, message)
			}
			expectJob(t, w, "Paused", 1)
			if state := w.Sim.State(); len(state.Applications) != 1 || len(state.Assignments) != 2 || state.DeletedItems != 0 {
				t.Errorf("something was deleted: %+v", state)
			}
			w.Look(t)
			expectJob(t, w, "Paused", 1)

			w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants[0] = grant })
			w.ExpectReady(t)
			expectJob(t, w, "Active", 2)
			if job := w.Job(t); job.SchemaWrites != 1 || job.Pauses != 1 {
				t.Errorf("there were %d schema writes and %d pauses, want one each", job.SchemaWrites, job.Pauses)
			}
		})
	}
}

func TestAJobThatSomebodyPausedStaysPausedUntilTheNextGeneration(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	job := w.Job(t)
	if err := w.Sim.Tenant().PauseJob(job.ServicePrincipalID, job.ID); err != nil {
		t.Fatal(err)
	}
	w.Look(t)
	w.ExpectReason(t, v1alpha1.ReasonPausedOutside)
	o.Kill()
	w.AwaitFullPass(t, func() { w.StartOperator(t, kit.Crash{}) })
	w.Look(t)
	w.ExpectReason(t, v1alpha1.ReasonPausedOutside)
	expectJob(t, w, "Paused", 1)

	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Application.Notes = "Managed in Git, and running again." })
	w.ExpectReason(t, v1alpha1.ReasonProvisioning)
	expectJob(t, w, "Active", 2)
}

func TestStatePausedPausesAndRunningStarts(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.State = v1alpha1.ProvisioningPaused })
	w.ExpectReason(t, v1alpha1.ReasonPaused)
	expectJob(t, w, "Paused", 1)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.State = v1alpha1.ProvisioningRunning })
	w.ExpectReason(t, v1alpha1.ReasonProvisioning)
	expectJob(t, w, "Active", 2)
}

// TestWhatWasPausedRightAfterAStartRunsAgain: two minutes of the world's clock are 1.2 seconds, and each round takes less.
func TestWhatWasPausedRightAfterAStartRunsAgain(t *testing.T) {
	for name, interrupt := range map[string]func(*testing.T, *kit.World){
		"when the manifest says so": func(t *testing.T, w *kit.World) {
			w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.State = v1alpha1.ProvisioningPaused })
			w.ExpectReason(t, v1alpha1.ReasonPaused)
			w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.State = v1alpha1.ProvisioningRunning })
		},
		"when a grant is taken away and given back": func(t *testing.T, w *kit.World) {
			var grants []v1alpha1.Grant
			w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { grants, tenant.Spec.Grants = tenant.Spec.Grants, nil })
			w.ExpectStalled(t, v1alpha1.ReasonDenied)
			w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants = grants })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := steady(t)
			for starts := 2; starts < 5; starts++ {
				interrupt(t, w)
				kit.Eventually(t, "the job runs again", func() error {
					if job := w.Job(t); job.Schedule != "Active" || job.Starts != starts {
						return fmt.Errorf("it is %s after %d starts", job.Schedule, job.Starts)
					}
					return nil
				})
				w.ExpectReason(t, v1alpha1.ReasonProvisioning)
			}
		})
	}
}

func TestASuspendedAppIsLeftAsItIsAndStillDeleted(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	suspend := true
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Suspend = &suspend })
	w.Look(t)
	writes := len(o.Writes())
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Application.Notes = "Nobody reads this." })
	w.Look(t)
	if now := o.Writes(); len(now) != writes {
		t.Errorf("while the app was suspended the operator wrote %v", now[writes:])
	}
	w.Delete(t)
	expectJob(t, w, "Paused", 1)
}

// expectJob looks at the schedule of the job, and how often it was started.
func expectJob(t *testing.T, w *kit.World, schedule string, starts int) {
	t.Helper()
	if job := w.Job(t); job.Schedule != schedule || job.Starts != starts || job.Restarts != 0 {
		t.Errorf("the job is %s after %d starts and %d restarts; want %s after %d starts and none", job.Schedule, job.Starts, job.Restarts, schedule, starts)
	}
}
