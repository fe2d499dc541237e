package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestAMappingWithASyntaxErrorIsNamedAndNotApplied(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	before := schema(t, w)
	valid := ""
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		formatted := attribute(s, "name.formatted")
		valid = formatted.Expression
		formatted.Expression = "Join(\" \",\n  [givenName], [surname]"
	})
	message := w.ExpectStalled(t, v1alpha1.ReasonMappingInvalid)
	for _, words := range []string{"wiki-users", "name.formatted", "stays as it is"} {
		if !strings.Contains(message, words) {
			t.Errorf("the message does not say %q: %s", words, message)
		}
	}
	if !regexp.MustCompile(`line 2, column \d+`).MatchString(message) {
		t.Errorf("the message does not say where: %s", message)
	}
	if diff := cmp.Diff(before, schema(t, w)); diff != "" {
		t.Errorf("the live schema changed (-before +after):\n%s", diff)
	}
	expectJob(t, w, "Active", 1)

	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { attribute(s, "name.formatted").Expression = valid })
	w.ExpectReady(t)
	if job := w.Job(t); job.SchemaWrites != 1 {
		t.Errorf("mending the mapping wrote the schema: %d writes", job.SchemaWrites)
	}
}

func TestAChangedMappingIsOneSchemaWriteAfterTheEndpointKnowsIt(t *testing.T) {
	t.Parallel()
	const shelf = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"
	w, o := steady(t)
	calls := len(o.Calls())
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: shelf, Source: "department"})
	})
	kit.Eventually(t, "the schema is written", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
	w.Look(t)
	w.ExpectReady(t)
	if job := w.Job(t); job.SchemaWrites != 2 || len(job.LostSchemaMembers) > 0 {
		t.Errorf("the change made %d schema writes, and %v was lost", job.SchemaWrites-1, job.LostSchemaMembers)
	}
	config, put := -1, -1
	for i, call := range o.Calls()[calls:] {
		switch {
		case strings.HasPrefix(call.Name, "PATCH configmaps/wiki-scim-config "):
			config = i
		case strings.HasPrefix(call.Name, "PUT ") && strings.Contains(call.Name, "/schema "):
			put = i
		}
	}
	if config < 0 || put < config {
		t.Errorf("the endpoint's configuration was written as call %d and the schema as call %d", config, put)
	}
	if cycle := w.Cycle(t); !cycle.Initial || cycle.Updated == 0 {
		t.Errorf("the cycle after the change was %+v; want everybody looked at and updated", cycle)
	}
}

func attribute(s *v1alpha1.AttributeMappingSpec, target string) *v1alpha1.MappedAttribute {
	return &s.Attributes[slices.IndexFunc(s.Attributes, func(a v1alpha1.MappedAttribute) bool { return a.Target == target })]
}

func schema(t *testing.T, w *kit.World) string {
	t.Helper()
	job := w.Job(t)
	live, err := w.Sim.Tenant().Schema(job.ServicePrincipalID, job.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(live, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnExtensionThatEntraStillMapsIsServedThoughNobodyDeclaresIt(t *testing.T) {
	t.Parallel()
	const shelf = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"
	w, _ := steady(t)
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: shelf, Source: "department"})
	})
	kit.Eventually(t, "the schema is written", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
	w.ExpectReady(t)
	// The mapping of users is taken off the list: Entra keeps what it has for them.
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.AttributeMappings = slices.DeleteFunc(s.AttributeMappings, func(r v1alpha1.AttributeMappingReference) bool { return r.Name == "wiki-users" })
	})
	w.ExpectReady(t)
	for range 3 {
		w.Look(t)
	}
	config := &corev1.ConfigMap{}
	if err := w.Client.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace, Name: "wiki-scim-config"}, config); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(config.Data); !strings.Contains(text, "shelf") {
		t.Errorf("Entra still sends the extension's attribute, and the endpoint forgot it: %s", text)
	}
}
