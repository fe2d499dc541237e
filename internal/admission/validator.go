package admission

import (
	"fmt"
	"io/fs"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/config/crd"
)

// Validator knows all kinds of the operator.
type Validator struct {
	kinds map[schema.GroupVersionKind]kind
}

// kind is what is needed to check objects of one kind.
type kind struct {
	namespaced bool
	schema     validation.SchemaValidator
	structural *structuralschema.Structural
	rules      *cel.Validator
}

// NewValidator compiles the CustomResourceDefinitions that this program was built with.
func NewValidator() (*Validator, error) {
	files, err := fs.Glob(crd.Bases, "bases/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the CustomResourceDefinitions: %w", err)
	}
	v := &Validator{kinds: map[schema.GroupVersionKind]kind{}}
	for _, file := range files {
		content, err := crd.Bases.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a CustomResourceDefinition: %w", err)
		}
		if err := v.add(content); err != nil {
			return nil, fmt.Errorf("compiling %s: %w", file, err)
		}
	}
	return v, nil
}

func (v *Validator) add(content []byte) error {
	var external apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(content, &external); err != nil {
		return err
	}
	var definition apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&external, &definition, nil); err != nil {
		return err
	}
	for _, version := range definition.Spec.Versions {
		validation, err := apiextensions.GetSchemaForVersion(&definition, version.Name)
		if err != nil {
			return err
		}
		k, err := newKind(validation.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		k.namespaced = definition.Spec.Scope == apiextensions.NamespaceScoped
		v.kinds[schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}] = k
	}
	return nil
}

func newKind(props *apiextensions.JSONSchemaProps) (kind, error) {
	schemaValidator, _, err := validation.NewSchemaValidator(props)
	if err != nil {
		return kind{}, err
	}
	structural, err := structuralschema.NewStructural(props)
	if err != nil {
		return kind{}, err
	}
	return kind{schema: schemaValidator, structural: structural, rules: cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// Knows says whether objects of the kind can be checked.
func (v *Validator) Knows(gvk schema.GroupVersionKind) bool {
	_, ok := v.kinds[gvk]
	return ok
}
