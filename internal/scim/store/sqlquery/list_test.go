package sqlquery

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const quotedURN = "urn:ietf:params:scim:schemas:extension:o'hara:2.0:User"

func compile(t *testing.T, d Dialect, text string) Statement {
	t.Helper()
	registry, err := schema.NewRegistry(schema.ExtensionSchema{ID: quotedURN, ResourceType: schema.User, Attributes: []schema.ExtensionAttribute{
		{Name: "shelf", Type: schema.String}, {Name: "joined", Type: schema.DateTime}, {Name: "level", Type: schema.Integer},
	}})
	if err != nil {
		t.Fatal(err)
	}
	rt := registry.ResourceType(schema.User)
	e, err := filter.Parse(rt, dialect.Entra, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return List(d, store.Query{Select: []store.Selection{{Type: rt, Filter: e}}, Limit: 10, BaseURL: "https://o'hara.example.com"})
}

func TestX20NoTextOfAClientBecomesSQL(t *testing.T) {
	for _, d := range []Dialect{SQLite, PostgreSQL} {
		for _, template := range []string{
			`userName eq %s`, `title co %s`, `title sw %s`, `title ew %s`, `title gt %s`, `not (title ne %s)`, `emails eq %s`, `emails[type eq %[1]s and value eq %[1]s]`, `groups eq %s`,
			`groups.display co %s`, `manager.displayName le %s`, `manager.$ref eq %s`, `meta.location eq %s`, `schemas eq %s`, quotedURN + `:shelf eq %s`, `id lt %s`,
		} {
			plain, hostile := compile(t, d, fmt.Sprintf(template, `"plain"`)), compile(t, d, fmt.Sprintf(template, `"'; DROP TABLE resources; -- $1 %s \" \\ \u0000"`))
			if plain.SQL != hostile.SQL || len(plain.Args) != len(hostile.Args) {
				t.Errorf("%s: the SQL depends on the value:\n%s\n%s", template, plain.SQL, hostile.SQL)
			}
			for i, arg := range hostile.Args {
				if s, ok := arg.(string); ok && strings.Contains(s, "\x00") {
					t.Errorf("%s: parameter %d has a NUL, which PostgreSQL refuses", template, i)
				}
			}
		}
	}
}

func TestX20QuotesInNamesEndNoLiteral(t *testing.T) {
	for _, d := range []Dialect{SQLite, PostgreSQL} {
		for _, text := range []string{quotedURN + `:shelf pr`, quotedURN + `:joined gt "2026-01-02"`, quotedURN + `:level ge 5`, `schemas eq "x"`, `meta.location eq "x"`} {
			if sql := compile(t, d, text).SQL; strings.Contains(strings.ReplaceAll(sql, `o''hara`, ``), `hara`) {
				t.Errorf("%s: a quotation mark is not doubled in\n%s", text, sql)
			}
		}
	}
}

func TestEveryParameterIsUsed(t *testing.T) {
	for _, text := range []string{
		`meta.location pr`, `groups.$ref pr`, `manager.$ref pr`, `meta.created eq "2026-01-02T03:04:05.6789Z"`, `meta.created ne "2026-01-02T03:04:05.6789Z"`, `title co ""`,
		`groups[$ref eq "x" and value eq ""]`, `emails[value eq "x" or type eq "y"]`,
	} {
		statement := compile(t, PostgreSQL, text)
		for i := range statement.Args {
			if !strings.Contains(statement.SQL+" ", fmt.Sprintf("$%d ", i+1)) && !strings.Contains(statement.SQL, fmt.Sprintf("$%d)", i+1)) {
				t.Errorf("%s: parameter %d of %v, whose type PostgreSQL cannot tell, is not used in\n%s", text, i+1, statement.Args, statement.SQL)
			}
		}
	}
}
