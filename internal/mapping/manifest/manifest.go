package manifest

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// Mapping gives the pure form of an AttributeMapping or ClusterAttributeMapping, in the order of its fields.
func Mapping(kind v1alpha1.MappingKind, name string, spec v1alpha1.AttributeMappingSpec) mapping.Mapping {
	out := mapping.Mapping{
		Ref:    mapping.Ref{Name: name, Cluster: kind == v1alpha1.KindClusterAttributeMapping},
		Object: mapping.Object(spec.Object), Base: mapping.Base(spec.Base), State: mapping.State(spec.State),
		Actions: texts[mapping.Action](spec.Actions), Scope: scope(spec.Scope),
		TargetAttributes: targetAttributes(spec.TargetAttributes), SourceAttributes: sourceAttributes(spec.SourceAttributes),
	}
	for _, a := range spec.Attributes {
		attribute := mapping.Attribute{
			Target: a.Target, Remove: a.Action == v1alpha1.AttributeRemove,
			Source: a.Source, Constant: a.Constant, Expression: a.Expression,
			Default: a.Default, OnCreate: a.Apply == v1alpha1.ApplyOnCreate,
		}
		if a.MatchPrecedence != nil {
			attribute.MatchPrecedence = int(*a.MatchPrecedence)
		}
		out.Attributes = append(out.Attributes, attribute)
	}
	return out
}

func scope(groups []v1alpha1.ScopeGroup) []mapping.ScopeGroup {
	var out []mapping.ScopeGroup
	for _, g := range groups {
		group := mapping.ScopeGroup{Name: g.Name}
		for _, c := range g.Clauses {
			group.Clauses = append(group.Clauses, mapping.Clause{Attribute: c.Attribute, Operator: mapping.Operator(c.Operator), Values: c.Values})
		}
		out = append(out, group)
	}
	return out
}

func targetAttributes(attributes []v1alpha1.TargetAttribute) []mapping.TargetAttribute {
	var out []mapping.TargetAttribute
	for _, a := range attributes {
		out = append(out, mapping.TargetAttribute{
			Name: a.Name, Type: mapping.Type(a.Type), Mutability: mapping.Mutability(a.Mutability),
			MultiValued: a.MultiValued, CaseExact: a.CaseExact, Required: a.Required,
			ReferencedObjects: texts[mapping.Object](a.ReferencedObjects),
		})
	}
	return out
}

func sourceAttributes(attributes []v1alpha1.SourceAttribute) []mapping.SourceAttribute {
	var out []mapping.SourceAttribute
	for _, a := range attributes {
		out = append(out, mapping.SourceAttribute{Name: a.Name, Type: mapping.Type(a.Type), MultiValued: a.MultiValued})
	}
	return out
}

// texts gives texts of one kind as texts of another.
func texts[To, From ~string](from []From) []To {
	var out []To
	for _, text := range from {
		out = append(out, To(text))
	}
	return out
}

// Spec is the inverse of Mapping: the manifest that says the same.
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
		spec.Attributes = append(spec.Attributes, mappedAttribute(a))
	}
	return spec
}

func mappedAttribute(a mapping.Attribute) v1alpha1.MappedAttribute {
	out := v1alpha1.MappedAttribute{Target: a.Target, Source: a.Source, Constant: a.Constant, Expression: a.Expression, Default: a.Default}
	if a.Remove {
		out.Action = v1alpha1.AttributeRemove
	}
	if a.OnCreate {
		out.Apply = v1alpha1.ApplyOnCreate
	}
	if a.MatchPrecedence > 0 {
		out.MatchPrecedence = new(int32(a.MatchPrecedence)) //nolint:gosec // 10 at most
	}
	return out
}
