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
	// Mappings override Entra's default mapping by target. An object type that none is about keeps the mapping that Entra has.
	Mappings []Mapping
	// Roles is how app roles are mapped; empty means RolesNone.
	Roles Roles
	// ScopeAll says that everybody is provisioned, not only who is assigned.
	ScopeAll bool
	// Parsed holds the source tree (attributeMappingSource) that Graph's parseExpression made of an expression, by the expression's text
	// as Expressions gives it. An expression that is not in it gets the tree that package expr makes. Trees do not count in comparisons,
	// so Plan may be asked without them first, and with them only where something is to be written.
	Parsed map[string]json.RawMessage
}

// Mapping is one AttributeMapping.
type Mapping struct {
	// Name of the AttributeMapping, for findings.
	Name string
	// Object is the mapped type.
	Object Object
	// Attributes are the mappings, one for each target.
	Attributes []Attribute
}

// Attribute is the mapping of one target. At most one of Source, Constant and Expression is set; none of them is the portal's "None",
// which has only a default.
type Attribute struct {
	// Target is the app's attribute path as Entra writes it.
	Target string
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
