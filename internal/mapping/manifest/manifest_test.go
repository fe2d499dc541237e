package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
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
