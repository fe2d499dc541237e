package envtest_test

import (
	"os"
	"path/filepath"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/test/envtest"
)

// schemas gives the schema of each of our kinds.
func schemas(t *testing.T) map[string]apiextensionsv1.JSONSchemaProps {
	t.Helper()
	root, err := envtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no CRDs in config/crd/bases (%v)", err)
	}
	found := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		crd := apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, &crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, version := range crd.Spec.Versions {
			found[crd.Spec.Names.Kind+" "+version.Name] = *version.Schema.OpenAPIV3Schema
		}
	}
	return found
}

// borrowed are members whose types are those of Kubernetes: what is below them is not ours to write.
var borrowed = map[string]bool{
	"spec.endpoint.managed.podTemplate.affinity":                    true,
	"spec.endpoint.managed.podTemplate.env[]":                       true,
	"spec.endpoint.managed.podTemplate.imagePullSecrets[]":          true,
	"spec.endpoint.managed.podTemplate.topologySpreadConstraints[]": true,
	"spec.endpoint.managed.podTemplate.resources":                   true,
	"spec.endpoint.managed.podTemplate.tolerations[]":               true,
	"spec.grants[].namespaces.selector":                             true,
	"status.conditions[]":                                           true,
}

// walk visits a schema and all below it, by paths such as spec.assignments[].name, up to borrowed types.
func walk(path string, schema apiextensionsv1.JSONSchemaProps, visit func(path string, schema apiextensionsv1.JSONSchemaProps)) {
	visit(path, schema)
	if borrowed[path] {
		return
	}
	for name, property := range schema.Properties {
		below := name
		if path != "" {
			below = path + "." + name
		}
		walk(below, property, visit)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(path+"[]", *schema.Items.Schema, visit)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		walk(path+"{}", *schema.AdditionalProperties.Schema, visit)
	}
}
