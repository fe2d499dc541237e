package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

func TestMappingKeepsEveryMember(t *testing.T) {
	m := v1alpha1.AttributeMapping{Spec: v1alpha1.AttributeMappingSpec{Object: v1alpha1.ObjectGroup}}
	m.Name = "wiki-groups"
	first := int32(1)
	m.Spec.Attributes = []v1alpha1.MappedAttribute{
		{Target: "displayName", Source: "displayName", Apply: v1alpha1.ApplyAlways, MatchPrecedence: &first},
		{Target: "a", Constant: "c", Apply: v1alpha1.ApplyOnCreate},
		{Target: "b", Expression: "Not([x])", Default: "d"},
	}
	want := mapping.Mapping{Name: "wiki-groups", Object: mapping.Group, Attributes: []mapping.Attribute{
		{Target: "displayName", Source: "displayName", MatchPrecedence: 1},
		{Target: "a", Constant: "c", OnCreate: true},
		{Target: "b", Expression: "Not([x])", Default: "d"},
	}}
	if diff := cmp.Diff(want, manifest.Mapping(m)); diff != "" {
		t.Errorf("mapping (-want +got):\n%s", diff)
	}
}
