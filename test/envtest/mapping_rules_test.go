package envtest_test

import (
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/gen"
)

// mapped is an AttributeMapping with one more attribute.
func mapped(a v1alpha1.MappedAttribute) *v1alpha1.AttributeMapping {
	return gen.AttributeMapping("m", gen.WithAttribute(a))
}

func mappingWith(change func(*v1alpha1.AttributeMappingSpec)) *v1alpha1.AttributeMapping {
	return gen.AttributeMapping("m", func(m *v1alpha1.AttributeMapping) { change(&m.Spec) })
}

func clause(c v1alpha1.ScopeClause) *v1alpha1.AttributeMapping {
	return mappingWith(func(s *v1alpha1.AttributeMappingSpec) {
		s.Scope = []v1alpha1.ScopeGroup{{Name: "staff", Clauses: []v1alpha1.ScopeClause{c}}}
	})
}

func targetAttribute(a v1alpha1.TargetAttribute) *v1alpha1.AttributeMapping {
	return mappingWith(func(s *v1alpha1.AttributeMappingSpec) { s.TargetAttributes = []v1alpha1.TargetAttribute{a} })
}

func sourceAttribute(a v1alpha1.SourceAttribute) *v1alpha1.AttributeMapping {
	return mappingWith(func(s *v1alpha1.AttributeMappingSpec) { s.SourceAttributes = []v1alpha1.SourceAttribute{a} })
}

var attributeMappingRefusals = map[string]refusal{
	"another object after creation": {
		before: gen.AttributeMapping("fixed"), object: gen.AttributeMapping("fixed", func(m *v1alpha1.AttributeMapping) { m.Spec.Object = v1alpha1.ObjectGroup }),
		field: "spec.object", says: "spec.object is immutable",
	},
	"a disabled mapping of users": {
		object: mappingWith(func(s *v1alpha1.AttributeMappingSpec) { s.State = v1alpha1.MappingDisabled }),
		field:  "spec", says: "Entra cannot disable the mapping of users",
	},
	"an empty base without attributes": {
		object: mappingWith(func(s *v1alpha1.AttributeMappingSpec) { s.Base, s.Attributes = v1alpha1.BaseEmpty, nil }),
		field:  "spec", says: "base Empty maps nothing by itself",
	},
	"a removal from an empty base": {
		object: mappingWith(func(s *v1alpha1.AttributeMappingSpec) {
			s.Base = v1alpha1.BaseEmpty
			s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: "title", Action: v1alpha1.AttributeRemove})
		}),
		field: "spec", says: "base Empty has none",
	},
	"a removal with a source": {
		object: mapped(v1alpha1.MappedAttribute{Target: "title", Action: v1alpha1.AttributeRemove, Source: "jobTitle"}),
		field:  "spec.attributes[]", says: "action Remove takes nothing but the target",
	},
	"a source and an expression": {
		object: mapped(v1alpha1.MappedAttribute{Target: "title", Source: "jobTitle", Expression: "[jobTitle]"}),
		field:  "spec.attributes[]", says: "set at most one of source, constant and expression",
	},
	"a target without any value": {
		object: mapped(v1alpha1.MappedAttribute{Target: "title"}),
		field:  "spec.attributes[]", says: "set one of source, constant and expression, or a default",
	},
	"a match by a constant": {
		object: mapped(v1alpha1.MappedAttribute{Target: "title", Constant: "x", MatchPrecedence: new(int32(2))}),
		field:  "spec.attributes[]", says: "matchPrecedence needs a source or an expression",
	},
	"the target id": {
		object: mapped(v1alpha1.MappedAttribute{Target: "id", Source: "objectId"}),
		field:  "spec.attributes[]", says: "target id is not writable",
	},
	"a source in brackets": {
		object: mapped(v1alpha1.MappedAttribute{Target: "title", Source: "[jobTitle]"}),
		field:  "spec.attributes[].source", says: notMatched,
	},
	"a target twice": {
		object: mapped(v1alpha1.MappedAttribute{Target: "userName", Source: "mail"}),
		field:  "spec.attributes[]", says: "Duplicate value",
	},
	"an action twice": {
		object: mappingWith(func(s *v1alpha1.AttributeMappingSpec) {
			s.Actions = []v1alpha1.MappingAction{v1alpha1.ActionCreate, v1alpha1.ActionCreate}
		}),
		field: "spec.actions[]", says: "Duplicate value",
	},
	"a comparison without a value": {
		object: clause(v1alpha1.ScopeClause{Attribute: "department", Operator: "Equals"}),
		field:  "spec.scope[].clauses[]", says: "every other operator takes one",
	},
	"a value that nothing is compared with": {
		object: clause(v1alpha1.ScopeClause{Attribute: "department", Operator: "IsNull", Values: []string{"x"}}),
		field:  "spec.scope[].clauses[]", says: "IsTrue and IsFalse take no values",
	},
	"a scope by an attribute that Entra cannot scope by": {
		object: clause(v1alpha1.ScopeClause{Attribute: "userType", Operator: "Equals", Values: []string{"Guest"}}),
		field:  "spec.scope[].clauses[]", says: "Entra cannot scope by appRoleAssignments",
	},
	"a scope by an attribute in brackets": {
		object: clause(v1alpha1.ScopeClause{Attribute: "[mail]", Operator: "IsNull"}),
		field:  "spec.scope[].clauses[].attribute", says: notMatched,
	},
	"an unknown operator": {
		object: clause(v1alpha1.ScopeClause{Attribute: "mail", Operator: "Sounds", Values: []string{"x"}}),
		field:  "spec.scope[].clauses[].operator", says: "Unsupported value",
	},
	"a reference to nothing": {
		object: targetAttribute(v1alpha1.TargetAttribute{Name: "urn:a:1.0:User:owner", Type: v1alpha1.TypeReference}),
		field:  "spec.targetAttributes[]", says: "type Reference needs referencedObjects",
	},
	"a text that refers to something": {
		object: targetAttribute(v1alpha1.TargetAttribute{Name: "urn:a:1.0:User:owner", ReferencedObjects: []v1alpha1.MappedObject{v1alpha1.ObjectUser}}),
		field:  "spec.targetAttributes[]", says: "no other type has them",
	},
	"a declared id": {
		object: targetAttribute(v1alpha1.TargetAttribute{Name: "id"}),
		field:  "spec.targetAttributes[]", says: "name id is the SCIM server's own attribute",
	},
	"a source attribute in brackets": {
		object: sourceAttribute(v1alpha1.SourceAttribute{Name: "[extension_1_a]"}),
		field:  "spec.sourceAttributes[].name", says: notMatched,
	},
}

// clusterAttributeMappingRefusals are the same: both kinds have one spec.
var clusterAttributeMappingRefusals = func() map[string]refusal {
	all := map[string]refusal{}
	for name, r := range attributeMappingRefusals {
		r.object = clusterWide(r.object)
		if r.before != nil {
			r.before = clusterWide(r.before)
		}
		all[name] = r
	}
	return all
}()

func clusterWide(object client.Object) client.Object {
	m, ok := object.(*v1alpha1.AttributeMapping)
	if !ok {
		return object
	}
	out := &v1alpha1.ClusterAttributeMapping{Spec: m.Spec}
	out.Name = m.Name
	return out
}
