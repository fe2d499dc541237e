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
