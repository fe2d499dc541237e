package syncschema

import (
	"errors"
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Leniency switches rules of a PUT that Microsoft does not document. The zero value is the strictest reading, so that a
// client which passes here does not depend on leniency.
type Leniency struct {
	// ExpressionWithoutTree accepts a Function source that has an expression and no parameters:
	// unconfirmed(function-without-tree).
	ExpressionWithoutTree bool
}

// Validate checks a schema as a PUT does: every mapped target and source attribute is declared, expressions can be read,
// no target is mapped twice, and each enabled mapping has a matching attribute. All that is wrong is reported at once.
func Validate(s *Schema, lenient Leniency) error {
	if len(s.Rules) == 0 {
		return errors.New("the schema has no synchronizationRules")
	}
	var errs []error
	for i := range s.Rules {
		rule := &s.Rules[i]
		for j := range rule.ObjectMappings {
			m := &rule.ObjectMappings[j]
			c := checker{
				mapping: m,
				source:  s.Object(rule.SourceDirectoryName, m.SourceObjectName),
				target:  s.Object(rule.TargetDirectoryName, m.TargetObjectName),
				lenient: lenient,
			}
			c.run()
			errs = append(errs, c.errs...)
		}
	}
	return errors.Join(errs...)
}

type checker struct {
	mapping        *ObjectMapping
	source, target *Object
	lenient        Leniency
	errs           []error
}

func (c *checker) bad(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("object mapping '%s': %s", c.mapping.Name, fmt.Sprintf(format, args...)))
}

func (c *checker) run() {
	if c.source == nil {
		c.bad("source object '%s' is not defined in the source directory", c.mapping.SourceObjectName)
		return
	}
	if c.target == nil {
		c.bad("target object '%s' is not defined in the target directory", c.mapping.TargetObjectName)
		return
	}
	matching, seen := false, map[string]bool{}
	for i := range c.mapping.AttributeMappings {
		a := &c.mapping.AttributeMappings[i]
		if seen[a.TargetAttributeName] {
			c.bad("target attribute '%s' is mapped more than once", a.TargetAttributeName)
		}
		seen[a.TargetAttributeName] = true
		matching = matching || a.MatchingPriority > 0
		c.attribute(a)
	}
	if !matching {
		c.bad("there is no matching attribute: at least one attribute mapping needs a matchingPriority above 0")
	}
	c.scope()
}

func (c *checker) attribute(a *AttributeMapping) {
	target := c.target.Attribute(a.TargetAttributeName)
	if target == nil {
		c.bad("target attribute '%s' is not defined on object '%s'", a.TargetAttributeName, c.target.Name)
	} else if target.Anchor {
		c.bad("target attribute '%s' is the anchor and cannot be mapped", a.TargetAttributeName)
	}
	flows := []string{"", "Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"}
	if !slices.Contains(flows, a.FlowType) {
		c.bad("target attribute '%s': flowType '%s' is not known", a.TargetAttributeName, a.FlowType)
	}
	if a.Source == nil {
		if a.MatchingPriority > 0 {
			c.bad("matching attribute '%s' has no source", a.TargetAttributeName)
		}
		return
	}
	c.expression(a)
}

func (c *checker) expression(a *AttributeMapping) {
	if a.MatchingPriority > 0 && a.Source.Type == "Constant" {
		c.bad("matching attribute '%s' has a constant source", a.TargetAttributeName)
	}
	node, err := Node(a.Source)
	if err != nil {
		c.bad("target attribute '%s': the expression cannot be read: %v", a.TargetAttributeName, err)
		return
	}
	if a.Source.Type == "Function" && len(a.Source.Parameters) == 0 && len(node.Source().Parameters) > 0 &&
		!c.lenient.ExpressionWithoutTree {
		c.bad("target attribute '%s': the function '%s' has no parameters", a.TargetAttributeName, a.Source.Name)
	}
	for _, name := range node.Attributes() {
		if c.source.Attribute(name) == nil {
			c.bad("target attribute '%s': source attribute '%s' is not defined on object '%s'",
				a.TargetAttributeName, name, c.source.Name)
		}
	}
}

func (c *checker) scope() {
	if c.mapping.Scope == nil {
		return
	}
	for _, group := range c.mapping.Scope.Groups {
		for _, clause := range group.Clauses {
			operator, known := operators[clause.OperatorName]
			if !known {
				c.bad("scope '%s': operator '%s' is not known", group.Name, clause.OperatorName)
				continue
			}
			if c.source.Attribute(clause.SourceOperandName) == nil {
				c.bad("scope '%s': source attribute '%s' is not defined", group.Name, clause.SourceOperandName)
			}
			values := 0
			if clause.TargetOperand != nil {
				values = len(clause.TargetOperand.Values)
			}
			if want := operator.values(); values != want {
				c.bad("scope '%s': operator '%s' takes %d values, not %d", group.Name, clause.OperatorName, want, values)
			}
		}
	}
}

// Node reads a mapping source. The tree is the truth; where it has none, the text is parsed.
func Node(source *expr.Source) (*expr.Node, error) {
	if source.Type == "Function" && len(source.Parameters) == 0 {
		return expr.Parse(source.Expression)
	}
	return expr.FromSource(*source)
}
