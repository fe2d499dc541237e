package resource

import (
	"reflect"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// SameElement tells whether two elements of a multi-valued attribute stand for the same thing: equal value and type
// by the case rules of the attribute; elements without a value are compared whole (P-15).
func SameElement(a *schema.Attribute, x, y any) bool {
	left, ok := x.(map[string]any)
	right, okRight := y.(map[string]any)
	if !ok || !okRight {
		return sameSimple(a, x, y)
	}
	if left["value"] == nil || right["value"] == nil {
		return reflect.DeepEqual(left, right)
	}
	if !sameSimple(a.Sub("value"), left["value"], right["value"]) {
		return false
	}
	kind := a.Sub("type")
	return kind == nil || a.Name == "members" || sameSimple(kind, left["type"], right["type"])
}

func sameSimple(a *schema.Attribute, x, y any) bool {
	left, ok := x.(string)
	right, okRight := y.(string)
	if ok && okRight && !a.CaseExact {
		return schema.Fold(left) == schema.Fold(right)
	}
	return x == y
}

// Collapse keeps the first of elements that stand for the same thing (S-6).
func Collapse(a *schema.Attribute, list []any) []any {
	if a.Name == "members" {
		return collapseMembers(list)
	}
	out := list[:0:0]
	for _, element := range list {
		if indexOf(a, out, element) < 0 {
			out = append(out, element)
		}
	}
	return out
}

func indexOf(a *schema.Attribute, list []any, element any) int {
	for i, have := range list {
		if SameElement(a, have, element) {
			return i
		}
	}
	return -1
}

// collapseMembers does by a set what Collapse does by comparing each with each: a group may have 100,000 members.
func collapseMembers(list []any) []any {
	seen := make(map[string]bool, len(list))
	out := make([]any, 0, len(list))
	for _, element := range list {
		member, _ := element.(map[string]any)
		id, _ := member["value"].(string)
		if !seen[id] {
			seen[id] = true
			out = append(out, element)
		}
	}
	return out
}

// keepLastPrimary clears primary on all but the last element that has it (S-5).
func keepLastPrimary(list []any) {
	found := false
	for _, v := range slices.Backward(list) {
		element, ok := v.(map[string]any)
		if !ok || element["primary"] != true {
			continue
		}
		if found {
			element["primary"] = false
		}
		found = true
	}
}

// byType are the attributes whose elements Entra addresses by type. Roles share one type and are not among them.
var byType = []string{"emails", "phoneNumbers", "addresses", "ims", "photos"}

// OnePerType keeps of several elements of one type the last, in the place of the first (E-18): what came later is what
// the client means now. Elements without a type stay.
func OnePerType(a *schema.Attribute, list []any) []any {
	if len(list) < 2 || !slices.Contains(byType, a.Name) {
		return list
	}
	places := make(map[string]int, len(list))
	out := list[:0:0]
	for _, v := range list {
		element, _ := v.(map[string]any)
		kind, _ := element["type"].(string)
		key := schema.Fold(kind)
		if place, seen := places[key]; seen && kind != "" {
			out[place] = v
			continue
		}
		places[key] = len(out)
		out = append(out, v)
	}
	return out
}

// Prune removes objects and lists that hold nothing (S-3, S-18), and, with hollow, elements of which nothing but
// type and primary is left after their value was cleared. It changes doc.
func Prune(doc map[string]any, hollow bool) {
	for key, v := range doc {
		switch v := v.(type) {
		case map[string]any:
			Prune(v, hollow)
			if len(v) == 0 {
				delete(doc, key)
			}
		case []any:
			if kept := pruneList(v, hollow); len(kept) > 0 {
				doc[key] = kept
			} else {
				delete(doc, key)
			}
		}
	}
}

func pruneList(list []any, hollow bool) []any {
	kept := make([]any, 0, len(list))
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok || len(object) > 0 && !(hollow && isHollow(object)) {
			kept = append(kept, element)
		}
	}
	return kept
}

func isHollow(element map[string]any) bool {
	for key := range element {
		if key != "type" && key != "primary" {
			return false
		}
	}
	return true
}

// Clone copies a document deeply.
func Clone(doc map[string]any) map[string]any {
	return cloneValue(doc).(map[string]any)
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = cloneValue(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = cloneValue(value)
		}
		return out
	}
	return v
}
