package mapping

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Object is a provisioned object type, spelled as the source directory names it.
type Object string

// The object types.
const (
	User  Object = "User"
	Group Object = "Group"
)

// Roles is how app roles reach the app.
type Roles string

// The ways of mapping app roles.
const (
	// RolesNone maps no role.
	RolesNone Roles = "None"
	// RolesAssertive sends all roles of a person and removes those that were lost.
	RolesAssertive Roles = "Assertive"
	// RolesSingle sends one role of a person.
	RolesSingle Roles = "Single"
)

// Desired is what the manifests ask for. It is plain data, so that it can be built and tested without Kubernetes.
type Desired struct {
	// Mappings lay over Entra's default mapping, or replace it. An object type that none is about keeps the mapping that Entra has.
	Mappings []Mapping
	// Roles is how app roles are mapped; empty means RolesNone.
	Roles Roles
	// ScopeAll says that everybody is provisioned, not only who is assigned.
	ScopeAll bool
	// Managed says that the endpoint is ours, so that the attributes it can know are known.
	Managed bool
	// Parsed holds the source tree (attributeMappingSource) that Graph's parseExpression made of an expression, by the expression's text
	// as Expressions gives it. An expression that is not in it gets the tree that package expr makes. Trees do not count in comparisons,
	// so Plan may be asked without them first, and with them only where something is to be written. It is an answer of Graph's, and no
	// part of what is declared, so no digest of that has it in.
	Parsed map[string]json.RawMessage `json:"-"`
	// Operators are what Graph's filterOperators listed; nil where it was not asked. The operators whose names Microsoft does not publish
	// need it. It is no part of what is declared either.
	Operators []FilterOperator `json:"-"`
}

// Mapping is one AttributeMapping or ClusterAttributeMapping. What it leaves empty stays as the base has it.
type Mapping struct {
	// Ref names it, for findings.
	Ref
	// Object is the mapped type.
	Object Object
	// Base is what it starts from; empty where it has no say, which means BaseEntraDefault.
	Base Base
	// State says whether the object type is provisioned.
	State State
	// Actions are what Entra may do in the app.
	Actions []Action
	// Scope are groups of clauses: who passes any of the groups is provisioned.
	Scope []ScopeGroup
	// TargetAttributes declare attributes of the app.
	TargetAttributes []TargetAttribute
	// SourceAttributes declare attributes of the source directory.
	SourceAttributes []SourceAttribute
	// Attributes are the mappings, one for each target.
	Attributes []Attribute
}

// Ref names an AttributeMapping, or a ClusterAttributeMapping.
type Ref struct {
	Name    string
	Cluster bool `json:",omitempty"`
}

// String is the kind and the name; empty for the zero Ref.
func (r Ref) String() string {
	switch {
	case r.Name == "":
		return ""
	case r.Cluster:
		return "ClusterAttributeMapping " + r.Name
	default:
		return "AttributeMapping " + r.Name
	}
}

// Base is what a Mapping starts from.
type Base string

// The bases.
const (
	// BaseEntraDefault is the default mapping of the job's template.
	BaseEntraDefault Base = "EntraDefault"
	// BaseEmpty is a mapping of nothing: all actions, everybody in scope.
	BaseEmpty Base = "Empty"
)

// State says whether an object type is provisioned.
type State string

// The states.
const (
	StateEnabled  State = "Enabled"
	StateDisabled State = "Disabled"
)

// Action is something that Entra does in the app.
type Action string

// The actions, in the order in which Graph writes the flow types that they stand for.
const (
	ActionCreate Action = "Create"
	ActionUpdate Action = "Update"
	ActionDelete Action = "Delete"
)

// ScopeGroup is a set of clauses of which all have to hold. Its name means nothing.
type ScopeGroup struct {
	Name    string
	Clauses []Clause
}

// Clause is a condition on a source attribute.
type Clause struct {
	Attribute string
	Operator  Operator
	Values    []string `json:",omitempty"`
}

// TargetAttribute declares an attribute of the app. What is empty or nil stays as Entra has it; in a new attribute it is a single
// writable text in which case counts.
type TargetAttribute struct {
	Name       string
	Type       Type
	Mutability Mutability
	// MultiValued, CaseExact and Required are the characteristics of RFC 7643 section 2.2.
	MultiValued, CaseExact, Required *bool
	// ReferencedObjects are what a Reference leads to.
	ReferencedObjects []Object
}

// SourceAttribute declares an attribute of the source directory, as TargetAttribute does of the app.
type SourceAttribute struct {
	Name        string
	Type        Type
	MultiValued *bool
}

// Type is a type of values, as Graph's schemas name it.
type Type string

// The types of values.
const (
	TypeString    Type = "String"
	TypeInteger   Type = "Integer"
	TypeBoolean   Type = "Boolean"
	TypeDateTime  Type = "DateTime"
	TypeBinary    Type = "Binary"
	TypeReference Type = "Reference"
)

// Mutability says when an attribute may be set, as Graph's schemas name it.
type Mutability string

// The mutabilities that can be declared.
const (
	MutabilityReadWrite Mutability = "ReadWrite"
	MutabilityImmutable Mutability = "Immutable"
)

// Attribute is the mapping of one target. At most one of Source, Constant and Expression is set; none of them is the portal's "None",
// which has only a default.
type Attribute struct {
	// Target is the app's attribute path as Entra writes it.
	Target string
	// Remove takes the mapping away that the base has for the target; nothing else is set then.
	Remove bool
	// Source is the name of an attribute of the source directory.
	Source string
	// Constant is a text.
	Constant string
	// Expression is a text of the expression language.
	Expression string
	// Default is sent when the source has no value and the account is created.
	Default string
	// OnCreate sends the value only when the account is created.
	OnCreate bool
	// MatchPrecedence above 0 makes the target one that accounts are found by, the lowest number first.
	MatchPrecedence int
}

// node is what the value comes from; nil for a default alone.
func (a Attribute) node() (*expr.Node, error) {
	switch {
	case a.Expression != "":
		return expr.Parse(a.Expression)
	case a.Source != "":
		return expr.Parse("[" + a.Source + "]")
	case a.Constant != "":
		return expr.NewConstant(a.Constant), nil
	default:
		return nil, nil
	}
}

const appRoleAssignments = "appRoleAssignments"

// roleMappings are the attribute mappings that Roles stands for.
var roleMappings = map[Roles]Attribute{
	RolesAssertive: {Target: "roles", Expression: "AssertiveAppRoleAssignmentsComplex([" + appRoleAssignments + "])"},
	RolesSingle:    {Target: `roles[primary eq "True"].value`, Expression: "SingleAppRoleAssignment([" + appRoleAssignments + "])"},
}

// mapsRoles says whether roles stands for a mapping.
func (d Desired) mapsRoles() bool { return d.Roles == RolesAssertive || d.Roles == RolesSingle }

// mapped says whether any mapping is about the object.
func (d Desired) mapped(object Object) bool {
	return slices.ContainsFunc(d.Mappings, func(m Mapping) bool { return m.Object == object })
}

// Expressions are the texts of all expressions that d maps, the role function's included, sorted, each once: what to ask Graph's
// parseExpression about.
func (d Desired) Expressions() []string {
	var texts []string
	for _, m := range d.Mappings {
		for _, a := range m.Attributes {
			if a.Expression != "" {
				texts = append(texts, a.Expression)
			}
		}
	}
	if d.mapsRoles() {
		texts = append(texts, roleMappings[d.Roles].Expression)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// sameName compares attribute names as SCIM does, without regard to case.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }
