package kit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// World is one app of the samples with its own tenant, simulator, endpoint and clock. Worlds of one cluster do not
// touch one another, so tests in them may run in parallel.
type World struct {
	// Namespace of the ScimApp and its mappings, in the samples docs.
	Namespace string
	// OperatorNamespace holds the Secrets of this world's operator.
	OperatorNamespace string
	// Tenant is the name of the EntraTenant, in the samples contoso.
	Tenant string
	// Sim is the tenant's Entra.
	Sim *entrasim.Server
	// Endpoint is the SCIM server behind the workload.
	Endpoint *scimtest.Endpoint
	// Client is an administrator's.
	Client client.Client

	cluster      *Cluster
	suffix       string
	clock        clock.WithTicker
	clientSecret string
	operators    []*Operator
	kubelet      *kubelet
	tokens       map[string]bool
	// further are the namespaces of AddNamespace.
	further []string
}

// NewWorld makes a world without any operator or manifest. What it leaves behind at the end of the test is checked.
func (c *Cluster) NewWorld(t testing.TB, change ...func(*entrasim.Options)) *World {
	t.Helper()
	ctx := t.Context()
	suffix := fmt.Sprintf("-%04d", c.worlds.Add(1))
	w := &World{
		Namespace: "docs" + suffix, OperatorNamespace: "scim-operator-system" + suffix, Tenant: "contoso" + suffix,
		Client: c.Client, cluster: c, suffix: suffix, clock: newClock(ctx), clientSecret: "client-secret-of" + suffix + "-" + SecretMark,
		tokens: map[string]bool{},
	}
	t.Cleanup(func() { w.leave(t) })
	options := entrasim.Options{Directory: c.people, Now: w.clock.Now, CheckShape: true,
		Clients: []entrasim.Client{{ID: w.clientID(t), Secret: w.clientSecret}}}
	switchSimulator(t, &options)
	for _, f := range change {
		f(&options)
	}
	var err error
	if w.Sim, err = entrasim.New(options); err != nil {
		t.Fatal(err)
	}
	w.Endpoint = w.startEndpoint(t)
	for _, name := range []string{w.Namespace, w.OperatorNamespace} {
		if err := c.createNamespace(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.bindRights(ctx, w.OperatorNamespace); err != nil {
		t.Fatal(err)
	}
	w.kubelet = startKubelet(t, c, w.Namespace, w.Endpoint)
	return w
}

// switchSimulator sets what the environment variable SIM_SWITCHES names, a comma list of NAME=VALUE as
// `entra-sim unconfirmed` shows them: with it a whole suite runs against another reading of what nobody documents.
func switchSimulator(t testing.TB, options *entrasim.Options) {
	t.Helper()
	for pair := range strings.SplitSeq(os.Getenv("SIM_SWITCHES"), ",") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if err := options.Switch(name, value); err != nil {
			t.Fatalf("SIM_SWITCHES: %v", err)
		}
	}
}

// clientID is that of the sample tenant.
func (w *World) clientID(t testing.TB) string {
	t.Helper()
	tenant := &v1alpha1.EntraTenant{}
	w.sample(t, "entratenant.yaml", tenant)
	return string(tenant.Spec.Credentials.ClientSecret.ClientID)
}

// sample reads a manifest of config/samples.
func (w *World) sample(t testing.TB, file string, into client.Object) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(w.cluster.root, "config", "samples", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// Manifests are the samples, with the names of this world.
type Manifests struct {
	Tenant *v1alpha1.EntraTenant
	Users  *v1alpha1.AttributeMapping
	Groups *v1alpha1.AttributeMapping
	App    *v1alpha1.ScimApp
	Secret *corev1.Secret
}

// Manifests reads the samples anew.
func (w *World) Manifests(t testing.TB) Manifests {
	t.Helper()
	m := Manifests{Tenant: &v1alpha1.EntraTenant{}, Users: &v1alpha1.AttributeMapping{}, Groups: &v1alpha1.AttributeMapping{}, App: &v1alpha1.ScimApp{}}
	w.sample(t, "entratenant.yaml", m.Tenant)
	w.sample(t, "attributemapping_users.yaml", m.Users)
	w.sample(t, "attributemapping_groups.yaml", m.Groups)
	w.sample(t, "scimapp.yaml", m.App)
	for _, obj := range []client.Object{m.Users, m.Groups, m.App} {
		obj.SetNamespace(w.Namespace)
	}
	m.Tenant.Name = w.Tenant
	grant := &m.Tenant.Spec.Grants[0]
	grant.Namespaces.Names = []string{w.Namespace}
	for i, host := range grant.EndpointHosts {
		grant.EndpointHosts[i] = strings.Replace(host, "docs", w.Namespace, 1)
	}
	m.App.Spec.TenantRef.Name = w.Tenant
	ref := m.Tenant.Spec.Credentials.ClientSecret.SecretRef
	m.Secret = &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.OperatorNamespace, Name: ref.Name},
		StringData: map[string]string{ref.Key: w.clientSecret},
	}
	return m
}

// Apply creates the objects.
func (w *World) Apply(t testing.TB, m Manifests) {
	t.Helper()
	for _, obj := range []client.Object{m.Secret, m.Tenant, m.Users, m.Groups, m.App} {
		if err := w.Client.Create(context.WithoutCancel(t.Context()), obj); err != nil {
			t.Fatalf("applying %T %s: %v", obj, obj.GetName(), err)
		}
	}
}
