package evaluate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

// TestClauses asks each clause about one person: department Sales, employeeId 6, accountEnabled true, two otherMails, nothing else.
func TestClauses(t *testing.T) {
	const subject = `{"userPrincipalName": "a@b.c", "department": "Sales", "employeeId": "6", "accountEnabled": true, "otherMails": ["a", "b"]}`
	for name, c := range map[string]struct {
		attribute, operator, operand string
		passed                       bool
		why                          string
	}{
		"equals":                                  {"department", "EQUALS", "Sales", true, `"Sales" is what EQUALS "Sales" asks for`},
		"equals in another case":                  {"department", "EQUALS", "sales", false, `"Sales" is not what EQUALS "sales" asks for; case counts`},
		"equals on null":                          {"city", "EQUALS", "Wien", false, "no value, and a clause on nothing is false"},
		"equals nothing on null":                  {"city", "EQUALS", "", false, "no value"},
		"not equals":                              {"department", "NOT EQUALS", "Legal", true, "is what NOT EQUALS"},
		"not equals the same":                     {"department", "NOT EQUALS", "Sales", false, "is not what NOT EQUALS"},
		"not equals on null is false too":         {"city", "NOT EQUALS", "Wien", false, "no value"},
		"a pattern matches a part":                {"department", "REGEX MATCH", "al", true, "is what"},
		"a pattern counts case":                   {"department", "REGEX MATCH", "^sales$", false, "is not what"},
		"a pattern in brackets that does not":     {"department", "REGEX MATCH", "^(?i)sales$", true, "is what"},
		"no pattern matches":                      {"department", "NOT REGEX MATCH", "^L", true, "is what"},
		"a pattern matches that must not":         {"department", "NOT REGEX MATCH", "^S", false, "is not what"},
		"not a pattern on null is false":          {"city", "NOT REGEX MATCH", "^S", false, "no value"},
		"a pattern of .NET alone":                 {"department", "REGEX MATCH", "(?=S)", false, "not evaluated here"},
		"null":                                    {"city", "IS NULL", "", true, "the attribute has no value"},
		"null of a value":                         {"department", "IS NULL", "", false, "the attribute has a value"},
		"not null":                                {"department", "IS NOT NULL", "", true, `"Sales" is what IS NOT NULL asks for`},
		"not null of null":                        {"city", "IS NOT NULL", "", false, "no value"},
		"true":                                    {"accountEnabled", "IS TRUE", "", true, "is what"},
		"true of a text":                          {"department", "IS TRUE", "", false, "is not what"},
		"true of null":                            {"city", "IS TRUE", "", false, "no value"},
		"false of true":                           {"accountEnabled", "IS FALSE", "", false, "is not what"},
		"false of what is computed":               {"IsSoftDeleted", "IS FALSE", "", true, "is what"},
		"includes":                                {"department", "Includes", "ale", true, "is what"},
		"includes in another case":                {"department", "INCLUDES", "ALE", false, "is not what"},
		"ends with":                               {"department", "ENDS_WITH", "les", true, "is what"},
		"does not end with":                       {"department", "ENDS WITH", "Sal", false, "is not what"},
		"greater":                                 {"employeeId", "Greater_Than", "5", true, "is what"},
		"not greater than itself":                 {"employeeId", "Greater_Than", "6", false, "is not what"},
		"greater or equal":                        {"employeeId", "Greater_Than_OR_EQUALS", "6", true, "is what"},
		"not greater or equal":                    {"employeeId", "Greater_Than_OR_EQUALS", "7", false, "is not what"},
		"greater of no number":                    {"department", "Greater_Than", "5", false, "is not what"},
		"greater than no number":                  {"employeeId", "Greater_Than", "x", false, "needs a whole number"},
		"a bit is set":                            {"employeeId", "&", "2", true, "is what"},
		"a bit is not set":                        {"employeeId", "&", "1", false, "is not what"},
		"a bit must not be set":                   {"employeeId", "!&", "1", true, "is what"},
		"a bit is set that must not be":           {"employeeId", "!&", "4", false, "is not what"},
		"a bit under another name is set":         {"employeeId", "Bit And", "2", true, "is what"},
		"a bit under another name must not be":    {"employeeId", "Not_Bit_And", "2", false, "is not what"},
		"several values cannot be tested":         {"otherMails", "IS NOT NULL", "", false, "several values"},
		"an operator that nobody knows":           {"department", "SOUNDS LIKE", "Sails", false, `"SOUNDS LIKE" is not known`},
		"an attribute that nobody has":            {"nothing", "EQUALS", "x", false, "no value"},
		"the text of an operator in another case": {"department", "equals", "Sales", true, "is what"},
	} {
		t.Run(name, func(t *testing.T) {
			operands := []string{c.operand}
			if c.operand == "" {
				operands = nil
			}
			m := load(t, mapping.User, scope(clauses("g", clause(c.attribute, c.operator, operands...))))
			got := m.Evaluate(read(t, m, subject), surroundings).Scope
			verdict := got.Groups[0].Clauses[0]
			if got.Passed != c.passed || verdict.Passed != c.passed || got.Groups[0].Passed != c.passed || !strings.Contains(verdict.Why, c.why) {
				t.Errorf("passed %t because %q; want %t, %q", verdict.Passed, verdict.Why, c.passed, c.why)
			}
		})
	}
}

func TestGroupsAreJoinedByOrAndClausesByAnd(t *testing.T) {
	yes, no := clause("department", "EQUALS", "Sales"), clause("city", "IS NOT NULL")
	for name, c := range map[string]struct {
		groups []any
		want   bool
	}{
		"no group lets everybody pass":         {[]any{}, true},
		"one clause passes":                    {[]any{clauses("a", yes)}, true},
		"one of two clauses fails":             {[]any{clauses("a", yes, no)}, false},
		"one of two groups passes":             {[]any{clauses("a", no), clauses("b", yes)}, true},
		"the first of two groups passes":       {[]any{clauses("a", yes), clauses("b", no)}, true},
		"no group passes":                      {[]any{clauses("a", no), clauses("b", no, yes)}, false},
		"a group without clauses is no filter": {[]any{clauses("a")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, mapping.User, scope(c.groups...))
			got := m.Evaluate(read(t, m, `{"userPrincipalName": "a@b.c", "department": "Sales"}`), surroundings)
			if got.Scope.Passed != c.want || (got.NotCreated == "") != c.want {
				t.Errorf("in scope %t, not created because %q", got.Scope.Passed, got.NotCreated)
			}
		})
	}
}

func TestEveryClauseIsAskedAlsoAfterTheVerdictIsClear(t *testing.T) {
	m := load(t, mapping.User, scope(clauses("staff", clause("city", "EQUALS", "Wien"), clause("department", "EQUALS", "Sales"))))
	got := m.Evaluate(read(t, m, `{"userPrincipalName": "a@b.c", "department": "Sales"}`), surroundings).Scope
	want := evaluate.Scope{Groups: []evaluate.GroupVerdict{{Name: "staff", Clauses: []evaluate.ClauseVerdict{
		{Attribute: "city", Operator: "EQUALS", Operand: "Wien", Why: "the attribute has no value, and a clause on nothing is false"},
		{Attribute: "department", Operator: "EQUALS", Operand: "Sales", Value: "Sales", Passed: true, Why: `"Sales" is what EQUALS "Sales" asks for; case counts`},
	}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the verdict (-want +got):\n%s", diff)
	}
}
