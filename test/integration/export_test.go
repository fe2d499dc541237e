package integration

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The address of the portal's apps is of a server that is not there: Entra's side is what these tests are about.
const portalAddress = "https://wiki.contoso.example/scim/v2"

var portalChanges = map[string]func(*testing.T, []byte) []byte{
	"untouched": nil,
	"edited":    editedInThePortal,
}

func TestAnExportSaysAllOfItAndItsPlanHasNoLines(t *testing.T) {
	for name, change := range portalChanges {
		t.Run(name, func(t *testing.T) {
			w := cluster.NewWorld(t, callerIsKnown)
			e := enter(t, w)
			app := e.madeInThePortal(t, e.directory(t), portalAddress, change)
			asCaller(t, w.Sim.TenantID())

			flags := append([]string{"--tenant", w.Tenant, "-n", w.Namespace, "--kubeconfig", cluster.Kubeconfig(t)}, e.flags()...)
			exported := mustSucceed(t, append([]string{"export", "--service-principal", app.ServicePrincipal.ID}, flags...)...)
			golden(t, filepath.Join("testdata", "export", name+".yaml"), anonymous(w, app, exported))

			file := filepath.Join(t.TempDir(), "wiki.yaml")
			if err := os.WriteFile(file, []byte(exported), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := mustSucceed(t, "lint", "-f", file); strings.Contains(out, "error:") {
				t.Errorf("lint of the export:\n%s", out)
			}
			plan := mustSucceed(t, append([]string{"plan", "-f", file}, flags...)...)
			if !strings.Contains(plan, "no changes: Entra maps as declared") {
				t.Errorf("the plan of the export has lines:\n%s\n%s", plan, exported)
			}
			takesUp(t, e, app, exported)
		})
	}
}

// takesUp applies an export beside an operator, which takes the application up and leaves its mappings and assignments alone.
func takesUp(t *testing.T, e entrance, app portalApp, exported string) {
	t.Helper()
	w := e.world
	m := w.Manifests(t)
	m.Tenant.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: e.url, AuthorityURL: e.url, CABundle: string(e.ca)}
	grant := &m.Tenant.Spec.Grants[0]
	grant.EndpointHosts = append(grant.EndpointHosts, "wiki.contoso.example")
	objects := []client.Object{
		m.Secret, m.Tenant,
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: "kase-wiki-scim-token", Labels: map[string]string{v1alpha1.LabelToken: "true"}},
			StringData: map[string]string{"token": "portal-token-" + kit.SecretMark},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: kit.AppSecretsRole},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: kit.AppSecretsRole},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: w.OperatorNamespace, Name: "scim-operator-controller-manager"}},
		},
	}
	for _, object := range decodeAll(t, exported) {
		objects = append(objects, object)
	}
	for _, object := range objects {
		if err := w.Client.Create(t.Context(), object); err != nil {
			t.Fatalf("applying %T %s: %v", object, object.GetName(), err)
		}
	}
	key := client.ObjectKey{Namespace: w.Namespace, Name: "kase-wiki"}
	o := w.StartOperator(t, kit.Crash{})
	awaitCondition(t, w, key, v1alpha1.ConditionAllowed, v1alpha1.ReasonDenied)
	e.ownedBy(t, app, m.Tenant)

	kit.Change(t, w, m.Tenant, func(tenant *v1alpha1.EntraTenant) {
		tenant.Spec.Grants[0].Adopt = []v1alpha1.AdoptGrant{{ServicePrincipalID: v1alpha1.ObjectID(app.ServicePrincipal.ID), App: key.Name}}
	})
	taken := awaitCondition(t, w, key, v1alpha1.ConditionMappingsApplied, v1alpha1.ReasonMappingsApplied)
	awaitCondition(t, w, key, v1alpha1.ConditionAssignmentsApplied, v1alpha1.ReasonAssignmentsApplied)
	if taken.Status.Application.ServicePrincipalID != app.ServicePrincipal.ID {
		t.Errorf("the operator took up %s, want %s", taken.Status.Application.ServicePrincipalID, app.ServicePrincipal.ID)
	}
	for _, call := range o.Writes() {
		if !call.Cluster && (strings.Contains(call.Name, "schema") || strings.Contains(call.Name, "appRoleAssignedTo") || strings.Contains(call.Name, "jobs") || strings.Contains(call.Name, "secrets")) {
			t.Errorf("the operator wrote %s, though the export says what is there", call.Name)
		}
	}
	plan := mustSucceed(t, "plan", key.Name, "-n", key.Namespace, "--kubeconfig", cluster.Kubeconfig(t))
	if !strings.Contains(plan, "no changes: Entra maps as declared") {
		t.Errorf("the plan of the applied export has lines:\n%s", plan)
	}
	leavesAlone(t, w, o, taken)
}

// ownedBy makes the operator an owner, as the tenant's admin does: it may change what it owns only.
func (e entrance) ownedBy(t *testing.T, app portalApp, m *v1alpha1.EntraTenant) {
	t.Helper()
	kit.Eventually(t, "the operator knows who it is", func() error {
		if err := e.world.Client.Get(context.WithoutCancel(t.Context()), client.ObjectKeyFromObject(m), m); err != nil {
			return err
		}
		if m.Status.Identity == "" {
			return errors.New("status.identity is empty")
		}
		return nil
	})
	d := e.directory(t)
	err := errors.Join(d.AddServicePrincipalOwner(t.Context(), app.ServicePrincipal.ID, m.Status.Identity),
		d.AddApplicationOwner(t.Context(), app.Application.ID, m.Status.Identity))
	if err != nil {
		t.Fatal(err)
	}
}

// leavesAlone deletes the ScimApp: what the operator did not make stays.
func leavesAlone(t *testing.T, w *kit.World, o *kit.Operator, taken *v1alpha1.ScimApp) {
	t.Helper()
	if err := w.Client.Delete(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	kit.Eventually(t, "the ScimApp is gone", func() error { return w.Gone(t, taken) })
	for _, call := range o.Writes() {
		if !call.Cluster && strings.HasPrefix(call.Name, http.MethodDelete) {
			t.Errorf("the operator sent %s to Entra for an application that it did not make", call.Name)
		}
	}
}

// awaitCondition waits until the condition has the reason.
func awaitCondition(t *testing.T, w *kit.World, key client.ObjectKey, condition, reason string) *v1alpha1.ScimApp {
	t.Helper()
	app := &v1alpha1.ScimApp{}
	kit.Eventually(t, condition+" is "+reason, func() error {
		if err := w.Client.Get(context.WithoutCancel(t.Context()), key, app); err != nil {
			return err
		}
		c := meta.FindStatusCondition(app.Status.Conditions, condition)
		if c == nil || c.Reason != reason {
			return fmt.Errorf("the conditions are %v", app.Status.Conditions)
		}
		return nil
	})
	return app
}

func anonymous(w *kit.World, app portalApp, text string) string {
	replacer := strings.NewReplacer(app.ServicePrincipal.ID, "SERVICE-PRINCIPAL", w.Tenant, "TENANT", w.Namespace, "NAMESPACE")
	return replacer.Replace(text)
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", file, d)
	}
}

// decodeAll reads the objects of a YAML stream.
func decodeAll(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewBufferString(text), 4096)
	var all []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, object)
	}
}
