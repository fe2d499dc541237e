package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Suffixes of the keys that stand beside a string in a search document. No attribute's name holds an @.
const (
	// SearchExact is the string as it is, where it differs from its key.
	SearchExact = "@x"
	// SearchInstant is the instant of a string that is a dateTime, as SearchTime writes it.
	SearchInstant = "@t"
	// SearchElement is the key of an element that is no object.
	SearchElement = "value"
)

// SearchDoc returns what a database compares when a filter or a sort asks for something without a column of its own. It
// has the shape of the document, and depends on no schema, so that a changed schema needs no new search documents:
// strings are folded, with the exact form and the instant beside them where there are any; an element of a list that
// is no object becomes one; and every attribute of a configured extension is a list, whether it is multi-valued now or
// not.
func SearchDoc(doc map[string]any) map[string]any {
	out := make(map[string]any, len(doc))
	for key, v := range doc {
		if object, ok := v.(map[string]any); ok && IsConfigured(key) {
			out[key] = searchExtension(object)
			continue
		}
		searchValue(out, key, v)
	}
	return out
}

// IsConfigured tells the URN of a configured extension from the name of an attribute and from the built-in extension.
func IsConfigured(key string) bool {
	return strings.Contains(key, ":") && key != schema.EnterpriseUserURN
}

func searchExtension(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for key, v := range object {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		out[key] = searchList(list)
	}
	return out
}

func searchValue(out map[string]any, key string, v any) {
	switch v := v.(type) {
	case string:
		searchString(out, key, v)
	case json.Number:
		out[key] = searchNumber(v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, value := range v {
			searchValue(object, name, value)
		}
		out[key] = object
	case []any:
		out[key] = searchList(v)
	case nil:
	default:
		out[key] = v
	}
}

// searchList keeps one element for each, so that each can be addressed by what it is.
func searchList(list []any) []any {
	out := make([]any, 0, len(list))
	for _, v := range list {
		element := map[string]any{}
		if object, ok := v.(map[string]any); ok {
			for name, value := range object {
				searchValue(element, name, value)
			}
		} else {
			searchValue(element, SearchElement, v)
		}
		out = append(out, element)
	}
	return out
}

func searchString(out map[string]any, key, s string) {
	folded := schema.Fold(s)
	out[key] = folded
	if folded != s {
		out[key+SearchExact] = s
	}
	if len(s) >= len(time.DateOnly) && s[4] == '-' && s[7] == '-' {
		if t, err := filter.ParseTime(s); err == nil {
			out[key+SearchInstant] = SearchTime(t)
		}
	}
}

// searchNumber gives numbers the precision in which filters compare them; whoever reads them need not fear the rest.
func searchNumber(n json.Number) any {
	f, err := n.Float64()
	if err != nil {
		return nil
	}
	return f
}

// SearchTime writes an instant so that the order of the text is the order in time: seconds and nanoseconds since two
// days before the first year that a dateTime can name.
func SearchTime(t time.Time) string {
	const epoch = 62167219200 + 2*24*60*60
	return fmt.Sprintf("%012d.%09d", t.Unix()+epoch, t.Nanosecond())
}
