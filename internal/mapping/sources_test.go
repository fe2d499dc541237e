package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSourcesInUse(t *testing.T) {
	const schema = `{"synchronizationRules":[{"objectMappings":[
		{"sourceObjectName":"User","attributeMappings":[
			{"targetAttributeName":"userName","source":{"expression":"[userPrincipalName]","type":"Attribute"}},
			{"targetAttributeName":"userType","source":{"expression":"\"Employee\"","type":"Constant"}},
			{"targetAttributeName":"locale","source":null},
			{"targetAttributeName":"title","source":{"expression":"Unheard([jobTitle], Join(\" \", [city]))","type":"Function"}}]},
		{"sourceObjectName":"Group","scope":{"groups":[{"name":"g","clauses":[{"operatorName":"IS NULL","sourceOperandName":"mail"}]}]},"attributeMappings":[
			{"targetAttributeName":"displayName","source":{"expression":"[displayName]","type":"Attribute"}}]}]}]}`
	want := []SourceInUse{
		{Object: User, Target: "userName", Source: "userPrincipalName"},
		{Object: User, Target: "title", Source: "jobTitle"},
		{Object: User, Target: "title", Source: "city"},
		{Object: Group, Target: "displayName", Source: "displayName"},
		{Object: Group, Group: "g", Source: "mail"},
	}
	if diff := cmp.Diff(want, SourcesInUse([]byte(schema))); diff != "" {
		t.Errorf("SourcesInUse (-want +got):\n%s", diff)
	}
}

func TestSources(t *testing.T) {
	tests := map[string]struct {
		attribute Attribute
		want      []string
	}{
		"a direct mapping reads its source":                 {Attribute{Source: "mail"}, []string{"mail"}},
		"an expression reads what it names":                 {Attribute{Expression: "Coalesce([mail], [userPrincipalName])"}, []string{"mail", "userPrincipalName"}},
		"a constant reads nothing":                          {Attribute{Constant: "x"}, nil},
		"a default alone reads nothing":                     {Attribute{Default: "x"}, nil},
		"a broken expression reads nothing before it works": {Attribute{Expression: "Coalesce("}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Sources(tc.attribute)); diff != "" {
				t.Errorf("Sources (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourcesOfAMapping(t *testing.T) {
	m := Mapping{Object: User, Scope: []ScopeGroup{staff}, Attributes: []Attribute{{Target: "title", Expression: "Coalesce([jobTitle], [city])"}, {Target: "locale", Constant: "x"}}}
	want := []SourceInUse{
		{Object: User, Target: "title", Source: "city"}, {Object: User, Target: "title", Source: "jobTitle"},
		{Object: User, Group: "staff", Source: "department"}, {Object: User, Group: "staff", Source: "mail"},
	}
	if diff := cmp.Diff(want, m.Sources()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
