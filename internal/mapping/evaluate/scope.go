package evaluate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// group is a set of clauses that all have to pass; one group that passes is enough.
type group struct {
	name    string
	clauses []clause
}

type clause struct {
	attribute, operator, operand string
	test                         func(value string) bool // of a value that there is
	fault                        error                   // why it cannot be evaluated
}

// Scope is the verdict of a scoping filter.
type Scope struct {
	// Passed says that the filter lets the object through. Without groups it always does.
	Passed bool `json:"passed"`
	// Groups are joined by or.
	Groups []GroupVerdict `json:"groups,omitempty"`
}

// GroupVerdict is the verdict of one group, whose clauses are joined by and.
type GroupVerdict struct {
	Name    string          `json:"name,omitempty"`
	Passed  bool            `json:"passed"`
	Clauses []ClauseVerdict `json:"clauses"`
}

// ClauseVerdict is the verdict of one clause.
type ClauseVerdict struct {
	Attribute string `json:"attribute"`
	Operator  string `json:"operator"`
	Operand   string `json:"operand,omitempty"`
	// Value that the object has: nil, a string or a []string.
	Value  any    `json:"value"`
	Passed bool   `json:"passed"`
	Why    string `json:"why"`
}

func prepareGroup(g schemaGroup) group {
	out := group{name: g.Name}
	for _, c := range g.Clauses {
		operand := ""
		if c.TargetOperand != nil && len(c.TargetOperand.Values) > 0 {
			operand = c.TargetOperand.Values[0]
		}
		out.clauses = append(out.clauses, prepareClause(c.SourceOperandName, c.OperatorName, operand))
	}
	return out
}

// prepareClause knows the operators by the tokens that Graph's filterOperators gave, and those whose spelling is unconfirmed by their
// letters alone.
func prepareClause(attribute, operator, operand string) clause {
	c := clause{attribute: attribute, operator: operator, operand: operand}
	switch token := letters(operator); token {
	case "EQUALS":
		c.test = func(value string) bool { return value == operand }
	case "NOTEQUALS":
		c.test = func(value string) bool { return value != operand }
	case "INCLUDES":
		c.test = func(value string) bool { return strings.Contains(value, operand) }
	case "ENDSWITH":
		c.test = func(value string) bool { return strings.HasSuffix(value, operand) }
	case "ISNULL":
		c.test = func(string) bool { return false }
	case "ISNOTNULL":
		c.test = func(string) bool { return true }
	case "ISTRUE", "ISFALSE":
		c.test = func(value string) bool { return strings.EqualFold(value, strings.TrimPrefix(token, "IS")) }
	case "REGEXMATCH", "NOTREGEXMATCH":
		c.matches(token == "REGEXMATCH")
	case "GREATERTHAN", "GREATERTHANOREQUALS", "&", "BITAND", "!&", "NOTBITAND":
		c.compares(token)
	default:
		c.fault = fmt.Errorf("the operator %q is not known here", operator)
	}
	return c
}

// letters is an operator's token without blanks and underscores, in capitals.
func letters(operator string) string {
	return strings.NewReplacer(" ", "", "_", "").Replace(strings.ToUpper(operator))
}

// matches tests by a regular expression that may match any part of the value (unconfirmed).
func (c *clause) matches(wanted bool) {
	pattern, err := regexp.Compile(c.operand)
	if err != nil {
		c.fault = fmt.Errorf("the pattern %q is wrong, or uses a .NET feature that is not evaluated here: %w", c.operand, err)
		return
	}
	c.test = func(value string) bool { return pattern.MatchString(value) == wanted }
}

// compares tests whole numbers; a value that is none does not pass (unconfirmed).
func (c *clause) compares(token string) {
	operand, err := strconv.ParseInt(c.operand, 10, 64)
	if err != nil {
		c.fault = fmt.Errorf("the operator %s needs a whole number, not %q", c.operator, c.operand)
		return
	}
	c.test = func(value string) bool {
		number, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
			return false
		case token == "GREATERTHAN":
			return number > operand
		case token == "GREATERTHANOREQUALS":
			return number >= operand
		case token == "&" || token == "BITAND":
			return number&operand != 0
		default:
			return number&operand == 0
		}
	}
}

// ScopeFault names the first clause of the scoping filter that cannot be tested here, and says why; nil where there is none. To
// Evaluate such a clause does not pass, which may be wrong: whoever counts objects has to ask.
func (m *ObjectMapping) ScopeFault() error {
	for _, g := range m.groups {
		for _, c := range g.clauses {
			if c.fault != nil {
				return fmt.Errorf("scope group %s: %s %s %q: %w", g.name, c.attribute, c.operator, c.operand, c.fault)
			}
		}
	}
	return nil
}

// lookup gives the value of a source attribute.
type lookup = func(name string) (expr.Value, bool)

// scope asks every clause, also those that cannot change the verdict any more: a reader wants to know all reasons.
func (m *ObjectMapping) scope(attribute lookup) Scope {
	verdict := Scope{Passed: len(m.groups) == 0}
	for _, g := range m.groups {
		of := GroupVerdict{Name: g.name, Passed: true}
		for _, c := range g.clauses {
			answer := c.ask(attribute)
			of.Clauses = append(of.Clauses, answer)
			of.Passed = of.Passed && answer.Passed
		}
		verdict.Groups = append(verdict.Groups, of)
		verdict.Passed = verdict.Passed || of.Passed
	}
	return verdict
}

// ask: a clause on a value that is missing or empty is false whatever its operator is; only IS NULL is true then.
func (c clause) ask(attribute lookup) ClauseVerdict {
	value, _ := attribute(c.attribute)
	verdict := ClauseVerdict{Attribute: c.attribute, Operator: c.operator, Operand: c.operand, Value: plain(value)}
	missing := isEmpty(value)
	switch {
	case c.fault != nil:
		verdict.Why = c.fault.Error()
	case len(value.Values()) > 1:
		verdict.Why = "the attribute has several values, which a clause cannot test"
	case letters(c.operator) == "ISNULL":
		verdict.Passed = missing
		verdict.Why = "the attribute has a value"
		if missing {
			verdict.Why = "the attribute has no value"
		}
	case missing:
		verdict.Why = "the attribute has no value, and a clause on nothing is false"
	default:
		verdict.Passed = c.test(value.Single())
		verdict.Why = c.why(verdict.Passed, value.Single())
	}
	return verdict
}

func (c clause) why(passed bool, value string) string {
	is := "is not"
	if passed {
		is = "is"
	}
	if c.operand == "" {
		return fmt.Sprintf("%q %s what %s asks for", value, is, c.operator)
	}
	return fmt.Sprintf("%q %s what %s %q asks for; case counts", value, is, c.operator, c.operand)
}
