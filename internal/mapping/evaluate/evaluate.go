package evaluate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Evaluate computes what the mapping does to the object. An attribute that fails does not hide the others. env gives the time, the
// randomness and the domain; the attributes are the subject's.
func (m *ObjectMapping) Evaluate(s Subject, env expr.Environment) Result {
	return m.evaluate(s, env, false)
}

// Explain is Evaluate with the inputs and the trace of every expression.
func (m *ObjectMapping) Explain(s Subject, env expr.Environment) Result {
	return m.evaluate(s, env, true)
}

func (m *ObjectMapping) evaluate(s Subject, env expr.Environment, traced bool) Result {
	softDeleted := expr.String("False")
	env.Attribute = func(name string) (expr.Value, bool) {
		if name == isSoftDeleted {
			return softDeleted, true
		}
		return s.attribute(name)
	}
	result := Result{Object: m.Object, Scope: m.scope(env.Attribute)}
	result.SoftDeleted = s.Unassigned || s.Deleted || !result.Scope.Passed || !m.enabled || s.disabled()
	if result.SoftDeleted {
		softDeleted = expr.String("True")
	}
	result.Attributes = make([]Attribute, len(m.flows))
	for i := range m.flows {
		result.Attributes[i] = m.flows[i].evaluate(s, env, traced)
	}
	if result.NotCreated = m.notCreated(s, result); result.NotCreated == "" {
		result.Resource = m.resource(result.Attributes)
	}
	return result
}

// attribute is what an expression reads.
func (s Subject) attribute(name string) (expr.Value, bool) {
	if name == appRoleAssignments {
		values := make([]string, len(s.Roles))
		for i, role := range s.Roles {
			values[i] = role.Value
		}
		return expr.Strings(values), true
	}
	value, ok := s.Attributes[name]
	return value, ok
}

func (s Subject) disabled() bool {
	return strings.EqualFold(s.Attributes["accountEnabled"].Single(), "False")
}

// notCreated is the first reason why Entra would create no account; "" when it would.
func (m *ObjectMapping) notCreated(s Subject, r Result) string {
	switch {
	case !m.enabled:
		return fmt.Sprintf("the mapping of %s is disabled", m.Object)
	case s.Unassigned:
		return "it is not assigned to the application"
	case !r.Scope.Passed:
		return "it is out of scope: no group of the scoping filter passes"
	case s.Deleted:
		return "it is deleted in Entra"
	case s.disabled():
		return "the account is disabled in Entra, and one that is disabled at first sight is never created"
	case !m.creates:
		return "the mapping's actions do not include Create"
	}
	matched, identified := false, false
	for _, a := range r.Attributes {
		if a.Outcome == OutcomeFailed {
			return fmt.Sprintf("the mapping of %s fails: %s", a.Target, a.Note)
		}
		matched = matched || a.MatchPrecedence > 0
		identified = identified || a.MatchPrecedence > 0 && a.Outcome == OutcomeSent
	}
	if matched && !identified {
		return "it has no value for any attribute that accounts are found by"
	}
	return ""
}

func (f *flow) evaluate(s Subject, env expr.Environment, traced bool) Attribute {
	a := Attribute{Target: f.target, Expression: f.text, OnCreate: f.onCreate, MatchPrecedence: f.match, caseExact: f.caseExact}
	if f.node != nil && traced {
		a.Inputs = inputs(f.node, env)
	}
	switch {
	case f.fault != nil:
		return a.failed(f.fault)
	case f.kind == "Reference":
		a.Outcome, a.Note = OutcomeReference, "it is written after the account is there, when the other end has an account as well"
		return a
	case f.role != "":
		return f.roles(a, s.Roles)
	}
	value := expr.Null()
	if f.node != nil {
		if traced {
			env.Observe = a.observe
		}
		var err error
		if value, err = f.node.Evaluate(env); err != nil {
			return a.failed(err)
		}
	}
	a.Outcome = OutcomeSent
	if isEmpty(value) {
		if f.defaultValue == "" {
			a.Outcome = OutcomeSkipped
			return a
		}
		value, a.Outcome = expr.String(f.defaultValue), OutcomeDefault
	}
	sent, err := f.wire(value.Values())
	if err != nil {
		return a.failed(err)
	}
	a.Value = sent
	return a
}

func (a Attribute) failed(err error) Attribute {
	a.Outcome, a.Note = OutcomeFailed, err.Error()
	return a
}

func inputs(node *expr.Node, env expr.Environment) map[string]any {
	names := node.Attributes()
	if len(names) == 0 {
		return nil
	}
	values := make(map[string]any, len(names))
	for _, name := range names {
		value, _ := env.Attribute(name)
		values[name] = plain(value)
	}
	return values
}

// wire gives the values the JSON type of the target. That a value which does not fit fails is unconfirmed.
func (f *flow) wire(values []string) (any, error) {
	if f.multivalued && f.path.filterBy == "" {
		list := make([]any, len(values))
		for i, value := range values {
			list[i] = value
			if f.path.urn == "" {
				list[i] = map[string]any{"value": value} // the multi-valued attributes of the core schemas are complex
			}
		}
		return list, nil
	}
	if len(values) > 1 {
		return nil, fmt.Errorf("%d values for a target that holds one; choose one with Item or join them with Join", len(values))
	}
	value := values[0]
	switch f.kind {
	case "Boolean":
		if !strings.EqualFold(value, "True") && !strings.EqualFold(value, "False") {
			return nil, fmt.Errorf("%q is neither True nor False, and the target is a Boolean", value)
		}
		return strings.EqualFold(value, "True"), nil
	case "Integer":
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no whole number, and the target is an Integer", value)
		}
		return number, nil
	default:
		return value, nil
	}
}

// The schemas that Entra names in a resource; an extension of the app's own is sent without being named.
var schemas = map[mapping.Object][]any{
	mapping.User: {"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"},
	mapping.Group: {"urn:ietf:params:scim:schemas:core:2.0:Group",
		"http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"},
}

// resource is what is sent to create the account.
func (m *ObjectMapping) resource(attributes []Attribute) map[string]any {
	resource := map[string]any{"schemas": schemas[m.Object], "meta": map[string]any{"resourceType": string(m.Object)}}
	for i, a := range attributes {
		if a.Outcome == OutcomeSent || a.Outcome == OutcomeDefault {
			m.flows[i].path.put(resource, a.Value)
		}
	}
	return resource
}
