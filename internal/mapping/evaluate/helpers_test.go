package evaluate_test

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/tidwall/sjson"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

var surroundings = expr.Environment{
	Now:    func() time.Time { return time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC) },
	Random: rand.Reader,
}

// users is the path of the mapping of users in the default schema.
const users = "synchronizationRules.0.objectMappings.0."

// edit is one change of the default schema, by its path.
type edit struct {
	path  string
	value any
}

// attributes replaces the attribute mappings of users.
func attributes(mappings ...map[string]any) edit { return edit{users + "attributeMappings", mappings} }

// mapped is an attribute mapping of the expression's text; more are its other members.
func mapped(target, expression string, more ...edit) map[string]any {
	m := map[string]any{"targetAttributeName": target}
	if expression != "" {
		m["source"] = map[string]any{"expression": expression}
	}
	for _, e := range more {
		m[e.path] = e.value
	}
	return m
}

func scope(groups ...any) edit { return edit{users + "scope", map[string]any{"groups": groups}} }

func clauses(name string, clauses ...any) any {
	return map[string]any{"name": name, "clauses": clauses}
}

func clause(attribute, operator string, values ...string) any {
	return map[string]any{"sourceOperandName": attribute, "operatorName": operator, "targetOperand": map[string]any{"values": values}}
}

func load(t testing.TB, object mapping.Object, edits ...edit) *evaluate.ObjectMapping {
	t.Helper()
	schema := defaults.Schema()
	for _, e := range edits {
		var err error
		if schema, err = sjson.SetBytes(schema, e.path, e.value); err != nil {
			t.Fatal(err)
		}
	}
	m, err := evaluate.FromSchema(schema, object)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t testing.TB, m *evaluate.ObjectMapping, subject string) evaluate.Subject {
	t.Helper()
	s, err := m.ReadSubject([]byte(subject))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wire is a value as any decoder reads it from JSON.
func wire(t testing.TB, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return tree(t, string(text))
}

// tree reads JSON.
func tree(t testing.TB, text string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}
