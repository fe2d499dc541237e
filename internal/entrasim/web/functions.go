package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// functions are what the templates may call.
var functions = template.FuncMap{
	"text":       text,
	"list":       list,
	"details":    details,
	"when":       when,
	"moment":     moment,
	"took":       func(c Cycle) string { return c.Ended.Sub(c.Began).Round(time.Millisecond).String() },
	"properties": properties,
	"expression": expression,
	"initials":   initials,
	"results": func() []string {
		return []string{engine.StatusSuccess, engine.StatusFailure, engine.StatusSkipped, engine.StatusWarning}
	},
	"kind":  kind,
	"count": grouped,
}

// text is a member of a Graph object as text; empty when there is none.
func text(o any, path ...string) string {
	for _, name := range path {
		object, _ := o.(map[string]any)
		o = object[name]
	}
	if o == nil {
		return ""
	}
	return fmt.Sprint(o)
}

// list is a member of a Graph object that is a list.
func list(o tenant.Object, name string) []any {
	l, _ := o[name].([]any)
	return l
}

// pair is a name with its value.
type pair struct{ Name, Value string }

// details are the members of an object in the order of their names.
func details(o any, path ...string) []pair {
	for _, name := range path {
		object, _ := o.(map[string]any)
		o = object[name]
	}
	object, _ := o.(map[string]any)
	var out []pair
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if value := text(object, name); value != "" {
			out = append(out, pair{name, value})
		}
	}
	return out
}

const layout = "2006-01-02 15:04:05"

func when(at time.Time) string { return at.UTC().Format(layout) }

// moment shows a time that Graph has written as text.
func moment(written string) string {
	at, err := time.Parse(time.RFC3339, written)
	if err != nil || at.IsZero() || at.Year() < 2 {
		return "never"
	}
	return when(at)
}

// properties are the members of a user or group that have a value, as Graph names them.
func properties(o any) []pair {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	var out []pair
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch value := members[name].(type) {
		case []any:
			var texts []string
			for _, v := range value {
				texts = append(texts, fmt.Sprint(v))
			}
			if name != "members" {
				out = append(out, pair{name, strings.Join(texts, ", ")})
			}
		case map[string]any:
			for _, p := range details(value) {
				out = append(out, pair{p.Name, p.Value})
			}
		default:
			if name != "manager" {
				out = append(out, pair{name, fmt.Sprint(value)})
			}
		}
	}
	return out
}

// expression is the source of an attribute mapping as people write it.
func expression(m syncschema.AttributeMapping) string {
	if m.Source == nil {
		return ""
	}
	return m.Source.Expression
}

// kind is what a key of synchronizedEntryCountByType counts, without the target's name.
func kind(key string) string {
	source, _, _ := strings.Cut(key, " to ")
	return source + "s provisioned"
}

// initials are the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := string([]rune(words[0])[:1])
	if len(words) == 1 {
		return strings.ToUpper(first)
	}
	return strings.ToUpper(first + string([]rune(words[len(words)-1])[:1]))
}

// grouped writes a number with spaces between thousands.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:]
	}
	return digits
}
