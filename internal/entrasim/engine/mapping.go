package engine

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// matchingMappings are the mappings that identify an object in the target, by precedence.
func matchingMappings(m *syncschema.ObjectMapping) []*syncschema.AttributeMapping {
	var out []*syncschema.AttributeMapping
	for i := range m.AttributeMappings {
		if m.AttributeMappings[i].MatchingPriority > 0 {
			out = append(out, &m.AttributeMappings[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *syncschema.AttributeMapping) int {
		return cmp.Compare(a.MatchingPriority, b.MatchingPriority)
	})
	return out
}

// flow is one attribute mapping made ready for evaluation.
type flow struct {
	mapping   *syncschema.AttributeMapping
	attribute *syncschema.Attribute
	path      path
	node      *expr.Node // nil: only a default value
	reference bool       // manager, members: written in the reference pass
}

// usesSoftDelete says whether the mapping is one that disables: it depends on IsSoftDeleted.
func (f *flow) usesSoftDelete() bool {
	return f.node != nil && slices.Contains(f.node.Attributes(), "IsSoftDeleted")
}

// plan of one object type for a cycle: the mapping and its flows.
type typePlan struct {
	mapping  *syncschema.ObjectMapping
	resource string // Users or Groups
	flows    []flow
}

// prepare reads the mapping of a source object; nil when the schema has none.
func prepare(schema *syncschema.Schema, sourceObject, resource string) (*typePlan, error) {
	mapping, target := schema.Mapping(sourceObject)
	if mapping == nil {
		return nil, nil
	}
	p := &typePlan{mapping: mapping, resource: resource}
	for i := range mapping.AttributeMappings {
		m := &mapping.AttributeMappings[i]
		f := flow{mapping: m, attribute: target.Attribute(m.TargetAttributeName)}
		if f.attribute == nil {
			f.attribute = &syncschema.Attribute{Name: m.TargetAttributeName, Type: "String"}
		}
		f.reference = f.attribute.Type == "Reference"
		var err error
		if f.path, err = parsePath(m.TargetAttributeName); err != nil {
			return nil, err
		}
		if m.Source != nil {
			if f.node, err = syncschema.Node(m.Source); err != nil {
				return nil, fmt.Errorf("mapping of %s: %w", m.TargetAttributeName, err)
			}
		}
		p.flows = append(p.flows, f)
	}
	return p, nil
}

// matchingValue is the text that an object is looked for by at the endpoint; empty when it has none.
func (p *typePlan) matchingValue(target string, d *decision) (string, error) {
	for i := range p.flows {
		if f := &p.flows[i]; f.mapping.TargetAttributeName == target {
			v, err := f.evaluate(d.source, d.roles, false)
			if err != nil || v == nil || len(v.texts) == 0 {
				return "", err
			}
			return v.texts[0], nil
		}
	}
	return "", nil
}

// canDisable says whether the mapping sends a disable at all.
func (p *typePlan) canDisable() bool {
	return slices.ContainsFunc(p.flows, func(f flow) bool { return f.usesSoftDelete() })
}

// reference finds the flow of a reference attribute such as manager or members.
func (p *typePlan) reference(source string) *flow {
	for i := range p.flows {
		if f := &p.flows[i]; f.reference && f.node != nil && slices.Contains(f.node.Attributes(), source) {
			return f
		}
	}
	return nil
}

// value is one evaluated flow: what the target should hold.
type value struct {
	flow  *flow
	texts []string
	roles []Role // what a role function gives; with SingleAppRoleAssignment it is unspecified which of several
	role  string // AppRoleAssignmentsComplex or AssertiveAppRoleAssignmentsComplex, which write whole role objects
}

// evaluate computes the values that flow for an object. Null and empty results do not flow; defaults count on create only.
func (p *typePlan) evaluate(object expr.Environment, roles []Role, creating bool) ([]value, error) {
	var out []value
	for i := range p.flows {
		f := &p.flows[i]
		if f.reference || f.mapping.FlowType == "ObjectAddOnly" && !creating {
			continue
		}
		v, err := f.evaluate(object, roles, creating)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, *v)
		}
	}
	return out, nil
}

func (f *flow) evaluate(object expr.Environment, roles []Role, creating bool) (*value, error) {
	result := expr.Null()
	if f.node != nil {
		function := ""
		if f.node.Kind() == expr.Function { // a role function inside another one gives texts like any other
			function = f.node.Text()
		}
		switch function {
		case roleSingle:
			if len(roles) > 0 {
				return &value{flow: f, roles: roles[:1], texts: []string{roles[0].Value}}, nil
			}
		case roleComplex, roleAssertive:
			return &value{flow: f, roles: roles, role: function}, nil
		default:
			var err error
			if result, err = f.node.Evaluate(object); err != nil {
				return nil, fmt.Errorf("mapping of %s: %w", f.mapping.TargetAttributeName, err)
			}
		}
	}
	if result.IsNull() || len(result.Values()) == 1 && result.Single() == "" {
		if !creating || f.mapping.DefaultValue == nil || *f.mapping.DefaultValue == "" {
			return nil, nil
		}
		result = expr.String(*f.mapping.DefaultValue)
	}
	return &value{flow: f, texts: result.Values()}, nil
}

// wire is the value in the JSON type of the target attribute.
func (v *value) wire() any {
	if v.role != "" {
		return complexRoles(v.roles)
	}
	if v.flow.attribute.Multivalued && v.flow.path.filterName == "" {
		out := []any{}
		for _, t := range v.texts {
			out = append(out, map[string]any{"value": t})
		}
		return out
	}
	return typedValue(v.flow.attribute.Type, v.texts[0])
}

func typedValue(kind, t string) any {
	switch kind {
	case "Boolean":
		return strings.EqualFold(t, "true")
	case "Integer":
		if n, err := strconv.ParseInt(t, 10, 64); err == nil {
			return n
		}
	}
	return t
}

// digest sums up what an object is to hold, so that it can be told from what was sent before.
func digest(values []value) uint64 {
	h := fnv.New64a()
	write := func(texts ...string) {
		for _, t := range texts {
			_, _ = h.Write([]byte(t)) // a hash never fails
			_, _ = h.Write([]byte{0})
		}
	}
	for i := range values {
		write(values[i].flow.mapping.TargetAttributeName)
		write(values[i].texts...)
		for _, r := range values[i].roles {
			write(r.ID, r.Value)
		}
	}
	return h.Sum64()
}

// same compares with what the target holds. Only a caseExact target tells upper from lower case.
func (v *value) same(held []string) bool {
	if len(held) != len(v.texts) {
		return false
	}
	for i := range held {
		equal := held[i] == v.texts[i]
		if !v.flow.attribute.CaseExact || v.flow.attribute.Type == "Boolean" {
			equal = strings.EqualFold(held[i], v.texts[i])
		}
		if !equal {
			return false
		}
	}
	return true
}
