package desired

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/token"
	"github.com/scim-operator/scim-operator/test/gen"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

const rawToken = "scimop_this-is-the-raw-token-of-the-test"

// minimal is the endpoint of the smallest ScimApp.
func minimal(changes ...func(*v1alpha1.ScimApp)) Endpoint {
	app := gen.ScimApp("wiki", changes...)
	return Endpoint{
		App: app, URL: InternalURL(app.Namespace, app.Name), DefaultImage: "scim-operator/scim-endpoint:dev",
		OperatorNamespace: "scim-operator-system", TokenHashes: []string{token.Hash(rawToken)},
	}
}

func storage(s v1alpha1.SQLiteStorage) func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{SQLite: &s}}})
}

// everything sets each field that has a say in the objects.
func everything() Endpoint {
	size, one := resource.MustParse("5Gi"), int32(1)
	e := minimal(gen.WithEndpoint(v1alpha1.EndpointSpec{
		Managed: &v1alpha1.ManagedEndpoint{
			Replicas: &one,
			Image:    "registry.example.com/scim-endpoint:v1",
			Storage:  &v1alpha1.Storage{SQLite: &v1alpha1.SQLiteStorage{Size: &size, StorageClassName: "fast"}},
			PodTemplate: &v1alpha1.PodTemplate{
				Labels:      map[string]string{"team": "docs", "app.kubernetes.io/name": "not-ours"},
				Annotations: map[string]string{"example.com/note": "kept"},
				Resources: &corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1000m")},
				},
				NodeSelector: map[string]string{"disk": "ssd"},
				Tolerations:  []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}},
				Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
					RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
						MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "zone", Operator: corev1.NodeSelectorOpIn, Values: []string{"a"}}},
					}}},
				}},
				PriorityClassName: "business",
				ImagePullSecrets:  []corev1.LocalObjectReference{{Name: "pull"}},
			},
		},
		Exposure: &v1alpha1.Exposure{URL: "https://scim.wiki.example.com/scim/v2"},
	}))
	e.App.Labels = map[string]string{"argocd.argoproj.io/instance": "platform"}
	e.App.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"}
	e.URL = e.App.Spec.Endpoint.Exposure.URL
	e.TokenHashes = append(e.TokenHashes, token.Hash("the one before"))
	return e
}

func withExtensions() Endpoint {
	e := minimal()
	e.Extensions = []Extension{
		{ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group", Name: "wiki", ResourceType: "Group", Attributes: []mapping.ExtensionAttribute{{Name: "room", Type: "string"}}},
		{ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User", Name: "wiki", ResourceType: "User", Attributes: []mapping.ExtensionAttribute{
			{Name: "shelf", Type: "string", CaseExact: true}, {Name: "tags", Type: "string", MultiValued: true},
		}},
	}
	return e
}

// withProvidedToken has the token of a Secret of the user's, which is any text.
func withProvidedToken() Endpoint {
	e := minimal(func(app *v1alpha1.ScimApp) {
		app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "wiki-token", Key: "token"}}
	})
	e.TokenHashes = []string{token.Hash("a token of the user's")}
	return e
}

// postgres is an endpoint on the database of a CloudNativePG cluster.
func postgres(changes ...func(*v1alpha1.ManagedEndpoint)) Endpoint {
	managed := v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{Postgres: &v1alpha1.PostgresStorage{
		ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "wiki-db-app"},
	}}}
	for _, change := range changes {
		change(&managed)
	}
	return minimal(gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &managed}))
}

// postgresEverything sets each field that concerns PostgreSQL and several pods.
func postgresEverything() Endpoint {
	e := postgres(withWebhook("https://hooks.example.com/scim"), func(m *v1alpha1.ManagedEndpoint) {
		m.Replicas = new(int32(3))
		m.Storage.Postgres.ConnectionSecretRef.Key = "dsn"
		m.Storage.Postgres.MigrateFrom = v1alpha1.StorageSQLite
		m.ReadTokens = []v1alpha1.ReadToken{{Name: "wiki", SHA256: token.Hash("a token of the wiki")}}
		m.Retention = &v1alpha1.Retention{
			Inactive: new(v1alpha1.Duration("4320h")), Outbox: new(v1alpha1.Duration("168h")),
			DeadLetters: new(v1alpha1.Duration("720h")), Audit: new(v1alpha1.Duration("8760h")),
		}
		m.PodTemplate = &v1alpha1.PodTemplate{
			Env: []corev1.EnvVar{{Name: "HTTPS_PROXY", Value: "http://proxy.example.com:3128"}, {Name: "SCIM_ENDPOINT_STORE", Value: "sqlite:///tmp/x.db"}},
			TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
				MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone, WhenUnsatisfiable: corev1.DoNotSchedule,
			}},
		}
	})
	e.Store = &v1alpha1.StoreStatus{ID: "5d0e8a52-9a6b-4d0e-8f0a-5b1d2c3e4f50", Sequence: 4711}
	return e
}

func withWebhook(url string) func(*v1alpha1.ManagedEndpoint) {
	return func(m *v1alpha1.ManagedEndpoint) {
		m.Delivery = &v1alpha1.Delivery{Webhook: &v1alpha1.Webhook{URL: url, SigningSecretRef: v1alpha1.LocalSecretKeyReference{Name: "hook", Key: "signing"}}}
	}
}

// sqliteWithWebhook sends what changes to a Service of the app.
func sqliteWithWebhook() Endpoint {
	managed := v1alpha1.ManagedEndpoint{}
	withWebhook("http://wiki.docs.svc/hooks/scim")(&managed)
	return minimal(gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &managed}))
}

func cases() map[string]Endpoint {
	return map[string]Endpoint{
		"postgres":            postgres(),
		"postgres-one":        postgres(func(m *v1alpha1.ManagedEndpoint) { m.Replicas = new(int32(1)) }),
		"postgres-everything": postgresEverything(),
		"sqlite-webhook":      sqliteWithWebhook(),
		"minimal":             minimal(),
		"everything":          everything(),
		"existing-secret":     withProvidedToken(),
		"extensions":          withExtensions(),
		"when-deleted-delete": minimal(storage(v1alpha1.SQLiteStorage{WhenDeleted: v1alpha1.WhenDeletedDelete})),
	}
}

func render(t *testing.T, e Endpoint) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, obj := range objects(t, e) {
		body, err := yaml.Marshal(obj)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n")
		out.Write(body)
	}
	return out.Bytes()
}

func objects(t *testing.T, e Endpoint) []Object {
	t.Helper()
	out, err := Objects(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestObjects holds the objects against files that are reviewed like code; `go test ./internal/desired -update` writes them.
func TestObjects(t *testing.T) {
	for name, e := range cases() {
		t.Run(name, func(t *testing.T) {
			got := render(t, e)
			golden := filepath.Join("testdata", name+".yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("%s (-want +got); if this is meant, run the test with -update:\n%s", golden, d)
			}
		})
	}
}
