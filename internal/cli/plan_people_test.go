package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/sjson"

	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
)

const usersMapping = "synchronizationRules.0.objectMappings.0."

// schemaWith is Entra's default schema with another mapping of active and a scope of one clause, where they are given.
func schemaWith(t *testing.T, active, operator, operand string) json.RawMessage {
	t.Helper()
	schema := defaults.Schema()
	set := func(path string, value any) {
		var err error
		if schema, err = sjson.SetBytes(schema, usersMapping+path, value); err != nil {
			t.Fatal(err)
		}
	}
	if active != "" {
		set("attributeMappings", []any{map[string]any{"targetAttributeName": "active", "source": map[string]any{"expression": active}}})
	}
	if operator != "" {
		set("scope", map[string]any{"groups": []any{map[string]any{"name": "staff", "clauses": []any{map[string]any{
			"sourceOperandName": "department", "operatorName": operator, "targetOperand": map[string]any{"values": []string{operand}},
		}}}}})
	}
	return schema
}

const bySoftDelete = `Switch([IsSoftDeleted], , "False", "True", "True", "False")`

func TestWhomAPlanDisables(t *testing.T) {
	const jane = `{"id": "1", "userPrincipalName": "jane@contoso.com", "department": "Sales"}`
	for name, c := range map[string]struct {
		before, after []string
		keep          bool
		line          string
	}{
		"active becomes false for everybody": {[]string{bySoftDelete, "", ""}, []string{`"False"`, "", ""}, false,
			"people: 1 in scope afterwards, 0 added, 1 disabled, 0 changed"},
		"active becomes false where who leaves is kept": {[]string{bySoftDelete, "", ""}, []string{`"False"`, "", ""}, true,
			"people: 1 in scope afterwards, 0 added, 1 disabled, 0 out of scope, with an account that stays active, 0 changed"},
		"she leaves": {[]string{bySoftDelete, "", ""}, []string{bySoftDelete, "EQUALS", "Legal"}, false,
			"people: 0 in scope afterwards, 0 added, 1 disabled, 0 changed"},
		"she leaves and is kept": {[]string{bySoftDelete, "", ""}, []string{bySoftDelete, "EQUALS", "Legal"}, true,
			"people: 0 in scope afterwards, 0 added, 0 disabled, 1 out of scope, with an account that stays active, 0 changed"},
		"she leaves, and nothing writes active": {[]string{bySoftDelete, "", ""}, []string{`"True"`, "EQUALS", "Legal"}, false,
			"people: 0 in scope afterwards, 0 added, 0 disabled, 0 changed"},
	} {
		t.Run(name, func(t *testing.T) {
			comparison, err := newComparison(schemaWith(t, c.before[0], c.before[1], c.before[2]), schemaWith(t, c.after[0], c.after[1], c.after[2]))
			if err != nil {
				t.Fatal(err)
			}
			comparison.report.KeptOutOfScope = c.keep
			if err := comparison.person(json.RawMessage(jane), standing{was: true, is: true}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.line, comparison.report.lines()[0]); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestPeopleAreNotCountedUnderAClauseThatCannotBeTested(t *testing.T) {
	plain, lookahead := schemaWith(t, "", "EQUALS", "Sales"), schemaWith(t, "", "REGEX MATCH", "(?=S)")
	for name, c := range map[string]struct {
		before, after json.RawMessage
		says          string
	}{
		"in force": {lookahead, plain, `the people cannot be counted: in the mappings in force, scope group staff: department REGEX MATCH "(?=S)": the pattern`},
		"planned":  {plain, lookahead, `the people cannot be counted: in the planned mappings, scope group staff: department REGEX MATCH "(?=S)": the pattern`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newComparison(c.before, c.after)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "--people=false") {
				t.Errorf("the error is %v, want %q", err, c.says)
			}
		})
	}
}
