package resource

import (
	"reflect"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Validate checks a whole document: required attributes are there, those of a required extension included (S-25), and
// at most one element is primary. PATCH validates only the final document, so that operations may pass through an
// invalid one (P-5).
func Validate(rt *schema.ResourceType, doc map[string]any) error {
	if err := validateIn(rt.Schema, doc); err != nil {
		return err
	}
	for _, e := range rt.Extensions {
		object, ok := doc[e.Schema.ID].(map[string]any)
		if !ok && !e.Required {
			continue
		}
		if err := validateIn(e.Schema, object); err != nil {
			return scimerr.Prefix(err, "%s", e.Schema.ID)
		}
	}
	return nil
}

func validateIn(s *schema.Schema, object map[string]any) error {
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if a.Required && object[a.Name] == nil {
			return invalid("%s is required", a.Name)
		}
		list, _ := object[a.Name].([]any)
		if len(list) > maxElements {
			return tooManyElements(a)
		}
		if err := onePrimary(a, list); err != nil {
			return err
		}
	}
	return nil
}

// CheckImmutable is 400 mutability when an immutable attribute that was set has another value now (S-8).
func CheckImmutable(rt *schema.ResourceType, before, after map[string]any) error {
	for _, part := range rt.Parts() {
		was, now := before, after
		if part.Extension != nil {
			was, _ = before[part.Extension.ID].(map[string]any)
			now, _ = after[part.Extension.ID].(map[string]any)
		}
		for _, a := range part.Attributes {
			if a.Mutability == schema.Immutable && was[a.Name] != nil && !reflect.DeepEqual(was[a.Name], now[a.Name]) {
				return scimerr.BadRequest(scimerr.Mutability, "%s is immutable and has a value", a.Name)
			}
		}
	}
	return nil
}

// KeepImmutable copies the immutable attributes that a PUT leaves out: leaving out is no other value (C-11).
func KeepImmutable(rt *schema.ResourceType, before, after map[string]any) {
	for _, part := range rt.Parts() {
		if part.Extension == nil {
			keepImmutable(part, before, after)
			continue
		}
		was, _ := before[part.Extension.ID].(map[string]any)
		now, ok := after[part.Extension.ID].(map[string]any)
		if !ok {
			now = map[string]any{}
		}
		if keepImmutable(part, was, now); len(now) > 0 {
			after[part.Extension.ID] = now
		}
	}
}

func keepImmutable(part schema.Part, before, after map[string]any) {
	for _, a := range part.Attributes {
		if a.Mutability == schema.Immutable && before[a.Name] != nil && after[a.Name] == nil {
			after[a.Name] = before[a.Name]
		}
	}
}

func onePrimary(a *schema.Attribute, list []any) error {
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
