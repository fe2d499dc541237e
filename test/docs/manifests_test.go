package docs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/gen"
)

// smallest is what a fragment of a kind's page, a block with nothing but spec, is laid over.
var smallest = map[string]client.Object{
	"docs/kinds/scimapp.md":          gen.ScimApp("fragment"),
	"docs/kinds/entratenant.md":      gen.EntraTenant("fragment"),
	"docs/kinds/attributemapping.md": gen.AttributeMapping("fragment"),
}

func TestTheAPIServerAcceptsEveryManifestOfTheDocs(t *testing.T) {
	all := pages(t)
	ours := 0
	for _, path := range slices.Sorted(maps.Keys(all)) {
		for _, b := range all[path].blocks {
			if b.language != "yaml" {
				continue
			}
			for i, object := range objects(t, path, b.content) {
				if object.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
					continue
				}
				ours++
				t.Run(fmt.Sprintf("%s:%d#%d", path, b.line, i+1), func(t *testing.T) { accept(t, object) })
			}
		}
	}
	if ours == 0 {
		t.Error("the docs have no manifest of our kinds")
	}
}

func TestTheAPIServerAcceptsEverySample(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "config", "samples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no samples (%v)", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "kustomization.yaml" {
			continue
		}
		for _, object := range objects(t, name, read(t, "config/samples/"+name)) {
			t.Run(name, func(t *testing.T) { accept(t, object) })
		}
	}
}

// objects reads the documents of a block. A fragment becomes a whole object.
func objects(t *testing.T, path, content string) []*unstructured.Unstructured {
	t.Helper()
	var found []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(content)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		object := &unstructured.Unstructured{}
		if err := errors.Join(err, yaml.UnmarshalStrict(document, &object.Object)); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, document)
		}
		if spec, ok := object.Object["spec"].(map[string]any); ok && len(object.Object) == 1 && smallest[path] != nil {
			object = complete(t, smallest[path], spec)
		}
		found = append(found, object)
	}
}

// complete lays a fragment's members over those of the smallest object.
func complete(t *testing.T, object client.Object, spec map[string]any) *unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	delete(content, "status")
	for name, value := range spec {
		if err := unstructured.SetNestedField(content, value, "spec", name); err != nil {
			t.Fatal(err)
		}
	}
	return &unstructured.Unstructured{Object: content}
}

// accept has the API server check the object, without saving it.
func accept(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if namespace := object.GetNamespace(); namespace != "" {
		err := s.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	object = object.DeepCopy()
	if err := s.Client.Create(ctx, object, client.DryRunAll); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Error(err)
	}
}
