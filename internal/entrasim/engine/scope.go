package engine

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// inScope applies the scoping filter of an object mapping: clauses of a group are joined by AND, groups by OR, and no
// group lets everybody pass.
func inScope(filter *syncschema.Filter, object expr.Environment) (bool, error) {
	if filter == nil || len(filter.Groups) == 0 {
		return true, nil
	}
	for _, group := range filter.Groups {
		all := true
		for _, clause := range group.Clauses {
			pass, err := clausePasses(clause, object)
			if err != nil {
				return false, fmt.Errorf("scoping filter %q: %w", group.Name, err)
			}
			all = all && pass
		}
		if all {
			return true, nil
		}
	}
	return false, nil
}

// scopeResult tells for each clause of the scoping filter whether the object passes it, as JSON.
func (c *cycle) scopeResult(d *decision) string {
	plan := c.planFor(d.group)
	if !d.standing.exists || plan == nil || plan.mapping.Scope == nil {
		return "{}"
	}
	source := d.source
	if !d.group {
		source = userSource(d, &c.in, false)
	}
	results := map[string]bool{}
	for _, group := range plan.mapping.Scope.Groups {
		for _, clause := range group.Clauses {
			name := group.Name + "." + clause.SourceOperandName + " " + clause.OperatorName
			if clause.TargetOperand != nil {
				name += " '" + strings.Join(clause.TargetOperand.Values, "', '") + "'"
			}
			pass, err := clausePasses(clause, source)
			results[name] = pass && err == nil
		}
	}
	encoded, err := json.Marshal(results)
	if err != nil {
		return "{}" // texts and booleans always encode
	}
	return string(encoded)
}

// clausePasses: a clause on an absent attribute is false, also NOT EQUALS and NOT REGEX MATCH; the only exception is IS NULL.
// Comparisons are case-sensitive.
func clausePasses(clause syncschema.FilterClause, object expr.Environment) (bool, error) {
	value, _ := object.Attribute(clause.SourceOperandName)
	empty := value.IsNull() || value.Single() == ""
	operand := ""
	if clause.TargetOperand != nil && len(clause.TargetOperand.Values) > 0 {
		operand = clause.TargetOperand.Values[0]
	}
	switch clause.OperatorName {
	case "IS NULL":
		return empty, nil
	case "IS NOT NULL":
		return !empty, nil
	case "IS TRUE":
		return strings.EqualFold(value.Single(), "True"), nil
	case "IS FALSE":
		return strings.EqualFold(value.Single(), "False"), nil
	case "EQUALS":
		return !empty && value.Single() == operand, nil
	case "NOT EQUALS":
		return !empty && value.Single() != operand, nil
	case "REGEX MATCH", "NOT REGEX MATCH":
		// Go's expressions have no look-around and no back-references; rather than guess, the simulator says so.
		pattern, err := regexp.Compile(operand)
		if err != nil {
			return false, fmt.Errorf("pattern not supported by the simulator: %w", err)
		}
		return !empty && pattern.MatchString(value.Single()) == (clause.OperatorName == "REGEX MATCH"), nil
	default:
		return false, fmt.Errorf("operator %q is not known", clause.OperatorName)
	}
}
