package resource

import (
	"encoding/json"
	"maps"
	"strings"
)

// unpackRole reads a role as Entra sends it (E-15): the element itself or its value may be a JSON document inside a
// string, {"id":…,"value":…,"displayName":…}, and the display name is called displayName there.
func unpackRole(v any) any {
	if s, ok := v.(string); ok {
		packed, ok := packedObject(s)
		if !ok {
			return v
		}
		v = packed
	}
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	role := maps.Clone(object)
	if s, ok := Lookup(role, "value").(string); ok {
		if packed, ok := packedObject(s); ok {
			maps.DeleteFunc(role, func(key string, _ any) bool { return strings.EqualFold(key, "value") })
			maps.Copy(role, packed)
		}
	}
	if name := Lookup(role, "displayName"); name != nil && Lookup(role, "display") == nil {
		role["display"] = name
	}
	return role
}

// packedObject parses a JSON object out of a string; a role whose value merely begins with a brace stays a string.
func packedObject(s string) (map[string]any, bool) {
	if !strings.HasPrefix(strings.TrimSpace(s), "{") {
		return nil, false
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(s), &object); err != nil || Lookup(object, "value") == nil {
		return nil, false
	}
	return object, true
}
