package apply

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// keys are the lists of what we apply whose elements the API server tells apart by these members, so that others may add
// elements of their own: server-side apply leaves those alone, and so does the comparison. All other lists are whole.
var keys = map[string][]string{
	"metadata.ownerReferences":                     {"uid"},
	"spec.ports":                                   {"port", "protocol"}, // of a Service
	"spec.template.spec.containers":                {"name"},
	"spec.template.spec.containers[].env":          {"name"},
	"spec.template.spec.containers[].ports":        {"containerPort", "protocol"},
	"spec.template.spec.containers[].volumeMounts": {"mountPath"},
	"spec.template.spec.imagePullSecrets":          {"name"},
	"spec.template.spec.volumes":                   {"name"},
}

// equal is true when the live object has everything that is wanted, with the same digest. The live one may have more:
// defaults and what others own.
func equal(want, have *unstructured.Unstructured) bool {
	return contains("", have.Object, want.Object)
}

// contains is true when all of want is in have.
func contains(path string, have, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return len(w) == 0 && have == nil
		}
		for key, value := range w {
			if !contains(below(path, key), h[key], value) {
				return false
			}
		}
		return true
	case []any:
		h, ok := have.([]any)
		if !ok {
			return len(w) == 0 && have == nil
		}
		return containsList(path, h, w)
	default:
		return have == want
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func containsList(path string, have, want []any) bool {
	members, keyed := keys[path]
	if !keyed && len(have) != len(want) {
		return false
	}
	for i, w := range want {
		at := i
		if keyed {
			at = slices.IndexFunc(have, func(h any) bool { return sameElement(h, w, members) })
		}
		if at < 0 || !contains(path+"[]", have[at], w) {
			return false
		}
	}
	return true
}

func sameElement(have, want any, members []string) bool {
	h, okH := have.(map[string]any)
	w, okW := want.(map[string]any)
	return okH && okW && !slices.ContainsFunc(members, func(member string) bool { return h[member] != w[member] })
}

// keepGrown takes over the size of a claim that somebody made larger than we want it: it cannot be made smaller, and all
// that is stored fits.
func keepGrown(want, have *unstructured.Unstructured) {
	if want.GetKind() != "PersistentVolumeClaim" {
		return
	}
	size := []string{"spec", "resources", "requests", "storage"}
	wanted, _, errW := unstructured.NestedString(want.Object, size...)
	found, _, errH := unstructured.NestedString(have.Object, size...)
	if errW != nil || errH != nil {
		return
	}
	w, errW := resource.ParseQuantity(wanted)
	h, errH := resource.ParseQuantity(found)
	if errW == nil && errH == nil && h.Cmp(w) > 0 {
		_ = unstructured.SetNestedField(want.Object, found, size...) // its parents are maps: wanted was read through them
	}
}
