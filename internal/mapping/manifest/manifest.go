package manifest

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// Mapping gives the pure form of an AttributeMapping, in the order of its attributes.
func Mapping(m v1alpha1.AttributeMapping) mapping.Mapping {
	out := mapping.Mapping{Name: m.Name, Object: mapping.Object(m.Spec.Object)}
	for _, a := range m.Spec.Attributes {
		attribute := mapping.Attribute{
			Target: a.Target, Source: a.Source, Constant: a.Constant, Expression: a.Expression,
			Default: a.Default, OnCreate: a.Apply == v1alpha1.ApplyOnCreate,
		}
		if a.MatchPrecedence != nil {
			attribute.MatchPrecedence = int(*a.MatchPrecedence)
		}
		out.Attributes = append(out.Attributes, attribute)
	}
	return out
}
