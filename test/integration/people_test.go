package integration

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/test/kit"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

// expectation is an entry of testdata/people/expected.yaml, which says what its members mean.
type expectation struct {
	Trap     string         `json:"trap"`
	Absent   string         `json:"absent"`
	Manager  string         `json:"manager"`
	Resource map[string]any `json:"resource"`
}

const (
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	people     = "testdata/people/"
)

// TestTwentyPeopleArriveAsExpected compares what three independent parts say of twenty people with one file that was written by hand: the
// endpoint after a cycle of the simulator's engine; eval without Entra; eval that asks Entra about the job and the person.
func TestTwentyPeopleArriveAsExpected(t *testing.T) {
	want := expectations(t)
	everybody, err := directory.Load(people + "directory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w := cluster.NewWorld(t, func(o *entrasim.Options) { o.Directory = everybody })
	m := w.Manifests(t)
	m.Users.Spec = mappingOfTwenty(t)
	m.App.Spec.Roles = v1alpha1.RolesNone // the mapping has its own role function
	m.App.Spec.Assignments = append(m.App.Spec.Assignments, v1alpha1.Assignment{
		Name: "rolf", User: &v1alpha1.UserReference{UserPrincipalName: "rolf@contoso.com"}})
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	w.Cycle(t)

	caller := w.Caller(t)
	held := resources(t, w)
	if len(held) != len(want)-3 {
		t.Errorf("the endpoint holds %d people, want all but three", len(held))
	}
	for _, u := range everybody.Users {
		t.Run(u.UserPrincipalName, func(t *testing.T) {
			e := want[u.UserPrincipalName]
			compareHeld(t, e, held, want)
			if e.Absent != "not assigned" { // which nobody can know without Entra
				compareEvaluation(t, e, evaluation(t, nil, "-f", people+"users.yaml", "--person", personFile(t, u, everybody)))
			}
			ask := []string{"wiki", "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t), "--user", u.UserPrincipalName}
			compareEvaluation(t, e, evaluation(t, caller, ask...))
			compareEvaluation(t, e, evaluation(t, caller, append(ask, "-f", people+"users.yaml")...))
		})
	}
}

func expectations(t *testing.T) map[string]expectation {
	t.Helper()
	raw, err := os.ReadFile(people + "expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		People map[string]expectation `json:"people"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for name, e := range file.People {
		if (e.Absent == "") == (e.Resource == nil) || e.Trap == "" {
			t.Fatalf("expected.yaml: %s has to have a trap, and either absent or a resource", name)
		}
	}
	return file.People
}

func mappingOfTwenty(t *testing.T) v1alpha1.AttributeMappingSpec {
	t.Helper()
	raw, err := os.ReadFile(people + "users.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var m v1alpha1.AttributeMapping
	if err := yaml.UnmarshalStrict(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m.Spec
}

// resources are what the endpoint holds, by userName.
func resources(t *testing.T, w *kit.World) map[string]map[string]any {
	t.Helper()
	c := scimkit.Client{BaseURL: w.Endpoint.URL, Token: w.Token(t), HTTP: http.DefaultClient}
	answer, err := c.Do(t.Context(), http.MethodGet, "/Users?count=100", nil)
	if err != nil || answer.Status != http.StatusOK {
		t.Fatalf("listing the people: %v %s", err, answer)
	}
	list, _ := answer.Document()["Resources"].([]any)
	held := map[string]map[string]any{}
	for _, element := range list {
		resource, _ := element.(map[string]any)
		name, _ := resource["userName"].(string)
		held[name] = resource
	}
	return held
}

// compareHeld compares what the endpoint holds, with the manager's id led back to whom it means.
func compareHeld(t *testing.T, e expectation, held map[string]map[string]any, all map[string]expectation) {
	t.Helper()
	if e.Absent != "" {
		return // the number of those who are there says so
	}
	name, _ := e.Resource["userName"].(string)
	got := maps.Clone(held[name])
	manager := ""
	if extension, ok := got[enterprise].(map[string]any); ok {
		extension = maps.Clone(extension)
		if reference, ok := extension["manager"].(map[string]any); ok {
			for upn, other := range all {
				if name, _ := other.Resource["userName"].(string); name != "" && held[name]["id"] == reference["value"] {
					manager = upn
				}
			}
		}
		delete(extension, "manager")
		got[enterprise] = extension
	}
	if manager != e.Manager {
		t.Errorf("the manager is %q, want %q", manager, e.Manager)
	}
	compareResource(t, "the endpoint", e.Resource, got)
}

// compareResource leaves out what a server adds, and does not count the order of lists.
func compareResource(t *testing.T, who string, want, got map[string]any) {
	t.Helper()
	got = maps.Clone(got)
	for _, name := range []string{"schemas", "id", "meta", "groups"} {
		delete(got, name)
	}
	if diff := cmp.Diff(inOrder(want), inOrder(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", who, diff)
	}
}

// inOrder sorts the lists, whose order means nothing.
func inOrder(resource map[string]any) map[string]any {
	out := maps.Clone(resource)
	for name, value := range out {
		if list, ok := value.([]any); ok {
			out[name] = slices.SortedFunc(slices.Values(list), func(a, b any) int { return strings.Compare(text(a), text(b)) })
		}
	}
	return out
}

func text(element any) string {
	raw, _ := json.Marshal(element) // it came from JSON
	return string(raw)
}
