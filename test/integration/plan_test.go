package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli"
	"github.com/scim-operator/scim-operator/test/kit"
)

// planned is the part of a plan's JSON that the tests look at.
type planned struct {
	New      bool
	Problems []struct{ Reason, Message string }
	Lines    []string
	People   struct {
		InScope                  int
		Added, Disabled, Changed struct {
			Count    int
			Examples []string
		}
		Note string
	}
}

func planOf(t *testing.T, args ...string) planned {
	t.Helper()
	var p planned
	if err := json.Unmarshal([]byte(mustSucceed(t, append([]string{"plan", "-o", "json"}, args...)...)), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// The plan of a change is what the operator then does: the schema's lines, and the people who are changed in the endpoint.
func TestAPlanSaysWhatTheOperatorThenDoes(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	kit.Change(t, w, w.Manifests(t).Tenant, func(m *v1alpha1.EntraTenant) {
		m.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: e.url, AuthorityURL: e.url, CABundle: string(e.ca)}
	})
	w.Cycle(t)
	asCaller(t, w.Sim.TenantID())
	flags := []string{"-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t)}

	before := planOf(t, append([]string{"wiki"}, flags...)...)
	if len(before.Lines) != 0 || before.People.Added.Count+before.People.Disabled.Count+before.People.Changed.Count != 0 {
		t.Errorf("nothing is to change, and the plan says %+v", before)
	}
	file := filepath.Join(t.TempDir(), "users.yaml")
	users := w.Manifests(t).Users
	users.Spec.Scope = []v1alpha1.ScopeGroup{{Name: "staff", Clauses: []v1alpha1.ScopeClause{{Attribute: "department", Operator: "NotEquals", Values: []string{"Engineering"}}}}}
	for i := range users.Spec.Attributes {
		if users.Spec.Attributes[i].Target == "displayName" {
			users.Spec.Attributes[i] = v1alpha1.MappedAttribute{Target: "displayName", Expression: `Append([displayName], " (docs)")`}
		}
	}
	writeManifests(t, file, users, w.Manifests(t).App)
	after := planOf(t, append([]string{"-f", file}, flags...)...)
	for _, begin := range []string{"User displayName: ", "User scope"} {
		if !containsPrefix(after.Lines, begin) {
			t.Errorf("no line begins with %q: %q", begin, after.Lines)
		}
	}
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { *s = users.Spec })
	w.ExpectReady(t)
	kit.Eventually(t, "the plan of the cluster has no lines any more", func() error {
		if p := planOf(t, append([]string{"wiki"}, flags...)...); len(p.Lines) > 0 {
			return fmt.Errorf("it has %q", p.Lines)
		}
		return nil
	})
	report := w.Cycle(t)
	got := map[string]int{"disabled": after.People.Disabled.Count, "changed": after.People.Changed.Count, "in scope": after.People.InScope}
	want := map[string]int{"disabled": report.Disabled, "changed": report.Updated, "in scope": before.People.InScope - report.Disabled}
	if d := cmp.Diff(want, got); d != "" || after.People.Disabled.Count == 0 {
		t.Errorf("people (-what happened +what was planned):\n%s\n%+v", d, after.People)
	}
}

// writeManifests writes objects to a file.
func writeManifests(t *testing.T, file string, objects ...any) {
	t.Helper()
	var out bytes.Buffer
	for _, object := range objects {
		raw, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n")
		out.Write(raw)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func containsPrefix(lines []string, begin string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// What a grant denies is said before it is applied, in the words in which the operator then says it.
func TestAPlanSaysWhatTheGrantsThenDeny(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	asCaller(t, w.Sim.TenantID())
	file := filepath.Join(t.TempDir(), "tenant.yaml")
	narrowed := w.Manifests(t)
	for i := range narrowed.Tenant.Spec.Grants {
		narrowed.Tenant.Spec.Grants[i].Users = nil
		narrowed.Tenant.Spec.Grants[i].Scopes = nil
	}
	everybody := func(s *v1alpha1.ScimAppSpec) {
		s.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll}
		s.Assignments = append(s.Assignments, v1alpha1.Assignment{Name: "jane", User: &v1alpha1.UserReference{UserPrincipalName: "jane.roe@contoso.com"}})
	}
	everybody(&narrowed.App.Spec)
	writeManifests(t, file, narrowed.Tenant, narrowed.App)
	a := kubectlSCIM(t, append([]string{"plan", "-o", "json", "-f", file, "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t)}, e.flags()...)...)
	var p planned
	if err := json.Unmarshal([]byte(a.stdout), &p); err != nil || a.status != cli.ExitFound {
		t.Fatalf("status %d, error %v: %s%s", a.status, err, a.stdout, a.stderr)
	}
	w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants = narrowed.Tenant.Spec.Grants })
	w.ChangeApp(t, everybody)
	if len(p.Problems) < 2 {
		t.Errorf("the plan says %+v, want the scope and the user", p.Problems)
	}
	kit.Eventually(t, "the operator says what the plan said", func() error { // its cache may know of the app's change first
		message := w.ExpectStalled(t, v1alpha1.ReasonDenied)
		for _, problem := range p.Problems {
			if problem.Reason != v1alpha1.ReasonDenied || !strings.Contains(message, problem.Message) {
				return fmt.Errorf("the plan says %+v\nand the operator %s", problem, message)
			}
		}
		return nil
	})
}

// Before anything is applied there is no application; the plan says what is made then, and whom its first cycle adds.
func TestThePlanOfANewApplicationIsWhatIsThenMade(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	asCaller(t, w.Sim.TenantID())
	m := w.Manifests(t)
	// The namespace has a label that no file says.
	m.Tenant.Spec.Grants[0].Namespaces = v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: w.Namespace}}}
	namespace := &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: w.Namespace}}
	file := filepath.Join(t.TempDir(), "wiki.yaml")
	writeManifests(t, file, namespace, m.Tenant, m.Users, m.Groups, m.App)
	p := planOf(t, append([]string{"-f", file, "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t)}, e.flags()...)...)
	if !p.New || len(p.Problems) > 0 {
		t.Errorf("new: %t, problems: %+v", p.New, p.Problems)
	}
	for _, begin := range []string{"application displayName: none -> ", "app role ", "assignment of group ", "setting token: none -> ", "setting job: none -> started"} {
		if !containsPrefix(p.Lines, begin) {
			t.Errorf("no line begins with %q: %q", begin, p.Lines)
		}
	}
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	groups := 0
	for _, a := range m.App.Spec.Assignments {
		if a.Group != nil {
			groups++
		}
	}
	if made := w.Cycle(t).Created; p.People.Added.Count != made-groups || p.People.Added.Count == 0 {
		t.Errorf("the plan adds %d people, and the first cycle made %d objects, %d groups among them", p.People.Added.Count, made, groups)
	}
}

func TestAPlanGivesUpOnTooManyPeople(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	asCaller(t, w.Sim.TenantID())
	args := append([]string{"plan", "wiki", "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t), "--max-people", "2"}, e.flags()...)
	if a := kubectlSCIM(t, args...); a.status != cli.ExitFailed || !strings.Contains(a.stderr, "more than 2 people are concerned; raise --max-people") {
		t.Errorf("status %d: %s%s", a.status, a.stdout, a.stderr)
	}
	mustSucceed(t, append(args, "--people=false")...)
}

func TestTheFlagsOverruleTheDirectoryOfAnEvaluatedApp(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	asCaller(t, w.Sim.TenantID())
	args := []string{"eval", "wiki", "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t), "--user", "jane.roe@contoso.com"}
	mustSucceed(t, append(args, e.flags()...)...)
	e.url = "https://127.0.0.1:1"
	if a := kubectlSCIM(t, append(args, e.flags()...)...); a.status != cli.ExitFailed || !strings.Contains(a.stderr, e.url) {
		t.Errorf("status %d, want that nobody listens at %s: %s%s", a.status, e.url, a.stdout, a.stderr)
	}
}

func TestTheCallersIdentityIsWhatCounts(t *testing.T) {
	w := cluster.NewWorld(t, callerIsKnown)
	e := enter(t, w)
	args := append([]string{"export", "--tenant", w.Tenant, "--service-principal", "5f96a980-973b-4d7f-8e7b-77f913f8a455"}, e.flags()...)
	for name, c := range map[string]struct{ tenantID, clientID, secret, says string }{
		"nobody":                           {w.Sim.TenantID(), "", "", "AZURE_CLIENT_ID is not set, and the Azure CLI has no account of a cloud that is Custom"},
		"somebody of another directory":    {"11111111-2222-4333-8444-555555555555", caller.ID, caller.Secret, "so it is of another directory than the one asked for"},
		"a wrong secret":                   {w.Sim.TenantID(), caller.ID, "wrong", "your own identity: Entra gives it no token"},
		"half an identity":                 {w.Sim.TenantID(), caller.ID, "", "your own identity, from the environment variables AZURE_"},
		"an application that is not there": {w.Sim.TenantID(), caller.ID, caller.Secret, "the directory has no enterprise application with the object ID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AZURE_TENANT_ID", c.tenantID)
			t.Setenv("AZURE_CLIENT_ID", c.clientID)
			t.Setenv("AZURE_CLIENT_SECRET", c.secret)
			a := kubectlSCIM(t, args...)
			if a.status != cli.ExitFailed || !strings.Contains(a.stderr, c.says) {
				t.Errorf("status %d, want %q: %s", a.status, c.says, a.stderr)
			}
			if strings.Contains(a.stderr, "EntraTenant's spec.credentials") || c.secret != "" && strings.Contains(a.stderr, c.secret+" ") {
				t.Errorf("the message is about the operator's credentials, or shows a secret: %s", a.stderr)
			}
		})
	}
}

// An EntraTenant of the files leads nowhere else than the cluster's of that name.
func TestAPlanAsksWhereTheClusterSays(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	kit.Change(t, w, w.Manifests(t).Tenant, func(m *v1alpha1.EntraTenant) {
		m.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: e.url, AuthorityURL: e.url, CABundle: string(e.ca)}
	})
	asCaller(t, w.Sim.TenantID())
	m := w.Manifests(t)
	m.Tenant.Spec.Cloud = v1alpha1.CloudCustom
	m.Tenant.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: "https://graph.evil.example", AuthorityURL: "https://login.evil.example"}
	file := filepath.Join(t.TempDir(), "wiki.yaml")
	writeManifests(t, file, m.Tenant, m.App)
	if p := planOf(t, "-f", file, "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t)); len(p.Lines) != 0 {
		t.Errorf("nothing is to change, and the plan says %q", p.Lines)
	}
	kit.Eventually(t, "the operator has seen the EntraTenant", func() error {
		err := w.Client.Get(t.Context(), keyOf(m.Tenant), m.Tenant)
		if err == nil && m.Tenant.Status.ObservedGeneration != m.Tenant.Generation {
			err = errNotYet
		}
		return err
	})
}

// The files do not say which assignments the operator made: the cluster's status does.
func TestAPlanOfFilesShowsARemovedAssignment(t *testing.T) {
	w, _ := ready(t, callerIsKnown)
	e := enter(t, w)
	w.Cycle(t)
	asCaller(t, w.Sim.TenantID())
	m := w.Manifests(t)
	m.App.Spec.Assignments = nil
	file := filepath.Join(t.TempDir(), "wiki.yaml")
	writeManifests(t, file, m.Tenant, m.Users, m.Groups, m.App)
	args := append([]string{"-f", file, "-n", w.Namespace}, e.flags()...)

	known := planOf(t, append(args, "--kubeconfig", cluster.Kubeconfig(t))...).People
	if known.InScope != 0 || known.Disabled.Count == 0 || known.Note != "" {
		t.Errorf("everybody loses access, and the plan says %+v", known)
	}
	t.Setenv("KUBECONFIG", "testdata/no-kubeconfig")
	unknown := planOf(t, args...).People
	if unknown.Disabled.Count != 0 || !strings.Contains(unknown.Note, "removed assignments are not counted: ") {
		t.Errorf("nobody knows who loses access, and the plan says %+v", unknown)
	}
}
