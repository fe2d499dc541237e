package mapping

import (
	"bytes"
	"testing"
)

func TestMeanings(t *testing.T) {
	fresh := synthetic(t)
	declared := users(Attribute{Target: "title", Source: "city"})
	meaning := func(template []byte, d Desired) string {
		t.Helper()
		got, err := Meanings(template, d)
		if err != nil || len(got) != 1 {
			t.Fatalf("meanings of %d object types, %v", len(got), err)
		}
		return got[d.Mappings[0].Object]
	}
	before := meaning(fresh, declared)
	other := func(old, changed string) []byte {
		t.Helper()
		if !bytes.Contains(fresh, []byte(old)) {
			t.Fatalf("the template has no %s", old)
		}
		return bytes.ReplaceAll(fresh, []byte(old), []byte(changed))
	}
	for name, test := range map[string]struct {
		template []byte
		declared Desired
		same     bool
	}{
		"the same":                                    {fresh, declared, true},
		"another mapping":                             {fresh, users(Attribute{Target: "title", Source: "country"}), false},
		"another default below it":                    {other("[preferredLanguage]", "[usageLocation]"), declared, false},
		"another value of roles":                      {fresh, withRoles(declared, RolesAssertive), true},
		"another default for what the mapping brings": {other("[jobTitle]", "[country]"), declared, true},
		"another default of what no mapping is about": {other("[preferredLanguage]", "[usageLocation]"), Desired{Mappings: []Mapping{allOfGroup}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := before
			if len(test.declared.Mappings) > 0 && test.declared.Mappings[0].Object == Group {
				wanted = meaning(fresh, test.declared)
			}
			if got := meaning(test.template, test.declared); (got == wanted) != test.same {
				t.Errorf("the meaning is %s, and %s before", got, wanted)
			}
		})
	}
}

func withRoles(d Desired, roles Roles) Desired {
	d.Roles = roles
	return d
}

func TestAMeaningIsOfOneObjectType(t *testing.T) {
	both := users(Attribute{Target: "title", Source: "city"})
	alone, err := Meanings(synthetic(t), both)
	if err != nil {
		t.Fatal(err)
	}
	both.Mappings = append(both.Mappings, allOfGroup)
	got, err := Meanings(synthetic(t), both)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[User] != alone[User] {
		t.Errorf("with a mapping of groups the meanings are %v, and %v without", got, alone)
	}
}
