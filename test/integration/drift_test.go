package integration

import (
	"encoding/json"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestWhatSomebodyChangesInThePortalIsReportedOrSetBack(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.DriftPolicy = v1alpha1.DriftReport })
	w.ExpectReady(t)
	declared := schema(t, w)
	job := w.Job(t)
	edited := strings.Replace(declared, `"[jobTitle]"`, `"[city]"`, 1)
	edited = strings.Replace(edited, `"name": "jobTitle"`, `"name": "city"`, 1)
	if edited == declared {
		t.Fatal("the schema has no title to change")
	}
	var portal map[string]any
	if err := json.Unmarshal([]byte(edited), &portal); err != nil {
		t.Fatal(err)
	}
	if err := w.Sim.Tenant().PutSchema(job.ServicePrincipalID, job.ID, portal); err != nil {
		t.Fatal(err)
	}
	before := w.Job(t).SchemaWrites
	kit.Eventually(t, "the drift is reported", func() error {
		w.Look(t)
		return atLeast(len(w.App(t).Status.Drift), 1)
	})
	app := w.ExpectCondition(t, v1alpha1.ConditionInSync, metav1.ConditionFalse, v1alpha1.ReasonDrifted)
	w.ExpectReason(t, v1alpha1.ReasonProvisioning)
	drift := app.Status.Drift
	if len(drift) != 1 || drift[0].Path != "mappings.User.title" || !strings.Contains(drift[0].Want, "jobTitle") || !strings.Contains(drift[0].Have, "city") || drift[0].Since == nil {
		t.Errorf("status.drift is %+v", drift)
	}
	w.Look(t)
	if got := w.Job(t).SchemaWrites; got != before {
		t.Errorf("the operator wrote the schema %d times, although it is to report", got-before)
	}

	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.DriftPolicy = v1alpha1.DriftCorrect })
	app = w.ExpectCondition(t, v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	if got := w.Job(t).SchemaWrites; got != before+1 || app.Status.Drift != nil {
		t.Errorf("there were %d writes, and status.drift is %v", got-before, app.Status.Drift)
	}
	kit.Eventually(t, "an event says what was set back", func() error {
		return w.FindEvent(t, v1alpha1.ReasonDriftCorrected, func(e eventsv1.Event) bool { return strings.Contains(e.Note, "User title: [city] -> [jobTitle]") })
	})
}
