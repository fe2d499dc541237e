package manifest_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

func TestMappingKeepsEveryMember(t *testing.T) {
	yes, no := true, false
	spec := v1alpha1.AttributeMappingSpec{
		Object: v1alpha1.ObjectGroup, Base: v1alpha1.BaseEmpty, State: v1alpha1.MappingDisabled,
		Actions: []v1alpha1.MappingAction{v1alpha1.ActionCreate, v1alpha1.ActionDelete},
		Scope: []v1alpha1.ScopeGroup{{Name: "staff", Clauses: []v1alpha1.ScopeClause{
			{Attribute: "department", Operator: "Equals", Values: []string{"Engineering"}}, {Attribute: "mail", Operator: "IsNotNull"},
		}}},
		TargetAttributes: []v1alpha1.TargetAttribute{{
			Name: "owner", Type: v1alpha1.TypeReference, MultiValued: &no, CaseExact: &yes, Required: &yes,
			Mutability: v1alpha1.MutabilityImmutable, ReferencedObjects: []v1alpha1.MappedObject{v1alpha1.ObjectUser},
		}},
		SourceAttributes: []v1alpha1.SourceAttribute{{Name: "extension_1_a", Type: v1alpha1.TypeInteger, MultiValued: &yes}},
		Attributes: []v1alpha1.MappedAttribute{
			{Target: "displayName", Source: "displayName", Apply: v1alpha1.ApplyAlways, MatchPrecedence: new(int32(1))},
			{Target: "a", Constant: "c", Apply: v1alpha1.ApplyOnCreate},
			{Target: "b", Expression: "Not([x])", Default: "d", Action: v1alpha1.AttributeMap},
			{Target: "c", Action: v1alpha1.AttributeRemove},
		},
	}
	want := mapping.Mapping{
		Ref: mapping.Ref{Name: "groups", Cluster: true}, Object: mapping.Group, Base: mapping.BaseEmpty, State: mapping.StateDisabled,
		Actions: []mapping.Action{mapping.ActionCreate, mapping.ActionDelete},
		Scope: []mapping.ScopeGroup{{Name: "staff", Clauses: []mapping.Clause{
			{Attribute: "department", Operator: mapping.OperatorEquals, Values: []string{"Engineering"}}, {Attribute: "mail", Operator: mapping.OperatorIsNotNull},
		}}},
		TargetAttributes: []mapping.TargetAttribute{{
			Name: "owner", Type: mapping.TypeReference, MultiValued: &no, CaseExact: &yes, Required: &yes,
			Mutability: mapping.MutabilityImmutable, ReferencedObjects: []mapping.Object{mapping.User},
		}},
		SourceAttributes: []mapping.SourceAttribute{{Name: "extension_1_a", Type: mapping.TypeInteger, MultiValued: &yes}},
		Attributes: []mapping.Attribute{
			{Target: "displayName", Source: "displayName", MatchPrecedence: 1},
			{Target: "a", Constant: "c", OnCreate: true},
			{Target: "b", Expression: "Not([x])", Default: "d"},
			{Target: "c", Remove: true},
		},
	}
	if diff := cmp.Diff(want, manifest.Mapping(v1alpha1.KindClusterAttributeMapping, "groups", spec)); diff != "" {
		t.Errorf("mapping (-want +got):\n%s", diff)
	}
	if got := manifest.Mapping(v1alpha1.KindAttributeMapping, "users", v1alpha1.AttributeMappingSpec{Object: v1alpha1.ObjectUser}); got.Cluster || got.Name != "users" {
		t.Errorf("the mapping is %+v, want the AttributeMapping users", got.Ref)
	}
}

// TestSpecIsTheInverse: what a manifest says survives the way to the model and back.
func TestSpecIsTheInverse(t *testing.T) {
	for _, file := range []string{"../../../test/envtest/testdata/valid/attributemapping.yaml", "../../../config/samples/entra_default_users.yaml"} {
		m := read(t, file)
		for i := range m.Spec.Attributes { // what is the default in any case is not written
			if m.Spec.Attributes[i].Apply == v1alpha1.ApplyAlways {
				m.Spec.Attributes[i].Apply = ""
			}
			if m.Spec.Attributes[i].Action == v1alpha1.AttributeMap {
				m.Spec.Attributes[i].Action = ""
			}
		}
		got := manifest.Spec(manifest.Mapping(v1alpha1.KindAttributeMapping, m.Name, m.Spec))
		if diff := cmp.Diff(m.Spec, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func read(t *testing.T, file string) v1alpha1.AttributeMapping {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m v1alpha1.AttributeMapping
	if err := yaml.UnmarshalStrict(content, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTheWholeDefaultFromAnEmptyBase: declared in full from an empty base, Entra's default mapping is what a fresh job has already.
func TestTheWholeDefaultFromAnEmptyBase(t *testing.T) {
	fresh, err := json.Marshal(syncschema.Default("scim.1.2", time.Unix(0, 0), 1, syncschema.Form{}))
	if err != nil {
		t.Fatal(err)
	}
	var d mapping.Desired
	for _, file := range []string{"entra_default_users.yaml", "entra_default_groups.yaml"} {
		m := read(t, "../../../config/samples/"+file)
		if m.Spec.Base != v1alpha1.BaseEmpty {
			t.Errorf("%s starts from %q", file, m.Spec.Base)
		}
		d.Mappings = append(d.Mappings, manifest.Mapping(v1alpha1.KindAttributeMapping, m.Name, m.Spec))
	}
	d.Managed = true
	plan, err := mapping.NewPlan(fresh, fresh, d)
	if err != nil {
		t.Fatal(err)
	}
	if lines := plan.Lines(); len(lines) > 0 {
		t.Errorf("the plan has lines:\n%s", strings.Join(lines, "\n"))
	}
}
