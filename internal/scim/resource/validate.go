package resource

import (
	"reflect"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Validate checks a whole document: required attributes are there and at most one element is primary. PATCH
// validates only the final document, so that operations may pass through an invalid one (P-5).
func Validate(rt *schema.ResourceType, doc map[string]any) error {
	for i := range rt.Schema.Attributes {
		a := &rt.Schema.Attributes[i]
		if a.Required && doc[a.Name] == nil {
			return invalid("%s is required", a.Name)
		}
		if err := onePrimary(a, doc[a.Name]); err != nil {
			return err
		}
	}
	return nil
}

func onePrimary(a *schema.Attribute, v any) error {
	list, _ := v.([]any)
	count := 0
	for _, element := range list {
		if object, ok := element.(map[string]any); ok && object["primary"] == true {
			count++
		}
	}
	if count > 1 {
		return invalid("%s has more than one primary value", a.Name)
	}
	return nil
}

// Changed returns the names of the attributes that differ between two documents, those of an extension with its
// URN, sorted.
func Changed(before, after map[string]any) []string {
	var names []string
	for key := range union(before, after) {
		if reflect.DeepEqual(before[key], after[key]) {
			continue
		}
		was, wasObject := before[key].(map[string]any)
		now, nowObject := after[key].(map[string]any)
		if !isURN(key) || !wasObject && !nowObject {
			names = append(names, key)
			continue
		}
		for _, sub := range Changed(was, now) {
			names = append(names, key+":"+sub)
		}
	}
	slices.Sort(names)
	return names
}

func union(a, b map[string]any) map[string]bool {
	keys := make(map[string]bool, len(a)+len(b))
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

// isURN tells an extension's key from an attribute's name, which holds no colon.
func isURN(key string) bool {
	return slices.Contains([]byte(key), ':')
}
