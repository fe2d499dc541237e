package evaluate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

const jane = `{"id": "4f1c", "userPrincipalName": "jane@contoso.com", "displayName": "Jane Roe", "givenName": "Jane", "surname": "Roe",
	"mail": "jane@contoso.com", "mailNickname": "jane", "city": "Wien", "country": "AT", "businessPhones": ["1", "2"], "employeeId": "42",
	"manager": {"id": "9d2e"}}`

func TestTheDefaultMappingMakesTheResourceOfTheReference(t *testing.T) {
	m := load(t, mapping.User)
	got := m.Evaluate(read(t, m, jane), surroundings)
	want := `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
		"meta": {"resourceType": "User"}, "userName": "jane@contoso.com", "active": true, "displayName": "Jane Roe",
		"emails": [{"type": "work", "primary": true, "value": "jane@contoso.com"}],
		"name": {"givenName": "Jane", "familyName": "Roe", "formatted": "Jane Roe"},
		"addresses": [{"type": "work", "locality": "Wien", "country": "AT"}],
		"phoneNumbers": [{"type": "work", "value": "1"}], "externalId": "jane",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "42"}}`
	if diff := cmp.Diff(tree(t, want), wire(t, got.Resource)); diff != "" {
		t.Errorf("the resource (-want +got):\n%s", diff)
	}
	if got.NotCreated != "" || got.SoftDeleted || !got.Scope.Passed {
		t.Errorf("the verdict is %q, soft-deleted %t, in scope %t", got.NotCreated, got.SoftDeleted, got.Scope.Passed)
	}
}

func TestAGroupIsSentWithoutItsMembers(t *testing.T) {
	m := load(t, mapping.Group)
	got := m.Evaluate(read(t, m, `{"id": "8aa1", "displayName": "Admins", "members": ["4f1c"]}`), surroundings)
	want := `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
		"meta": {"resourceType": "Group"}, "displayName": "Admins", "externalId": "8aa1"}`
	if diff := cmp.Diff(tree(t, want), wire(t, got.Resource)); diff != "" {
		t.Errorf("the resource (-want +got):\n%s", diff)
	}
	if last := got.Attributes[2]; last.Target != "members" || last.Outcome != evaluate.OutcomeReference {
		t.Errorf("members is %+v", last)
	}
}

// TestOutcomes gives each attribute mapping to one person and compares what becomes of the target.
func TestOutcomes(t *testing.T) {
	match := mapped("userName", "[userPrincipalName]", edit{"matchingPriority", 1})
	const wiki = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:"
	for name, c := range map[string]struct {
		mapping map[string]any
		outcome evaluate.Outcome
		value   string // JSON
		note    string
	}{
		"a value is sent":                             {mapped("title", "[city]"), evaluate.OutcomeSent, `"Wien"`, ""},
		"null is skipped":                             {mapped("title", "[jobTitle]"), evaluate.OutcomeSkipped, `null`, ""},
		"an empty result is skipped":                  {mapped("title", `Replace([city], "Wien", , , "", , )`), evaluate.OutcomeSkipped, `null`, ""},
		"a default stands in for null":                {mapped("title", "[jobTitle]", edit{"defaultValue", "none"}), evaluate.OutcomeDefault, `"none"`, ""},
		"a default does not replace a value":          {mapped("title", "[city]", edit{"defaultValue", "none"}), evaluate.OutcomeSent, `"Wien"`, ""},
		"a default alone is sent":                     {mapped("title", "", edit{"defaultValue", "none"}), evaluate.OutcomeDefault, `"none"`, ""},
		"nothing at all is skipped":                   {mapped("title", ""), evaluate.OutcomeSkipped, `null`, ""},
		"a constant is sent":                          {mapped("userType", `"Employee"`), evaluate.OutcomeSent, `"Employee"`, ""},
		"a Boolean is a JSON boolean":                 {mapped("active", `Not([IsSoftDeleted])`), evaluate.OutcomeSent, `true`, ""},
		"True for a text stays a text":                {mapped("title", `Not([IsSoftDeleted])`), evaluate.OutcomeSent, `"True"`, ""},
		"a text for a Boolean fails":                  {mapped("active", `[city]`), evaluate.OutcomeFailed, `null`, `"Wien" is neither True nor False`},
		"False for a Boolean is false":                {mapped("active", `"False"`), evaluate.OutcomeSent, `false`, ""},
		"a manager is written later":                  {mapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "[manager]"), evaluate.OutcomeReference, `null`, "when the other end"},
		"several values for one target fail":          {mapped("title", `Split("a,b", ",")`), evaluate.OutcomeFailed, `null`, "2 values for a target that holds one"},
		"an expression that fails says why":           {mapped("title", `Mid([city], [city], 1)`), evaluate.OutcomeFailed, `null`, "whole number"},
		"an unknown function is named":                {mapped("title", `Shout([city])`), evaluate.OutcomeFailed, `null`, "Shout"},
		"an extension's attribute is one value":       {mapped(wiki+"shelf", "[city]"), evaluate.OutcomeSent, `"Wien"`, ""},
		"roles of nobody are an empty list":           {mapped("roles", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"), evaluate.OutcomeSent, `[]`, ""},
		"a single role of nobody is skipped":          {mapped(`roles[primary eq "True"].value`, "SingleAppRoleAssignment([appRoleAssignments])"), evaluate.OutcomeSkipped, `null`, ""},
		"only on create is said":                      {mapped("title", "[city]", edit{"flowType", "ObjectAddOnly"}), evaluate.OutcomeSent, `"Wien"`, ""},
		"a list for a multi-valued core attribute":    {mapped("roles", `Split("a,b", ",")`), evaluate.OutcomeSent, `[{"value":"a"},{"value":"b"}]`, ""},
		"an attribute that the subject does not have": {mapped("title", "[nothing]"), evaluate.OutcomeSkipped, `null`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, mapping.User, attributes(match, c.mapping))
			result := m.Evaluate(read(t, m, jane), surroundings)
			got := result.Attributes[1]
			if got.Outcome != c.outcome || !strings.Contains(got.Note, c.note) || (c.note == "") != (got.Note == "") {
				t.Errorf("outcome %s, note %q; want %s, %q", got.Outcome, got.Note, c.outcome, c.note)
			}
			if diff := cmp.Diff(tree(t, c.value), wire(t, got.Value)); diff != "" {
				t.Errorf("the value (-want +got):\n%s", diff)
			}
			if failed := c.outcome == evaluate.OutcomeFailed; failed != (result.Resource == nil) || failed != strings.Contains(result.NotCreated, "fails: ") {
				t.Errorf("resource %v, not created because %q", result.Resource, result.NotCreated)
			}
		})
	}
}

func TestTypesOfDeclaredTargets(t *testing.T) {
	const target = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:"
	declare := func(name, kind string, many bool) edit {
		return edit{"directories.1.objects.0.attributes.-1", map[string]any{"name": target + name, "type": kind, "multivalued": many}}
	}
	m := load(t, mapping.User, declare("level", "Integer", false), declare("tags", "String", true), declare("wrong", "Integer", false),
		attributes(mapped(target+"level", "[employeeId]"), mapped(target+"tags", `Split("a,b", ",")`), mapped("displayName", "[displayName]")))
	got := m.Evaluate(read(t, m, jane), surroundings)
	want := `{"level": 42, "tags": ["a", "b"]}`
	if diff := cmp.Diff(tree(t, want), wire(t, got.Resource[strings.TrimSuffix(target, ":")])); diff != "" {
		t.Errorf("the extension (-want +got):\n%s", diff)
	}
	m = load(t, mapping.User, declare("wrong", "Integer", false), attributes(mapped(target+"wrong", "[city]")))
	if got := m.Evaluate(read(t, m, jane), surroundings); !strings.Contains(got.NotCreated, `"Wien" is no whole number`) {
		t.Errorf("a text for an Integer: %q", got.NotCreated)
	}
}

func TestRolesOnTheWire(t *testing.T) {
	const subject = `{"userPrincipalName": "a@b.c", "appRoleAssignments": ["editor", {"id": "1", "value": "reader", "displayName": "Reader"}, {"displayName": "User"}]}`
	const kind = `"type": "WindowsAzureActiveDirectoryRole"`
	for name, c := range map[string]struct {
		mapping []map[string]any
		roles   string
		note    string
	}{
		"all of them": {
			[]map[string]any{mapped("roles", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])")},
			`[{"primary": false, ` + kind + `, "display": "editor", "value": "editor"}, {"primary": false, ` + kind + `, "display": "Reader", "value": "reader"},
			  {"primary": false, ` + kind + `, "display": "User", "value": "User"}]`, "",
		},
		"all of them, only ever added": {
			[]map[string]any{mapped("roles", "AppRoleAssignmentsComplex([appRoleAssignments])")},
			`[{"primary": false, ` + kind + `, "display": "editor", "value": "editor"}, {"primary": false, ` + kind + `, "display": "Reader", "value": "reader"},
			  {"primary": false, ` + kind + `, "display": "User", "value": "User"}]`, "",
		},
		"one, into one element": {
			[]map[string]any{
				mapped(`roles[primary eq "True"].value`, "SingleAppRoleAssignment([appRoleAssignments])"),
				mapped(`roles[primary eq "True"].display`, `"Role"`),
			},
			`[{"primary": true, ` + kind + `, "value": "editor", "display": "Role"}]`, "one of 3 roles",
		},
		"a role function in another function gives texts": {
			[]map[string]any{mapped(`roles[primary eq "True"].value`, `Append(Item(AppRoleAssignmentsComplex([appRoleAssignments]), 2), "!")`)},
			`[{"primary": true, ` + kind + `, "value": "reader!"}]`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, mapping.User, attributes(c.mapping...))
			got := m.Evaluate(read(t, m, subject), surroundings)
			if diff := cmp.Diff(tree(t, c.roles), wire(t, got.Resource["roles"])); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
			if note := got.Attributes[0].Note; !strings.HasPrefix(note, c.note) || (note == "") != (c.note == "") {
				t.Errorf("the note is %q", note)
			}
		})
	}
}

func TestWhyNoAccountIsCreated(t *testing.T) {
	const enabled = `{"userPrincipalName": "a@b.c"}`
	out := scope(clauses("staff", clause("department", "EQUALS", "Sales")))
	for name, c := range map[string]struct {
		edits   []edit
		subject string
		change  func(*evaluate.Subject)
		want    string
		deleted bool
	}{
		"nothing speaks against it":     {nil, enabled, nil, "", false},
		"the mapping is disabled":       {[]edit{{users + "enabled", false}}, enabled, nil, "the mapping of User is disabled", true},
		"no mapping says Create":        {[]edit{{users + "flowTypes", "Update,Delete"}}, enabled, nil, "the mapping's actions do not include Create", false},
		"Create among others":           {[]edit{{users + "flowTypes", "Update, Add"}}, enabled, nil, "", false},
		"flow types that were left out": {[]edit{{users + "flowTypes", ""}}, enabled, nil, "", false},
		"out of scope":                  {[]edit{out}, enabled, nil, "it is out of scope: no group of the scoping filter passes", true},
		"not assigned":                  {nil, enabled, func(s *evaluate.Subject) { s.Unassigned = true }, "it is not assigned to the application", true},
		"in the recycle bin":            {nil, `{"userPrincipalName": "a@b.c", "deletedDateTime": "2026-11-01T00:00:00Z"}`, nil, "it is deleted in Entra", true},
		"disabled in Entra":             {nil, `{"userPrincipalName": "a@b.c", "accountEnabled": false}`, nil, "the account is disabled in Entra, and one that is disabled at first sight is never created", true},
		"nothing to find it by":         {nil, `{"displayName": "A"}`, nil, "it has no value for any attribute that accounts are found by", false},
		"a default is nothing to find it by": {
			[]edit{attributes(mapped("userName", "[mail]", edit{"matchingPriority", 1}, edit{"defaultValue", "x"}))}, enabled, nil,
			"it has no value for any attribute that accounts are found by", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, mapping.User, c.edits...)
			s := read(t, m, c.subject)
			if c.change != nil {
				c.change(&s)
			}
			got := m.Evaluate(s, surroundings)
			if got.NotCreated != c.want || (got.Resource == nil) != (c.want != "") || got.SoftDeleted != c.deleted {
				t.Errorf("not created because %q, resource %v, soft-deleted %t; want %q, %t", got.NotCreated, got.Resource, got.SoftDeleted, c.want, c.deleted)
			}
			if i := slices.IndexFunc(got.Attributes, func(a evaluate.Attribute) bool { return a.Target == "active" }); i >= 0 && got.Attributes[i].Value != !c.deleted {
				t.Errorf("active is %v", got.Attributes[i].Value)
			}
		})
	}
}

func TestExplainShowsInputsAndSteps(t *testing.T) {
	m := load(t, mapping.User, attributes(
		mapped("displayName", `Join(" ", ToUpper([givenName]), [surname])`), mapped("title", "[jobTitle]"), mapped("nickName", `Left([city], [surname])`)))
	s := read(t, m, jane)
	explained, evaluated := m.Explain(s, surroundings), m.Evaluate(s, surroundings)
	first := explained.Attributes[0]
	want := []evaluate.Step{
		{Expression: "ToUpper([givenName])", Depth: 1, Inputs: []evaluate.StepInput{{Parameter: "source", Expression: "[givenName]", Value: "Jane"}}, Result: "JANE"},
		{Expression: `Join(" ", ToUpper([givenName]), [surname])`, Result: "JANE Roe", Inputs: []evaluate.StepInput{
			{Parameter: "separator", Expression: `" "`, Value: " "}, {Parameter: "source", Expression: "ToUpper([givenName])", Value: "JANE"},
			{Parameter: "source", Expression: "[surname]", Value: "Roe"}}},
	}
	if diff := cmp.Diff(want, first.Trace); diff != "" {
		t.Errorf("the trace (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"givenName": "Jane", "surname": "Roe"}, first.Inputs); diff != "" {
		t.Errorf("the inputs (-want +got):\n%s", diff)
	}
	if second := explained.Attributes[1]; second.Trace != nil || !maps.Equal(second.Inputs, map[string]any{"jobTitle": nil}) {
		t.Errorf("a direct mapping has the trace %v and the inputs %v", second.Trace, second.Inputs)
	}
	if third := explained.Attributes[2]; len(third.Trace) != 1 || third.Trace[0].Error == "" || third.Trace[0].Error != third.Note {
		t.Errorf("a failed step is %+v of %q", third.Trace, third.Note)
	}
	for i, a := range evaluated.Attributes {
		if a.Trace != nil || a.Inputs != nil || a.Outcome != explained.Attributes[i].Outcome || a.Value != explained.Attributes[i].Value {
			t.Errorf("Evaluate gives %+v where Explain gives %+v", a, explained.Attributes[i])
		}
	}
}
