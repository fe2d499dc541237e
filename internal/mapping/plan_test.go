package mapping

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

func TestNewPlanChanges(t *testing.T) {
	fresh := synthetic(t)
	title := indexOf(t, fresh, "title")
	active := indexOf(t, fresh, "active")
	tests := map[string]struct {
		live []byte
		want Desired
		diff []string
	}{
		"nothing desired changes nothing":                                {fresh, Desired{}, nil},
		"the whole default mapping declared explicitly is an empty plan": {fresh, Desired{Mappings: []Mapping{allOfUser, allOfGroup}}, nil},
		"an overridden source": {fresh, users(Attribute{Target: "externalId", Source: "objectId"}),
			[]string{"User externalId: [mailNickname] -> [objectId]"}},
		"a constant, on create only": {fresh, users(Attribute{Target: "preferredLanguage", Constant: "en", OnCreate: true}),
			[]string{`User preferredLanguage: [preferredLanguage] -> "en", on create only`}},
		"an expression": {fresh, users(Attribute{Target: `emails[type eq "work"].value`, Expression: "Coalesce([mail],[userPrincipalName])"}),
			[]string{`User emails[type eq "work"].value: [mail] -> Coalesce([mail], [userPrincipalName])`}},
		"a default beside a source": {fresh, users(Attribute{Target: "title", Source: "jobTitle", Default: "none"}),
			[]string{`User title: [jobTitle] -> [jobTitle], default "none"`}},
		"a default alone": {fresh, users(Attribute{Target: "title", Default: "none"}),
			[]string{`User title: [jobTitle] -> no source, default "none"`}},
		"another order of matching": {fresh, users(Attribute{Target: "userName", Source: "userPrincipalName", MatchPrecedence: 2},
			Attribute{Target: "externalId", Source: "objectId", MatchPrecedence: 1}),
			[]string{"User userName: [userPrincipalName], match 1 -> [userPrincipalName], match 2", "User externalId: [mailNickname] -> [objectId], match 1"}},
		"a target that the default does not map": {fresh, users(Attribute{Target: "nickName", Source: "givenName"}),
			[]string{"User nickName: not mapped -> [givenName]"}},
		"an extension that Entra does not know yet": {fresh, users(Attribute{Target: shelf, Source: "extensionAttribute1", Default: "none"}),
			[]string{"User " + shelf + ", an attribute of the app: not defined -> String, case counts",
				"User " + shelf + `: not mapped -> [extensionAttribute1], default "none"`}},
		"roles, assertively": {fresh, Desired{Roles: RolesAssertive},
			[]string{"User roles: not mapped -> AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}},
		"a single role, whose value path Entra does not know yet": {fresh, Desired{Roles: RolesSingle},
			[]string{`User roles[primary eq "True"].value, an attribute of the app: not defined -> String, case counts`,
				`User roles[primary eq "True"].value: not mapped -> SingleAppRoleAssignment([appRoleAssignments])`}},
		"a mapping that somebody removed comes back where the object is mapped": {without(t, fresh, title), users(Attribute{Target: "externalId", Source: "mailNickname"}),
			[]string{"User title: not mapped -> [jobTitle]"}},
		"a mapping that somebody added goes where the object is mapped": {
			with(t, fresh, userMappings+".-1", `{"targetAttributeName":"nickName","source":{"expression":"Left([mail],3)","type":"Function"}}`),
			users(Attribute{Target: "externalId", Source: "mailNickname"}),
			[]string{"User nickName: Left([mail], 3) -> not mapped"}},
		"a changed default comes back where the object is mapped": {with(t, fresh, title+".flowType", `"ValueAddOnly"`), users(Attribute{Target: "externalId", Source: "mailNickname"}),
			[]string{"User title: [jobTitle], ValueAddOnly -> [jobTitle]"}},
		"what somebody changed stays where the object is not mapped": {with(t, without(t, fresh, title), active+".flowType", `"ValueAddOnly"`), Desired{Mappings: []Mapping{allOfGroup}}, nil},
		"roles touch nothing else where the object is not mapped": {without(t, fresh, title), Desired{Roles: RolesAssertive},
			[]string{"User roles: not mapped -> AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}},
		"a target mapped twice by somebody is mended where the object is mapped": {
			with(t, fresh, userMappings+".-1", `{"targetAttributeName":"title","source":null}`), users(Attribute{Target: "externalId", Source: "mailNickname"}),
			[]string{"User title: no source -> not mapped"}},
		"a target mapped twice by somebody stays where it is not": {
			with(t, fresh, userMappings+".-1", `{"targetAttributeName":"title","source":null}`), Desired{Roles: RolesAssertive},
			[]string{"User roles: not mapped -> AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}},
		"blanks and trailing empty arguments do not count": {
			with(t, fresh, title+".source", `{"expression":"Replace( [jobTitle],\"-\", , ,\"_\")","name":"Replace","type":"Function","parameters":[]}`),
			users(Attribute{Target: "title", Expression: `Replace([jobTitle], "-", , , "_", , )`}), nil},
		"missing members are as good as null ones": {with(t, fresh, title, `{"targetAttributeName":"title","source":{"expression":"[jobTitle]","type":"Attribute"}}`),
			Desired{Mappings: []Mapping{allOfUser}}, nil},
		"a source tree without its text is understood": {with(t, fresh, title+".source", `{"name":"jobTitle","type":"Attribute"}`), Desired{Mappings: []Mapping{allOfUser}}, nil},
		"an expression that the language does not know is shown as it is": {
			with(t, fresh, title+".source", `{"expression":"Fancy( [jobTitle], \"a \\\" b\" )","name":"Fancy","type":"Function","parameters":[]}`), Desired{Mappings: []Mapping{allOfUser}},
			[]string{`User title: Fancy([jobTitle],"a \" b") -> [jobTitle]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := plan(t, test.live, test.want)
			if diff := cmp.Diff(test.diff, changes(p)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if p.Empty() != (p.Schema == nil) {
				t.Errorf("empty is %v, but the schema is %.40s", p.Empty(), p.Schema)
			}
			if again := plan(t, after(test.live, p), test.want); !again.Empty() {
				t.Errorf("a second pass would change\n%s", strings.Join(changes(again), "\n"))
			}
		})
	}
}

func TestNewPlanFollowsChangesOfRoles(t *testing.T) {
	live := synthetic(t)
	for _, step := range []struct {
		roles Roles
		want  []string
	}{
		{RolesAssertive, []string{"User roles: not mapped -> AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}},
		{RolesSingle, []string{
			`User roles[primary eq "True"].value, an attribute of the app: not defined -> String, case counts`,
			"User roles: AssertiveAppRoleAssignmentsComplex([appRoleAssignments]) -> not mapped",
			`User roles[primary eq "True"].value: not mapped -> SingleAppRoleAssignment([appRoleAssignments])`}},
		{RolesAssertive, []string{
			`User roles[primary eq "True"].value: SingleAppRoleAssignment([appRoleAssignments]) -> not mapped`,
			"User roles: not mapped -> AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}},
		{RolesNone, nil}, // without a User mapping we cannot know whose it is
	} {
		p := plan(t, live, Desired{Roles: step.roles})
		if diff := cmp.Diff(step.want, changes(p)); diff != "" {
			t.Errorf("roles %s (-want +got):\n%s", step.roles, diff)
		}
		live = after(live, p)
	}
	p := plan(t, live, Desired{Mappings: []Mapping{allOfUser}, Roles: RolesNone})
	if diff := cmp.Diff([]string{"User roles: AssertiveAppRoleAssignmentsComplex([appRoleAssignments]) -> not mapped"}, changes(p)); diff != "" {
		t.Errorf("roles None beside a User mapping (-want +got):\n%s", diff)
	}
}

func TestNewPlanWritesWhatGraphDocuments(t *testing.T) {
	const expression = `Coalesce([mail], [userPrincipalName])`
	parsed := json.RawMessage(`{"expression":"Coalesce([mail], [userPrincipalName])","name":"Coalesce","type":"Function","parameters":[{"key":"fromGraph","value":null}]}`)
	d := users(
		Attribute{Target: "title", Source: "jobTitle", Default: "<none>"},
		Attribute{Target: "userType", Constant: "Employee"},
		Attribute{Target: "nickName", Expression: `Mid([userPrincipalName],1,8)`},
		Attribute{Target: `emails[type eq "work"].value`, Expression: expression},
		Attribute{Target: "locale", Default: "en-US"},
	)
	d.Parsed = map[string]json.RawMessage{expression: parsed}
	p := plan(t, synthetic(t), d)
	for target, want := range map[string]string{
		"title": `{"defaultValue": "<none>", "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, ` +
			`"targetAttributeName": "title", "source": {"expression": "[jobTitle]", "name": "jobTitle", "type": "Attribute", "parameters": []}}`,
		"userType": `{"defaultValue":null,"exportMissingReferences":false,"flowBehavior":"FlowWhenChanged","flowType":"Always","matchingPriority":0,` +
			`"targetAttributeName":"userType","source":{"expression":"\"Employee\"","name":"Employee","type":"Constant","parameters":[]}}`,
		"nickName": `{"defaultValue":null,"exportMissingReferences":false,"flowBehavior":"FlowWhenChanged","flowType":"Always","matchingPriority":0,` +
			`"targetAttributeName":"nickName","source":{"expression":"Mid([userPrincipalName], 1, 8)","name":"Mid","type":"Function","parameters":[` +
			`{"key":"source","value":{"expression":"[userPrincipalName]","name":"userPrincipalName","type":"Attribute","parameters":[]}},` +
			`{"key":"start","value":{"expression":"\"1\"","name":"1","type":"Constant","parameters":[]}},` +
			`{"key":"length","value":{"expression":"\"8\"","name":"8","type":"Constant","parameters":[]}}]}}`,
		`emails[type eq "work"].value`: `{"defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, ` +
			`"targetAttributeName": "emails[type eq \"work\"].value", "source": ` + string(parsed) + `}`,
		"locale": `{"defaultValue":"en-US","exportMissingReferences":false,"flowBehavior":"FlowWhenChanged","flowType":"Always","matchingPriority":0,` +
			`"targetAttributeName":"locale","source":null}`,
	} {
		if got := gjson.GetBytes(p.Schema, indexOf(t, p.Schema, target)).Raw; got != want {
			t.Errorf("%s:\n got %s\nwant %s", target, got, want)
		}
	}
}

func TestNewPlanDefinesExtensionAttributes(t *testing.T) {
	const definitions = `directories.1.objects.0.attributes`
	fresh := synthetic(t)
	d := users(Attribute{Target: shelf, Source: "extensionAttribute1"})
	p := plan(t, fresh, d)
	have, want := gjson.GetBytes(fresh, definitions).Array(), gjson.GetBytes(p.Schema, definitions).Array()
	if len(want) != len(have)+1 {
		t.Fatalf("%d definitions became %d", len(have), len(want))
	}
	const definition = `{"anchor":false,"apiExpressions":[],"caseExact":true,"defaultValue":null,"flowNullValues":false,"multivalued":false,"mutability":"ReadWrite",` +
		`"name":"` + shelf + `","required":false,"type":"String","metadata":[],"referencedObjects":[]}`
	if got := want[len(have)].Raw; got != definition {
		t.Errorf("got %s\nwant %s", got, definition)
	}

	marked := with(t, fresh, definitions+".3.metadata", `[{"key":"MaximumLength","value":"64"},{"key":"IsCustomerDefined","value":"True"}]`)
	p = plan(t, marked, d)
	if got := gjson.GetBytes(p.Schema, definitions+".#(name==\""+shelf+"\").metadata").Raw; got != `[{"key":"IsCustomerDefined","value":"True"}]` {
		t.Errorf("metadata %s where the siblings are marked as the customer's", got)
	}

	// The mapping is there but its definition is not: Entra would refuse the next PUT, whoever makes it.
	mapped := with(t, fresh, userMappings+".-1", `{"targetAttributeName":"`+shelf+`","source":{"expression":"[extensionAttribute1]","type":"Attribute"}}`)
	p = plan(t, mapped, d)
	if diff := cmp.Diff([]string{"User " + shelf + ", an attribute of the app: not defined -> String, case counts"}, changes(p)); diff != "" {
		t.Error(diff)
	}

	// A definition of the default that somebody removed comes back as the default has it.
	removed := without(t, without(t, fresh, indexOf(t, fresh, "title")), definitions+".4")
	if name := gjson.GetBytes(fresh, definitions+".4.name").String(); name != "title" {
		t.Fatalf("definition 4 is %s", name)
	}
	p = plan(t, removed, users(Attribute{Target: "externalId", Source: "mailNickname"}))
	if got := gjson.GetBytes(p.Schema, definitions+`.#(name=="title")`).Raw; got != gjson.GetBytes(fresh, definitions+".4").Raw {
		t.Errorf("definition of title: %s", got)
	}
}

func TestNewPlanRefuses(t *testing.T) {
	fresh := synthetic(t)
	tests := map[string]struct {
		live, template []byte
		want           Desired
		contains       []string
		findings       bool
	}{
		"findings of the mappings themselves": {fresh, fresh, users(Attribute{Target: "id", Source: "objectId"}), []string{"AttributeMapping users, target id", "externalId"}, true},
		"a target that the app does not have": {fresh, fresh, users(Attribute{Target: "displayNam", Source: "displayName"}), []string{"target displayNam:", "did you mean displayName?"}, true},
		"a target in the wrong case":          {fresh, fresh, users(Attribute{Target: "username", Source: "displayName"}), []string{"did you mean userName?"}, true},
		"a misspelt enterprise attribute": {fresh, fresh, users(Attribute{Target: enterpriseExtension + ":departmnt", Source: "department"}),
			[]string{"did you mean " + enterpriseExtension + ":department?"}, true},
		"a target that nothing resembles": {fresh, fresh, users(Attribute{Target: "shelf", Source: "displayName"}), []string{"target shelf:", "is an extension, urn:ietf"}, true},
		"a source in the wrong case":      {fresh, fresh, users(Attribute{Target: "title", Source: "jobtitle"}), []string{`no attribute "jobtitle" of User`, "did you mean jobTitle? Case counts"}, true},
		"a source in an expression":       {fresh, fresh, users(Attribute{Target: "title", Expression: `Join(" ", [givenName], [lastname_x])`}), []string{`"lastname_x"`, "case counts"}, true},
		"a source by its Microsoft Graph name": {fresh, fresh, users(Attribute{Target: "externalId", Source: "id"}),
			[]string{"use objectId", "not those of Microsoft Graph"}, true},
		"a directory extension that the job does not know": {fresh, fresh, users(Attribute{Target: "title", Source: "extension_0123_costCenter"}),
			[]string{"declare the directory extension under sourceAttributes"}, true},
		"a source of the other object": {fresh, fresh, Desired{Mappings: []Mapping{{Ref: Ref{Name: "groups"}, Object: Group, Attributes: []Attribute{{Target: "externalId", Source: "userPrincipalName"}}}}},
			[]string{`of Group`}, true},
		"two targets of one precedence, one by another default": {fresh, with(t, fresh, indexOf(t, fresh, "title")+".matchingPriority", "2"),
			users(Attribute{Target: "externalId", Source: "objectId", MatchPrecedence: 2}), []string{"title (Entra's default) and externalId have the same matchPrecedence 2"}, true},
		"a default mapping without any match": {fresh, with(t, fresh, indexOf(t, fresh, "userName")+".matchingPriority", "0"),
			users(Attribute{Target: "externalId", Source: "objectId"}), []string{"no User attribute is left"}, true},
		"a live schema that is no JSON":         {[]byte(`{"a":`), fresh, users(Attribute{Target: "title", Source: "mail"}), []string{"the job's schema", "not a JSON object"}, false},
		"a live schema that is a list":          {[]byte(`[]`), fresh, users(Attribute{Target: "title", Source: "mail"}), []string{"not a JSON object"}, false},
		"no template where a mapping needs one": {fresh, nil, users(Attribute{Target: "title", Source: "mail"}), []string{"the default schema of the job's template"}, false},
		"a live schema without rules":           {[]byte(`{}`), fresh, users(Attribute{Target: "title", Source: "mail"}), []string{"0 object mappings with source object User", "restore the default"}, false},
		"a template without rules":              {fresh, []byte(`{}`), users(Attribute{Target: "title", Source: "mail"}), []string{"template", "0 object mappings"}, false},
		"two rules that map people": {with(t, fresh, "synchronizationRules.-1", gjson.GetBytes(fresh, "synchronizationRules.0").Raw), fresh, Desired{Roles: RolesAssertive},
			[]string{"2 object mappings"}, false},
		"a rule whose directory is missing": {with(t, fresh, "synchronizationRules.0.targetDirectoryName", `"gone"`), fresh, Desired{Roles: RolesAssertive}, []string{"0 object mappings"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := NewPlan(test.live, test.template, test.want)
			if err == nil {
				t.Fatalf("planned %v", changes(p))
			}
			if !containsAll(err.Error(), test.contains...) {
				t.Errorf("%q does not contain all of %q", err, test.contains)
			}
			if findings := (Findings)(nil); errors.As(err, &findings) != test.findings {
				t.Errorf("%T: findings %v, want %v", err, !test.findings, test.findings)
			}
			if p.Schema != nil || !p.Empty() {
				t.Error("there is a plan beside the error")
			}
		})
	}
}

func TestPlanLines(t *testing.T) {
	if lines := (Plan{}).Lines(); lines != nil {
		t.Errorf("an empty plan says %q", lines)
	}
	lines := plan(t, synthetic(t), users(Attribute{Target: "externalId", Source: "objectId"})).Lines()
	want := []string{"User externalId: [mailNickname] -> [objectId]", "a full cycle follows: Entra evaluates everybody in scope anew"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}
