package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

func TestPlan(t *testing.T) {
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		resourceType, filter string
		want                 []Condition
		rest                 bool
	}{
		"one equality needs no evaluation":               {schema.User, `userName eq "ANN"`, []Condition{{FieldUserName, "ann"}}, false},
		"a conjunction of equalities needs none either":  {schema.User, `id eq "A" and manager eq "B"`, []Condition{{FieldID, "A"}, {FieldManager, "B"}}, false},
		"members and groups are looked up":               {schema.Group, `members eq "u" and displayName eq "X"`, []Condition{{FieldMember, "u"}, {FieldDisplayName, "x"}}, false},
		"a conjunction starts from the index":            {schema.User, `title sw "x" and active eq "True"`, []Condition{{FieldActive, true}}, true},
		"F-1 a value path starts from the mail address":  {schema.User, `emails[type eq "work"].value eq "A@X"`, []Condition{{FieldEmail, "a@x"}}, true},
		"a disjunction is evaluated":                     {schema.User, `userName eq "a" or userName eq "b"`, nil, true},
		"a disjunction inside a value path is evaluated": {schema.User, `emails[type eq "work" or value eq "x"]`, nil, true},
		"another operator is evaluated":                  {schema.User, `userName ne "a"`, nil, true},
		"an empty string is no key":                      {schema.User, `externalId eq ""`, nil, true},
		"groups of a user are looked up":                 {schema.User, `groups eq "g"`, []Condition{{FieldGroup, "g"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := filter.Parse(registry.ResourceType(c.resourceType), dialect.Entra, c.filter)
			if err != nil {
				t.Fatal(err)
			}
			conditions, rest := Plan(e)
			if diff := cmp.Diff(c.want, conditions); diff != "" || (rest != nil) != c.rest {
				t.Errorf("rest %v, want one: %v; conditions (-want +got):\n%s", rest, c.rest, diff)
			}
		})
	}
}
