package docs_test

import (
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// schemas gives the schemas of our kinds, by the kind in lower case, as its page is called.
func schemas(t *testing.T) map[string]apiextensionsv1.JSONSchemaProps {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no CRDs (%v)", err)
	}
	found := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		crd := apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict([]byte(read(t, "config/crd/bases/"+filepath.Base(file))), &crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, version := range crd.Spec.Versions {
			found[crd.Spec.Names.Singular] = *version.Schema.OpenAPIV3Schema
		}
	}
	return found
}

// borrowed are members of Kubernetes' own types: what is below them is explained there.
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

// walk visits a schema's members, by paths such as spec.assignments[].name.
func walk(path string, schema apiextensionsv1.JSONSchemaProps, visit func(path string, schema apiextensionsv1.JSONSchemaProps)) {
	visit(path, schema)
	if borrowed[path] {
		return
	}
	for name, property := range schema.Properties {
		walk(strings.TrimPrefix(path+"."+name, "."), property, visit)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(path+"[]", *schema.Items.Schema, visit)
	}
}

// TestEveryFieldIsOnThePageOfItsKind holds in both directions: a field that is gone must not stay in the docs.
func TestEveryFieldIsOnThePageOfItsKind(t *testing.T) {
	all := pages(t)
	for kind, schema := range schemas(t) {
		path := "docs/kinds/" + strings.TrimPrefix(kind, "cluster") + ".md" // a kind for the cluster has the spec of its namesake
		documented := all[path].entries("")
		exists := map[string]bool{}
		walk("", schema, func(field string, _ apiextensionsv1.JSONSchemaProps) {
			exists[field] = true
			isMember := strings.HasPrefix(field, "spec.") || strings.HasPrefix(field, "status.")
			if isMember && !strings.HasSuffix(field, "[]") && !documented[field] {
				t.Errorf("%s: no row for %s", path, field)
			}
		})
		for field := range documented {
			if (strings.HasPrefix(field, "spec.") || strings.HasPrefix(field, "status.")) && !exists[field] {
				t.Errorf("%s: has a row for %s, which the CRD does not have", path, field)
			}
		}
	}
}

// TestEveryRuleOfTheCRDsIsInTheErrorReference: what the API server says when it refuses a manifest.
func TestEveryRuleOfTheCRDsIsInTheErrorReference(t *testing.T) {
	text := oneLine(pages(t)[errorsPage].text)
	for kind, schema := range schemas(t) {
		walk("", schema, func(field string, schema apiextensionsv1.JSONSchemaProps) {
			for _, rule := range schema.XValidations {
				if !strings.Contains(text, oneLine(rule.Message)) {
					t.Errorf("%s: does not have this message of %s %s: %s", errorsPage, kind, field, rule.Message)
				}
			}
		})
	}
}
