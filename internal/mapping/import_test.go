package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const extensionDefinitions = "directories.1.objects.0.attributes"

func TestImport(t *testing.T) {
	fresh := synthetic(t)
	d, found, err := Import(fresh, fresh)
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	if diff := cmp.Diff(Desired{Roles: RolesNone}, d); diff != "" {
		t.Errorf("a fresh job differs from the default (-want +got):\n%s", diff)
	}
	d, found, err = Import(fresh, nil)
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	users, groups := allOfUser, allOfGroup
	users.Ref, groups.Ref, users.Base, groups.Base = Ref{}, Ref{}, BaseEmpty, BaseEmpty
	users.Attributes[1].Expression = `Switch([IsSoftDeleted], , "False", "True", "True", "False")` // as the schema spells it
	if diff := cmp.Diff(sorted(Desired{Roles: RolesNone, Mappings: []Mapping{users, groups}}), sorted(d)); diff != "" {
		t.Errorf("everything written out (-want +got):\n%s", diff)
	}
}

func TestImportTellsWhatAManifestCannotSay(t *testing.T) {
	fresh := synthetic(t)
	title, userName := indexOf(t, fresh, "title"), indexOf(t, fresh, "userName")
	element := func(raw string) []byte { return with(t, fresh, userMappings+".-1", raw) }
	definition := func(raw string) []byte { return with(t, fresh, extensionDefinitions+".-1", raw) }
	scope := func(raw string) []byte { return with(t, fresh, userMapping+".scope", raw) }
	const place = "synchronizationRules[0].objectMappings[1]."
	tests := map[string]struct {
		live     []byte
		path     string
		severity Severity
		contains []string
	}{
		"another flow type":           {with(t, fresh, title+".flowType", `"ValueAddOnly"`), place + "attributeMappings[3]", SeverityError, []string{"target title", "flow type ValueAddOnly"}},
		"a precedence out of bounds":  {with(t, fresh, userName+".matchingPriority", "11"), place + "attributeMappings[0]", SeverityError, []string{"11 is not between 1 and 10"}},
		"an unknown function":         {with(t, fresh, title+".source", `{"expression":"Fancy([mail])","type":"Function"}`), place + "attributeMappings[3]", SeverityError, []string{"Fancy([mail])"}},
		"nothing mapped":              {with(t, fresh, title+".source", `null`), place + "attributeMappings[3]", SeverityError, []string{"neither a source nor a default"}},
		"a target twice":              {element(`{"targetAttributeName":"title","source":null}`), place + "attributeMappings[22]", SeverityError, []string{"mapped twice"}},
		"no target":                   {element(`{"source":null}`), place + "attributeMappings[22]", SeverityError, []string{"no target"}},
		"the target id":               {element(`{"targetAttributeName":"id","source":{"expression":"[mail]","name":"mail","type":"Attribute"}}`), place + "attributeMappings[22]", SeverityError, []string{"given by the SCIM server"}},
		"a match by a constant":       {element(`{"targetAttributeName":"nickName","matchingPriority":2,"source":{"expression":"\"a\"","name":"a","type":"Constant"}}`), place + "attributeMappings[22]", SeverityError, []string{"not a constant"}},
		"a disabled mapping of users": {with(t, fresh, userMapping+".enabled", "false"), place + "enabled", SeverityError, []string{"disabled"}},
		"flow types that are none":    {with(t, fresh, userMapping+".flowTypes", `"None"`), place + "flowTypes", SeverityError, []string{`"None"`}},
		"flow types of another kind":  {with(t, fresh, userMapping+".flowTypes", `"Add,Sync"`), place + "flowTypes", SeverityError, []string{`"Add,Sync"`}},
		"an unknown operator":         {scope(`{"groups":[{"name":"a","clauses":[{"operatorName":"ODD","sourceOperandName":"mail","targetOperand":{"values":["x"]}}]}]}`), place + "scope.groups[0]", SeverityError, []string{"no operator ODD", "others would be in scope"}},
		"a group without clauses":     {scope(`{"groups":[{"name":"a","clauses":[]}]}`), place + "scope.groups[0]", SeverityError, []string{"no clauses"}},
		"two values":                  {scope(`{"groups":[{"name":"a","clauses":[{"operatorName":"EQUALS","sourceOperandName":"mail","targetOperand":{"values":["x","y"]}}]}]}`), place + "scope.groups[0]", SeverityError, []string{"takes one value"}},
		"experimental filters":        {scope(`{"groups":[],"categoryFilterGroups":[{}]}`), place + "scope", SeverityWarning, []string{"experimental", "stays as it is"}},
		"a mapping of something else": {with(t, fresh, "synchronizationRules.0.objectMappings.-1", `{"sourceObjectName":"Contact"}`), "synchronizationRules[0].objectMappings[2]", SeverityWarning, []string{"Contact"}},
		"an unknown type":             {definition(`{"name":"odd","type":"Complex","mutability":"ReadWrite","caseExact":true}`), "directories[1].objects[0].attributes", SeverityWarning, []string{`type "Complex"`}},
		"an unknown mutability":       {definition(`{"name":"odd","type":"String","mutability":"WriteOnly","caseExact":true}`), "directories[1].objects[0].attributes", SeverityWarning, []string{`mutability "WriteOnly"`}},
		"a reference to something":    {definition(`{"name":"odd","type":"Reference","mutability":"ReadWrite","caseExact":true,"referencedObjects":[{"referencedObjectName":"Device"}]}`), "directories[1].objects[0].attributes", SeverityWarning, []string{"what it refers to"}},
		"one of the customer's own":   {definition(`{"name":"` + shelf + `","type":"Complex","mutability":"ReadWrite","caseExact":true}`), "directories[1].objects[0].attributes", SeverityError, []string{"would be removed"}},
		"a source of an unknown type": {with(t, with(t, fresh, "directories.0.objects.0.attributes.-1", `{"name":"extension_1_a","type":"Odd"}`), title+".source", `{"expression":"[extension_1_a]","name":"extension_1_a","type":"Attribute"}`), "directories[0].objects[0].attributes", SeverityWarning, []string{`type "Odd" of extension_1_a`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, found, err := Import(test.live, fresh)
			if err != nil || len(found) != 1 {
				t.Fatal(err, found)
			}
			f := found[0]
			if f.Severity != test.severity || len(f.Path) < len(test.path) || f.Path[:len(test.path)] != test.path || !containsAll(f.String(), test.contains...) {
				t.Errorf("%s %s: %s", f.Severity, f.Path, f)
			}
			if len(found.Errors()) == 0 {
				if p := plan(t, test.live, d); !p.Empty() {
					t.Errorf("a warning, and yet applying changes %q", changes(p))
				}
			}
		})
	}
}

func TestImportKeepsWhatItCan(t *testing.T) {
	fresh := synthetic(t)
	title := indexOf(t, fresh, "title")
	constant := func(text string) string {
		return `{"expression":"` + text + `","name":"","type":"Constant","parameters":[]}`
	}
	tests := map[string]struct {
		live []byte
		want Attribute
	}{
		"an empty constant":          {with(t, fresh, title+".source", constant(`\"\"`)), Attribute{Target: "title", Expression: `""`}},
		"an expression as it is":     {with(t, fresh, title+".source", `{"expression":"Left( [mail],3)","name":"Left","type":"Function"}`), Attribute{Target: "title", Expression: "Left( [mail],3)"}},
		"a tree without its text":    {with(t, fresh, title+".source", `{"name":"mail","type":"Attribute"}`), Attribute{Target: "title", Source: "mail"}},
		"a mapping that is gone":     {without(t, fresh, title), Attribute{Target: "title", Remove: true}},
		"a default, on create alone": {with(t, with(t, with(t, fresh, title+".source", "null"), title+".flowType", `"ObjectAddOnly"`), title+".defaultValue", `"x"`), Attribute{Target: "title", Default: "x", OnCreate: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, found, err := Import(test.live, fresh)
			if err != nil || len(found) > 0 || len(d.Mappings) != 1 {
				t.Fatal(err, found, d)
			}
			if diff := cmp.Diff([]Attribute{test.want}, d.Mappings[0].Attributes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if p := plan(t, test.live, d); !p.Empty() {
				t.Errorf("applying changes %q", changes(p))
			}
		})
	}
	// Two role mappings are two attributes: Roles stands for one.
	two := plan(t, plan(t, fresh, Desired{Roles: RolesAssertive}).Schema, users(Attribute{Target: "externalId", Source: "mailNickname"},
		Attribute{Target: "roles", Expression: roleMappings[RolesAssertive].Expression}, Attribute{Target: "nickName", Expression: roleMappings[RolesSingle].Expression})).Schema
	d, found, err := Import(two, fresh)
	if err != nil || len(found) > 0 || d.Roles != RolesNone || len(d.Mappings[0].Attributes) != 2 {
		t.Errorf("%v, %v, %+v", err, found, d)
	}
}

func TestImportRefuses(t *testing.T) {
	fresh := synthetic(t)
	for name, test := range map[string]struct {
		live, template []byte
		says           string
	}{
		"no schema":                        {[]byte(`[]`), nil, "reading the job's schema"},
		"a template that is none":          {fresh, []byte(`[]`), "default schema of the job's template"},
		"a schema without users":           {[]byte(`{}`), nil, "0 object mappings with source object User"},
		"a template that maps nobody else": {fresh, []byte(`{}`), "default schema of the job's template"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := Import(test.live, test.template); err == nil || !containsAll(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
	// A template with a scope of its own: that nobody is filtered cannot be said over it.
	filtered := with(t, fresh, userMapping+".scope", `{"groups":[{"name":"a","clauses":[{"operatorName":"IS NULL","sourceOperandName":"mail","targetOperand":{"values":[]}}]}]}`)
	if _, found, err := Import(fresh, filtered); err != nil || len(found) != 1 || !containsAll(found[0].String(), "everybody is in scope", "base: Empty") {
		t.Errorf("%v, %v", err, found)
	}
}
