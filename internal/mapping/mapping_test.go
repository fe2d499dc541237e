package mapping

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// What the documents say about the default mapping, as two AttributeMappings that declare all of it.
var (
	allOfUser = Mapping{Ref: Ref{Name: "users"}, Object: User, Attributes: []Attribute{
		{Target: "userName", Source: "userPrincipalName", MatchPrecedence: 1},
		{Target: "active", Expression: `Switch([IsSoftDeleted],, "False", "True",  "True", "False")`},
		{Target: "displayName", Source: "displayName"},
		{Target: "title", Source: "jobTitle"},
		{Target: `emails[type eq "work"].value`, Source: "mail"},
		{Target: "preferredLanguage", Source: "preferredLanguage"},
		{Target: "name.givenName", Source: "givenName"},
		{Target: "name.familyName", Source: "surname"},
		{Target: "name.formatted", Expression: `Join(" ", [givenName], [surname])`},
		{Target: `addresses[type eq "work"].formatted`, Source: "physicalDeliveryOfficeName"},
		{Target: `addresses[type eq "work"].streetAddress`, Source: "streetAddress"},
		{Target: `addresses[type eq "work"].locality`, Source: "city"},
		{Target: `addresses[type eq "work"].region`, Source: "state"},
		{Target: `addresses[type eq "work"].postalCode`, Source: "postalCode"},
		{Target: `addresses[type eq "work"].country`, Source: "country"},
		{Target: `phoneNumbers[type eq "work"].value`, Source: "telephoneNumber"},
		{Target: `phoneNumbers[type eq "mobile"].value`, Source: "mobile"},
		{Target: `phoneNumbers[type eq "fax"].value`, Source: "facsimileTelephoneNumber"},
		{Target: "externalId", Source: "mailNickname"},
		{Target: enterpriseExtension + ":employeeNumber", Source: "employeeId"},
		{Target: enterpriseExtension + ":department", Source: "department"},
		{Target: enterpriseExtension + ":manager", Source: "manager"},
	}}
	allOfGroup = Mapping{Ref: Ref{Name: "groups"}, Object: Group, Attributes: []Attribute{
		{Target: "displayName", Source: "displayName", MatchPrecedence: 1},
		{Target: "externalId", Source: "objectId"},
		{Target: "members", Source: "members"},
	}}
)

const shelf = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"

// users is a desired state of one User mapping with these attributes.
func users(attributes ...Attribute) Desired {
	return Desired{Mappings: []Mapping{{Ref: Ref{Name: "users"}, Object: User, Attributes: attributes}}}
}

// synthetic is a default schema made from the published tables; no real one is public.
func synthetic(t testing.TB) []byte {
	t.Helper()
	schema, err := os.ReadFile("testdata/synthetic-default-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// with edits a schema at an sjson path; in the synthetic schema the Group mapping is objectMappings.0 and the User mapping is .1.
func with(t testing.TB, schema []byte, path, raw string) []byte {
	t.Helper()
	edited, err := sjson.SetRawBytes(bytes.Clone(schema), path, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return edited
}

func without(t testing.TB, schema []byte, path string) []byte {
	t.Helper()
	edited, err := sjson.DeleteBytes(bytes.Clone(schema), path)
	if err != nil {
		t.Fatal(err)
	}
	return edited
}

const userMappings = "synchronizationRules.0.objectMappings.1.attributeMappings"

// indexOf is the place of a target among the User mappings of a schema.
func indexOf(t testing.TB, schema []byte, target string) string {
	t.Helper()
	i := slices.IndexFunc(gjson.GetBytes(schema, userMappings).Array(), func(element gjson.Result) bool {
		return element.Get("targetAttributeName").String() == target
	})
	if i < 0 {
		t.Fatalf("the schema does not map %s", target)
	}
	return userMappings + "." + gjson.Parse(string(encode(i))).String()
}

// plan is NewPlan with the synthetic schema as the template; it must succeed.
func plan(t testing.TB, live []byte, d Desired) Plan {
	t.Helper()
	p, err := NewPlan(live, synthetic(t), d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// after is the schema that the plan leaves behind.
func after(live []byte, p Plan) []byte {
	if p.Empty() {
		return live
	}
	return p.Schema
}

func changes(p Plan) []string {
	var lines []string
	for _, change := range p.Changes {
		lines = append(lines, change.String())
	}
	return lines
}

func containsAll(text string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}
