package envtest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/envtest"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestTheAPIServerAcceptsTheExamples(t *testing.T) {
	for name, object := range objects(t, "testdata/valid/*.yaml") {
		t.Run(name, func(t *testing.T) {
			if err := server.Client.Create(context.Background(), object, client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTheExamplesShowEveryMember makes the examples whole, so that accepting them says something.
func TestTheExamplesShowEveryMember(t *testing.T) {
	shown := map[string]bool{}
	for _, object := range objects(t, "testdata/valid/*.yaml") {
		paths(object.GetKind()+" "+v1alpha1.GroupVersion.Version, "spec", object.Object["spec"], shown)
	}
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, _ apiextensionsv1.JSONSchemaProps) {
			if strings.HasPrefix(path, "spec") && !strings.HasSuffix(path, "{}") && !shown[kind+path] {
				t.Errorf("%s: no file in testdata/valid has %s", kind, path)
			}
		})
	}
}

// paths collects the paths of a value, spelt as walk spells them, after the kind.
func paths(kind, path string, value any, into map[string]bool) {
	into[kind+path] = true
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			paths(kind, path+"."+name, below, into)
		}
	case []any:
		for _, below := range v {
			paths(kind, path+"[]", below, into)
		}
	}
}

// objects reads one object from each file, by the file's name.
func objects(t *testing.T, pattern string) map[string]*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no files %s (%v)", pattern, err)
	}
	found := map[string]*unstructured.Unstructured{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict(content, &object.Object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found[filepath.Base(file)] = object
	}
	return found
}

func TestTheAPIServerAcceptsTheSamples(t *testing.T) {
	root, err := envtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for name, object := range objects(t, filepath.Join(root, "config", "samples", "*.yaml")) {
		if object.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
			continue
		}
		ours++
		t.Run(name, func(t *testing.T) {
			if err := server.Client.Create(context.Background(), object, client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
	if ours == 0 {
		t.Error("config/samples has none of our kinds")
	}
}

func TestTheAPIServerAcceptsChanges(t *testing.T) {
	for name, change := range map[string]struct{ before, after client.Object }{
		"the managed endpoint that was meant by none": {
			gen.ScimApp("a"), gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("1Gi")})),
		},
		"a managed endpoint that is left out again": {
			gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{WhenDeleted: v1alpha1.WhenDeletedDelete})), gen.ScimApp("a"),
		},
		"a bigger claim, in another unit": {
			gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("1Gi")})), gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("1500M")})),
		},
		"the same size and class beside another fate": {
			gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("2Gi"), StorageClassName: "fast"})),
			gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("2048Mi"), StorageClassName: "fast", WhenDeleted: v1alpha1.WhenDeletedDelete})),
		},
		"PostgreSQL in place of SQLite, with the move declared": {
			gen.ScimApp("a", sqlite(v1alpha1.SQLiteStorage{Size: size("5Gi"), StorageClassName: "fast"})),
			gen.ScimApp("a", postgres(v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "wiki-db-app"}, MigrateFrom: v1alpha1.StorageSQLite})),
		},
		"a move that is over": {
			gen.ScimApp("a", postgres(v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "wiki-db-app"}, MigrateFrom: v1alpha1.StorageSQLite})),
			gen.ScimApp("a", postgres(connection("wiki-db-app"))),
		},
		"another database server": {
			gen.ScimApp("a", postgres(connection("wiki-db-app"))), gen.ScimApp("a", postgres(connection("wiki-db2-app"))),
		},
		"another address of an external endpoint": {
			gen.ScimApp("a", ownSecret, external("https://a.example.com/scim/v2")), gen.ScimApp("a", ownSecret, external("https://b.example.com/scim/v2")),
		},
		"another client of a tenant": {
			gen.EntraTenant("a"), gen.EntraTenant("a", func(t *v1alpha1.EntraTenant) {
				t.Spec.Credentials = v1alpha1.Credentials{WorkloadIdentity: &v1alpha1.WorkloadIdentity{ClientID: gen.ClientID}}
			}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := apply(t, change.before, change.after); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAFreshObjectIsNeverTakenForCurrent: kstatus compares observedGeneration with the generation, which begins at 1.
func TestAFreshObjectIsNeverTakenForCurrent(t *testing.T) {
	ctx := context.Background()
	app, tenant, mapping := gen.ScimApp("fresh"), gen.EntraTenant("fresh"), gen.AttributeMapping("fresh")
	library := &v1alpha1.ClusterAttributeMapping{Spec: mapping.Spec}
	library.Name = "fresh"
	for _, object := range []client.Object{app, tenant, mapping, library} {
		if err := server.Client.Create(ctx, object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Client.Delete(ctx, object); err != nil {
				t.Error(err)
			}
		})
	}
	for kind, got := range map[string]int64{
		"ScimApp": app.Status.ObservedGeneration, "EntraTenant": tenant.Status.ObservedGeneration, "AttributeMapping": mapping.Status.ObservedGeneration,
		"ClusterAttributeMapping": library.Status.ObservedGeneration,
	} {
		if got != -1 {
			t.Errorf("a fresh %s has observedGeneration %d, want -1", kind, got)
		}
	}
}

// TestAnUnknownMemberIsRefused: a typing error must not be dropped in silence.
func TestAnUnknownMemberIsRefused(t *testing.T) {
	for name, object := range objects(t, "testdata/valid/*.yaml") {
		t.Run(name, func(t *testing.T) {
			if err := unstructured.SetNestedField(object.Object, "x", "spec", "tenantRefs"); err != nil {
				t.Fatal(err)
			}
			err := server.Client.Create(context.Background(), object, client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), `unknown field "spec.tenantRefs"`) {
				t.Errorf("got %v, want the unknown field to be named", err)
			}
		})
	}
}
