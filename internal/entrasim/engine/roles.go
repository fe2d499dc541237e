package engine

import (
	"encoding/json"
	"slices"
	"strings"
)

const (
	roleSingle    = "SingleAppRoleAssignment"
	roleComplex   = "AppRoleAssignmentsComplex"
	roleAssertive = "AssertiveAppRoleAssignmentsComplex"

	roleType = "WindowsAzureActiveDirectoryRole"
)

// rolesOf collects the roles that a person holds, directly and through groups, each once, in a stable order.
func rolesOf(held []Role) []Role {
	roles := []Role{}
	for _, h := range held {
		if h.ID != "" && !slices.ContainsFunc(roles, func(r Role) bool { return r.ID == h.ID }) {
			roles = append(roles, h)
		}
	}
	slices.SortFunc(roles, func(a, b Role) int { return strings.Compare(a.Value, b.Value) })
	return roles
}

// complexRoles is the form of roles in a POST, and in a PATCH of the assertive function or with the feature flag.
func complexRoles(roles []Role) []any {
	out := []any{}
	for _, r := range roles {
		out = append(out, map[string]any{"primary": false, "type": roleType, "display": r.Display, "value": r.Value})
	}
	return out
}

// legacyRoles is the form that the default dialect adds roles in: a JSON text inside value.
func legacyRoles(roles []Role) []any {
	out := []any{}
	for _, r := range roles {
		inner, err := json.Marshal(struct {
			ID          string `json:"id"`
			Value       string `json:"value"`
			DisplayName string `json:"displayName"`
		}{r.ID, r.Value, r.Display})
		if err != nil {
			continue // three strings always encode
		}
		out = append(out, map[string]any{"value": string(inner)})
	}
	return out
}

// heldRoles reads the role values that a resource has. A server that stored the JSON text of the default dialect as it
// came is understood too.
func heldRoles(resource map[string]any) []string {
	value, _ := member(resource, "roles")
	elements, _ := value.([]any)
	var out []string
	for _, e := range elements {
		held := text(e)
		if o, ok := e.(map[string]any); ok {
			inner, _ := member(o, "value")
			held = text(inner)
		}
		var wrapped struct{ Value string }
		if strings.HasPrefix(held, "{") && json.Unmarshal([]byte(held), &wrapped) == nil {
			held = wrapped.Value
		}
		out = append(out, held)
	}
	slices.Sort(out)
	return out
}

// roleOperations decides how a linked resource is brought to the roles. The functions differ: the assertive one replaces,
// the others only ever add.
func roleOperations(function string, roles []Role, resource map[string]any, rfc bool) []operation {
	held := heldRoles(resource)
	if function == roleAssertive {
		want := []string{}
		for _, r := range roles {
			want = append(want, r.Value)
		}
		slices.Sort(want)
		if slices.Equal(want, held) {
			return nil
		}
		return []operation{{kind: "replace", path: "roles", value: complexRoles(roles), separate: true,
			old: strings.Join(held, ", "), new: strings.Join(want, ", ")}}
	}
	missing := slices.DeleteFunc(slices.Clone(roles), func(r Role) bool { return slices.Contains(held, r.Value) })
	if len(missing) == 0 {
		return nil
	}
	value := legacyRoles(missing)
	if rfc {
		value = complexRoles(missing)
		if function == roleSingle {
			value[0].(map[string]any)["primary"] = true
		}
	}
	return []operation{{kind: "add", path: "roles", value: value, separate: true,
		old: strings.Join(held, ", "), new: missing[0].Value}}
}
