package integration

import (
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// TestUnconfirmedBehavioursDoNotMatter takes an app through the beginning of its life under each other reading of what nobody
// documents and the operator could stumble over: it becomes ready, a change arrives, and nothing is written for ever after.
// `make test-switches` runs the whole suite under those that matter most.
func TestUnconfirmedBehavioursDoNotMatter(t *testing.T) {
	for name, value := range map[string]string{
		"secrets-put": "replace", "secrets-required-keys": "stored", "flow-types": "tight", "directory-name": "MicrosoftEntraID",
		"rule-id": "suffixed", "schema-version": "number", "instantiate-tags": "one", "name-follows": "yes",
		"job-created": "200", "second-job": "made", "start-while-running": "stops", "entry-count-key": "source",
		"synchronization-limit": "50", "no-jobs": "404", "instantiate-owner": "nobody",
	} {
		t.Run(name+" is "+value, func(t *testing.T) {
			t.Parallel()
			w, _ := ready(t, func(o *entrasim.Options) {
				if err := o.Switch(name, value); err != nil {
					t.Fatal(err)
				}
			})
			w.Cycle(t)
			w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Provisioning.NotificationEmail = "other@contoso.com" })
			w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { attribute(s, "name.formatted").Expression = "[displayName]" })
			kit.Eventually(t, "the schema is written", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
			w.ExpectReady(t)
			if got := settings(t, w)["Recipients"]; got != "other@contoso.com" {
				t.Errorf("notifications go to %v", got)
			}
			if job := w.Job(t); len(w.Sim.State().Jobs) != 1 || len(w.Sim.State().Applications) != 1 || len(job.LostSchemaMembers) > 0 {
				t.Errorf("there are %d jobs and %d applications, and %v was lost", len(w.Sim.State().Jobs), len(w.Sim.State().Applications), job.LostSchemaMembers)
			}
			w.Cycle(t)
			before := w.Sim.JournalCounts(0).Last
			w.Look(t)
			w.Look(t)
			if counts := w.Sim.JournalCounts(before); counts.Writes != 0 || counts.Reads == 0 {
				t.Errorf("in passes without a change Entra was asked for: %v", counts.ByOperation)
			}
		})
	}
}
