package evaluate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

func TestWhatAChangedMappingDoesToAPerson(t *testing.T) {
	base := []map[string]any{mapped("displayName", "[displayName]"), mapped("title", "[city]"), mapped("externalId", "[mailNickname]")}
	with := func(more ...map[string]any) edit { return attributes(append(slices.Clip(base), more...)...) }
	sales, legal := scope(clauses("s", clause("department", "EQUALS", "Sales"))), scope(clauses("l", clause("department", "EQUALS", "Legal")))
	roles := func(list string) string {
		return strings.Replace(person, `"mailNickname"`, `"appRoleAssignments": [`+list+`], "mailNickname"`, 1)
	}
	assertive := with(mapped("roles", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"))
	active := mapped("active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`)
	always, never := mapped("active", `"True"`), mapped("active", `"False"`)
	blocked := strings.Replace(person, `"displayName"`, `"accountEnabled": false, "displayName"`, 1)
	activeIsText := edit{"directories.1.objects.0.attributes", []any{map[string]any{"name": "active", "type": "String"}}}
	for name, c := range map[string]struct {
		before, after     []edit
		person, afterward string
		effect            evaluate.Effect
		targets           []string
	}{
		"the same":                                 {[]edit{with()}, []edit{with()}, person, person, evaluate.EffectNone, nil},
		"another value":                            {[]edit{with()}, []edit{attributes(base[0], mapped("title", "[department]"), base[2])}, person, person, evaluate.EffectChanged, []string{"title"}},
		"a new target":                             {[]edit{with()}, []edit{with(mapped("nickName", "[city]"))}, person, person, evaluate.EffectChanged, []string{"nickName"}},
		"a new target without value":               {[]edit{with()}, []edit{with(mapped("nickName", "[jobTitle]"))}, person, person, evaluate.EffectNone, nil},
		"a target on create only":                  {[]edit{with()}, []edit{with(mapped("nickName", "[city]", edit{"flowType", "ObjectAddOnly"}))}, person, person, evaluate.EffectNone, nil},
		"a default":                                {[]edit{with()}, []edit{with(mapped("nickName", "[jobTitle]", edit{"defaultValue", "x"}))}, person, person, evaluate.EffectNone, nil},
		"a removed target":                         {[]edit{with(mapped("nickName", "[city]"))}, []edit{with()}, person, person, evaluate.EffectNone, nil},
		"case alone":                               {[]edit{with()}, []edit{attributes(base[0], mapped("title", "ToUpper([city])"), base[2])}, person, person, evaluate.EffectNone, nil},
		"case alone where it counts":               {[]edit{with()}, []edit{attributes(base[0], base[1], mapped("externalId", "ToUpper([mailNickname])"))}, person, person, evaluate.EffectChanged, []string{"externalId"}},
		"it falls out of scope":                    {[]edit{with(active), sales}, []edit{with(active), legal}, person, person, evaluate.EffectDisabled, nil},
		"it falls out, and active is not mapped":   {[]edit{with(), sales}, []edit{with(), legal}, person, person, evaluate.EffectNone, nil},
		"it falls out, and active goes as well":    {[]edit{with(active), sales}, []edit{with(), legal}, person, person, evaluate.EffectNone, nil},
		"it falls out, and active stays true":      {[]edit{with(always), sales}, []edit{with(always), legal}, person, person, evaluate.EffectNone, nil},
		"it falls out, and was not active before":  {[]edit{with(never), sales}, []edit{with(never), legal}, person, person, evaluate.EffectNone, nil},
		"active becomes false":                     {[]edit{with(active)}, []edit{with(never)}, person, person, evaluate.EffectDisabled, nil},
		"active is mapped anew, to false":          {[]edit{with()}, []edit{with(never)}, person, person, evaluate.EffectDisabled, nil},
		"active is false only on create":           {[]edit{with(active)}, []edit{with(mapped("active", `"False"`, edit{"flowType", "ObjectAddOnly"}))}, person, person, evaluate.EffectNone, nil},
		"active was false on create, then always":  {[]edit{with(mapped("active", `"False"`, edit{"flowType", "ObjectAddOnly"}))}, []edit{with(never)}, person, person, evaluate.EffectDisabled, nil},
		"active stays false":                       {[]edit{with(never)}, []edit{with(never)}, person, person, evaluate.EffectNone, nil},
		"active stays true in another form":        {[]edit{with(active)}, []edit{with(always)}, person, person, evaluate.EffectNone, nil},
		"active becomes true":                      {[]edit{with(never)}, []edit{with(active)}, person, person, evaluate.EffectChanged, []string{"active"}},
		"active of a blocked person becomes false": {[]edit{with(always)}, []edit{with(active)}, blocked, blocked, evaluate.EffectDisabled, nil},
		"a blocked person stays so":                {[]edit{with(active)}, []edit{with(active)}, blocked, blocked, evaluate.EffectNone, nil},
		"active becomes false where it is a text":  {[]edit{with(active), activeIsText}, []edit{with(never), activeIsText}, person, person, evaluate.EffectDisabled, nil},
		"it comes into scope":                      {[]edit{with(), legal}, []edit{with(), sales}, person, person, evaluate.EffectAdded, nil},
		"it stays out of scope":                    {[]edit{with(), legal}, []edit{with(mapped("nickName", "[city]")), legal}, person, person, evaluate.EffectNone, nil},
		"another role":                             {[]edit{assertive}, []edit{assertive}, roles(`"editor"`), roles(`"reader"`), evaluate.EffectChanged, []string{"roles"}},
		"the same roles":                           {[]edit{assertive}, []edit{assertive}, roles(`"editor"`), roles(`"editor"`), evaluate.EffectNone, nil},
		"a value where none was sent":              {[]edit{with(mapped("nickName", "[jobTitle]"))}, []edit{with(mapped("nickName", "[city]"))}, person, person, evaluate.EffectChanged, []string{"nickName"}},
	} {
		t.Run(name, func(t *testing.T) {
			old, changed := load(t, mapping.User, c.before...), load(t, mapping.User, c.after...)
			effect, targets := evaluate.Compare(old.Evaluate(read(t, old, c.person), surroundings), changed.Evaluate(read(t, changed, c.afterward), surroundings))
			if effect != c.effect {
				t.Errorf("the effect is %s, want %s", effect, c.effect)
			}
			if diff := cmp.Diff(c.targets, targets); diff != "" {
				t.Errorf("the targets (-want +got):\n%s", diff)
			}
		})
	}
}

const person = `{"displayName": "A", "city": "Wien", "department": "Sales", "mailNickname": "a"}`

func TestSchemasThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ schema, want string }{
		"no JSON":                     {`{`, "reading the synchronization schema"},
		"no mapping of the object":    {`{"synchronizationRules": [{"objectMappings": [{"sourceObjectName": "Group"}]}]}`, "no mapping of User"},
		"a target that nobody writes": {`{"synchronizationRules": [{"objectMappings": [{"sourceObjectName": "User", "attributeMappings": [{"targetAttributeName": "a[b"}]}]}]}`, `target "a[b"`},
	} {
		if _, err := evaluate.FromSchema([]byte(c.schema), mapping.User); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	m, err := evaluate.FromSchema([]byte(`{"synchronizationRules": [{"objectMappings": [{"sourceObjectName": "User", "attributeMappings": [
		{"targetAttributeName": "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"a:b\"]", "source": {"expression": "[mail]"}}]}]}]}`), mapping.User)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Evaluate(read(t, m, `{"mail": "a@b.c"}`), surroundings)
	if diff := cmp.Diff(tree(t, `[{"type": "a:b", "value": "a@b.c"}]`), wire(t, got.Resource["emails"])); diff != "" {
		t.Errorf("a schema without definitions, a path with the core schema (-want +got):\n%s", diff)
	}
}
