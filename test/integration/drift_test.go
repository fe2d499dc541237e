package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestWhatSomebodyChangesInThePortalIsReportedOrSetBack(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.DriftPolicy = v1alpha1.DriftReport })
	w.ExpectReady(t)
	editTitle(t, w)
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

// editTitle makes title come from city, as somebody does in the portal.
func editTitle(t *testing.T, w *kit.World) {
	t.Helper()
	job := w.Job(t)
	live, err := w.Sim.Tenant().Schema(job.ServicePrincipalID, job.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Sim.Tenant().PutSchema(job.ServicePrincipalID, job.ID, fromCity(t, live, "title")); err != nil {
		t.Fatal(err)
	}
}

// fromCity makes a target of the schema come from city.
func fromCity(t *testing.T, schema map[string]any, target string) map[string]any {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	at := ""
	for r, rule := range gjson.GetBytes(text, "synchronizationRules.#.objectMappings").Array() {
		for o, object := range rule.Array() {
			for a, mapping := range object.Get("attributeMappings").Array() {
				if mapping.Get("targetAttributeName").String() == target {
					at = fmt.Sprintf("synchronizationRules.%d.objectMappings.%d.attributeMappings.%d.source", r, o, a)
				}
			}
		}
	}
	edited, err := sjson.SetRawBytes(text, at, []byte(`{"type": "Attribute", "name": "city", "expression": "[city]", "parameters": []}`))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(edited, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestANewDefaultOfEntraWaitsToBeAccepted: Microsoft changes the default mapping, which would reach all apps at once.
func TestANewDefaultOfEntraWaitsToBeAccepted(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	const target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber" // which the sample leaves to Entra
	body, err := json.Marshal(fromCity(t, w.Sim.Tenant().TemplateSchema("scim"), target))
	if err != nil {
		t.Fatal(err)
	}
	fault := entrasim.Fault{Operation: "getTemplateSchema", Status: 200, Body: string(body), Count: -1, Headers: map[string]string{"Content-Type": "application/json"}}
	if _, err := w.Sim.AddFault(fault); err != nil {
		t.Fatal(err)
	}
	before := w.Job(t).SchemaWrites
	w.Look(t)
	app := w.ExpectCondition(t, v1alpha1.ConditionInSync, metav1.ConditionFalse, v1alpha1.ReasonDefaultChanged)
	if drift := app.Status.Drift; len(drift) != 1 || drift[0].Path != "mappings.User."+target || !strings.Contains(drift[0].Want, "city") {
		t.Errorf("status.drift is %+v", drift)
	}
	w.Look(t)
	if got := w.Job(t).SchemaWrites; got != before {
		t.Errorf("the schema was written %d times, although nobody changed the manifest", got-before)
	}
	// An edit of the other object's mapping is no reason to write what waits.
	w.ChangeGroups(t, func(s *v1alpha1.AttributeMappingSpec) { attribute(s, "externalId").Apply = v1alpha1.ApplyOnCreate })
	kit.Eventually(t, "the mapping of groups is written", func() error { return atLeast(w.Job(t).SchemaWrites, before+1) })
	w.Look(t)
	if app := w.ExpectCondition(t, v1alpha1.ConditionInSync, metav1.ConditionFalse, v1alpha1.ReasonDefaultChanged); len(app.Status.Drift) != 1 {
		t.Errorf("after an edit of the mapping of groups status.drift is %+v", app.Status.Drift)
	}
	before++
	message := meta.FindStatusCondition(w.App(t).Status.Conditions, v1alpha1.ConditionInSync).Message
	kubectl(t, command(t, message))
	w.ExpectCondition(t, v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	if got := w.Job(t).SchemaWrites; got != before+1 {
		t.Errorf("the schema was written %d times after it was accepted", got-before)
	}
}
