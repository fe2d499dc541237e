package expr

import (
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

// The types of a source attribute, as Graph's attributeDefinition spells them.
const (
	AttributeString    = "String"
	AttributeInteger   = "Integer"
	AttributeBoolean   = "Boolean"
	AttributeBinary    = "Binary"
	AttributeDateTime  = "DateTime"
	AttributeReference = "Reference"
)

// AttributeDefinition is what Check needs to know of a source attribute: the members of Graph's attributeDefinition of that name.
type AttributeDefinition struct {
	Name string
	// Type is one of the constants above; empty is any, and nothing is said against it.
	Type string
	// Multivalued says that it may have several values.
	Multivalued bool
}

// computed are the attributes that the provisioning service fills in itself, whether or not the source object's definition has them.
var computed = []AttributeDefinition{
	{Name: softDeleted, Type: AttributeBoolean}, {Name: roleAssignments},
}

const (
	softDeleted     = "IsSoftDeleted"
	roleAssignments = "appRoleAssignments"
)

// Check finds what Entra refuses in an expression that is the source of a SCIM app's attribute, in the order of the text: attributes
// that the source object does not define, several values where one is needed, app roles without a role function, functions that only
// other connectors have, constants that their function does not take. It knows neither the target nor the app's provisioning scope.
func Check(n *Node, attributes []AttributeDefinition) []*Error {
	c := &checker{attributes: slices.Concat(attributes, computed)}
	if n.isRoleAssignments() {
		c.rolesNeedFunction(n)
	}
	c.node(n)
	return c.errors
}

type checker struct {
	attributes []AttributeDefinition
	errors     []*Error
}

func (c *checker) add(err *Error) { c.errors = append(c.errors, err) }

func (c *checker) node(n *Node) {
	if n.kind == Attribute && c.find(n.text) == nil {
		c.unknown(n)
	}
	if n.kind == Function && n.function.unsupported != "" {
		c.add(n.at.errorf("%s", n.function.unsupported))
	}
	for i, argument := range n.arguments {
		c.argument(n, i)
		c.node(argument)
	}
}

func (c *checker) unknown(n *Node) {
	err := n.at.errorf("the source object has no attribute %q; case counts", n.text)
	err.Attribute = n.text
	names := make([]string, len(c.attributes))
	for i, attribute := range c.attributes {
		names[i] = attribute.Name
	}
	err.Suggestion, _ = nearest.Name(n.text, names)
	c.add(err)
}

func (c *checker) find(name string) *AttributeDefinition {
	i := slices.IndexFunc(c.attributes, func(a AttributeDefinition) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &c.attributes[i]
}

// argument holds the argument of n at index against the parameter that takes it.
func (c *checker) argument(n *Node, index int) {
	argument := n.arguments[index]
	isRole := n.kind == Function && n.function.role
	if argument.isRoleAssignments() {
		if !isRole {
			c.rolesNeedFunction(argument)
		}
		return
	}
	if isRole {
		c.add(argument.at.errorf("%s takes [%s] and nothing else", n.text, roleAssignments))
		return
	}
	if c.several(argument) && !n.takesList(index) {
		c.add(argument.at.errorf("%s may have several values where %s takes one; choose one with Item or join them with Join", argument, n.text))
	}
	if n.kind == Function && n.function.parameter(index).integer {
		c.integer(n, index)
	}
}

// several says whether the argument may give more than one value.
func (c *checker) several(argument *Node) bool {
	switch argument.kind {
	case Attribute:
		attribute := c.find(argument.text)
		return attribute != nil && attribute.Multivalued
	case Function:
		return argument.function.lists
	default:
		return false
	}
}

func (c *checker) integer(n *Node, index int) {
	argument := n.arguments[index]
	attribute := c.find(argument.text)
	if argument.kind != Attribute || attribute == nil {
		return
	}
	switch attribute.Type {
	case AttributeBoolean, AttributeBinary, AttributeDateTime, AttributeReference:
		c.add(argument.at.errorf("%s of %s must be a whole number, and %s is of type %s", n.key(index), n.text, argument, attribute.Type))
	}
}

func (n *Node) isRoleAssignments() bool { return n.kind == Attribute && n.text == roleAssignments }

func (c *checker) rolesNeedFunction(n *Node) {
	c.add(n.at.errorf("[%s] needs a role function around it, such as %s", roleAssignments, fmt.Sprintf("AssertiveAppRoleAssignmentsComplex([%s])", roleAssignments)))
}
