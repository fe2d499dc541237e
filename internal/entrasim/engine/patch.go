package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// operation is one change of a resource before it is worded in a dialect.
type operation struct {
	kind     string // add, replace or remove
	path     string
	value    any
	separate bool // never grouped into a path-less replace
	old, new string
}

// differences decides what has to be written to bring a resource to the values.
func differences(values []value, resource map[string]any, rfc bool) []operation {
	var out []operation
	for i := range values {
		v := &values[i]
		if v.role != "" {
			out = append(out, roleOperations(v.role, v.roles, resource, rfc)...)
			continue
		}
		held := v.flow.path.read(resource)
		if v.same(held) {
			continue
		}
		if len(v.roles) > 0 {
			out = append(out, roleOperations(roleSingle, v.roles, resource, rfc)...)
			continue
		}
		op := operation{kind: "replace", path: v.flow.mapping.TargetAttributeName, value: v.wire(),
			old: strings.Join(held, ", "), new: strings.Join(v.texts, ", ")}
		if len(held) == 0 {
			op.kind = "add"
		}
		multivalued := v.flow.attribute.Multivalued && v.flow.path.filterName == ""
		if multivalued && v.flow.mapping.FlowType == "MultiValueAddOnly" {
			op.kind = "add"
		}
		op.separate = op.kind == "add" || multivalued || v.flow.path.filterName != "" || v.flow.path.attribute == "active"
		out = append(out, op)
	}
	return out
}

// patchBody words the operations in one of Entra's two dialects.
func patchBody(operations []operation, rfc bool) map[string]any {
	if rfc {
		return patchRFC(operations)
	}
	return patchDefault(operations)
}

// patchDefault is the dialect without a feature flag: capitalised names, one operation for each attribute, booleans as text.
func patchDefault(operations []operation) map[string]any {
	out := []any{}
	for _, op := range operations {
		o := map[string]any{"op": strings.ToUpper(op.kind[:1]) + op.kind[1:], "path": op.path}
		if op.value != nil {
			o["value"] = op.value
		}
		if b, ok := op.value.(bool); ok {
			o["value"] = text(b)
		}
		out = append(out, o)
	}
	return patchEnvelope(out)
}

// patchRFC is the dialect of aadOptscim062020: lower-case names, real booleans, and the single-valued replacements together
// in one operation without a path, whose keys are dotted and URN paths.
func patchRFC(operations []operation) map[string]any {
	out, grouped, last := []any{}, map[string]any{}, []any{}
	for _, op := range operations {
		o := map[string]any{"op": op.kind, "path": op.path}
		if op.value != nil {
			o["value"] = op.value
		}
		switch {
		case op.path == "active":
			last = append(last, o)
		case op.separate:
			out = append(out, o)
		default:
			grouped[op.path] = op.value
		}
	}
	if len(grouped) > 0 {
		out = append(out, map[string]any{"op": "replace", "value": grouped})
	}
	return patchEnvelope(append(out, last...))
}

func patchEnvelope(operations []any) map[string]any {
	return map[string]any{"schemas": []any{schemaPatch}, "Operations": operations}
}

// newResource composes the body of a POST. Extensions other than the enterprise one are sent under their URN but not
// listed in schemas.
func newResource(resource string, values []value) map[string]any {
	body := map[string]any{
		"schemas": []any{syncschema.CoreUser, syncschema.UserTarget},
		"meta":    map[string]any{"resourceType": "User"},
	}
	if resource == "Groups" {
		body["schemas"] = []any{syncschema.GroupTarget, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"}
		body["meta"] = map[string]any{"resourceType": "Group"}
	}
	for i := range values {
		values[i].flow.path.write(body, values[i].wire())
	}
	return body
}

func created(values []value) []Change {
	var out []Change
	for i := range values {
		v := &values[i]
		shown := strings.Join(v.texts, ", ")
		if v.role != "" {
			names := make([]string, 0, len(v.roles))
			for _, r := range v.roles {
				names = append(names, r.Value)
			}
			shown = strings.Join(names, ", ")
		}
		out = append(out, Change{Attribute: v.flow.mapping.TargetAttributeName, New: shown})
	}
	return out
}

func changed(operations []operation) []Change {
	var out []Change
	for _, op := range operations {
		out = append(out, Change{Attribute: op.path, Old: op.old, New: op.new})
	}
	return out
}

// sortedKeys gives cycles a stable order over maps.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
