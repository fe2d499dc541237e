package manifest

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// Spec is the inverse of Mapping: what a manifest has to say to mean m.
func Spec(m mapping.Mapping) v1alpha1.AttributeMappingSpec {
	spec := v1alpha1.AttributeMappingSpec{
		Object: v1alpha1.MappedObject(m.Object), Base: v1alpha1.MappingBase(m.Base), State: v1alpha1.MappingState(m.State),
		Actions: texts[v1alpha1.MappingAction](m.Actions),
	}
	for _, g := range m.Scope {
		group := v1alpha1.ScopeGroup{Name: g.Name}
		for _, c := range g.Clauses {
			group.Clauses = append(group.Clauses, v1alpha1.ScopeClause{Attribute: c.Attribute, Operator: v1alpha1.ScopeOperator(c.Operator), Values: c.Values})
		}
		spec.Scope = append(spec.Scope, group)
	}
	for _, a := range m.TargetAttributes {
		spec.TargetAttributes = append(spec.TargetAttributes, v1alpha1.TargetAttribute{
			Name: a.Name, Type: v1alpha1.AttributeType(a.Type), Mutability: v1alpha1.AttributeMutability(a.Mutability),
			MultiValued: a.MultiValued, CaseExact: a.CaseExact, Required: a.Required,
			ReferencedObjects: texts[v1alpha1.MappedObject](a.ReferencedObjects),
		})
	}
	for _, a := range m.SourceAttributes {
		spec.SourceAttributes = append(spec.SourceAttributes, v1alpha1.SourceAttribute{Name: a.Name, Type: v1alpha1.AttributeType(a.Type), MultiValued: a.MultiValued})
	}
	for _, a := range m.Attributes {
		spec.Attributes = append(spec.Attributes, attribute(a))
	}
	return spec
}

func attribute(a mapping.Attribute) v1alpha1.MappedAttribute {
	out := v1alpha1.MappedAttribute{Target: a.Target, Source: a.Source, Constant: a.Constant, Expression: a.Expression, Default: a.Default}
	if a.Remove {
		out.Action = v1alpha1.AttributeRemove
	}
	if a.OnCreate {
		out.Apply = v1alpha1.ApplyOnCreate
	}
	if a.MatchPrecedence > 0 {
		precedence := int32(a.MatchPrecedence) //nolint:gosec // Entra's are small
		out.MatchPrecedence = &precedence
	}
	return out
}
