package filter

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

func userType(t testing.TB) *schema.ResourceType {
	t.Helper()
	r, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return r.ResourceType(schema.User)
}

// checkError fails unless err is one that a client may cause: never a 5xx (F-20).
func checkError(t *testing.T, err error) {
	t.Helper()
	var e *scimerr.Error
	if !errors.As(err, &e) || e.Status != http.StatusBadRequest || e.Type == "" {
		t.Errorf("error %v is not a 400 with a scimType", err)
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`userName eq "a"`, `emails[type eq "work"].value eq "x"`, `not (a pr)`, `id eq "u" and manager eq "m"`,
		`emails[type eq "work" and value co "@x"] or active eq "True"`, `meta.created gt "2015-10-10T14:38:21.8617979-07:00"`,
		`(((`, `a eq "\ud800"`, `emails[`, `userName sw O`, strings.Repeat("not (", 100), `a eq null`, "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
	} {
		f.Add(seed)
	}
	rt := userType(f)
	doc := map[string]any{
		"userName": "ann", "active": true, "emails": []any{map[string]any{"type": "work", "value": "a@x", "primary": true}},
		"meta": map[string]any{"created": "2026-01-02T03:04:05.678Z"}, "name": map[string]any{"givenName": "A"},
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, d := range []dialect.Dialect{dialect.Entra, dialect.Strict} {
			e, err := Parse(rt, d, input)
			if err != nil {
				checkError(t, err)
				continue
			}
			if Match(e, doc) == Match(&Not{Expr: e}, doc) {
				t.Errorf("%q and its negation have the same truth", input)
			}
		}
	})
}

func FuzzPatchPath(f *testing.F) {
	for _, seed := range []string{
		"displayName", "name.givenName", `emails[type eq "work"].value`, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
		"manager", `members[value eq "id"]`, "emails[", `emails[type eq "]"].value`, "a..b", "[]", "emails[]x",
	} {
		f.Add(seed)
	}
	rt := userType(f)
	f.Fuzz(func(t *testing.T, input string) {
		for _, d := range []dialect.Dialect{dialect.Entra, dialect.Strict} {
			path, err := ParsePath(rt, d, input)
			if err != nil {
				checkError(t, err)
				continue
			}
			if path.Path.Attribute == nil && path.Path.Extension == nil {
				t.Errorf("%q resolves to nothing", input)
			}
		}
	})
}

func TestStrictRefusesWhatOnlyEntraSends(t *testing.T) {
	rt := userType(t)
	for name, input := range map[string]string{
		"F-15 a bare word":                      `userName sw O`,
		"F-12 a boolean as a string":            `active eq "true"`,
		"P-11 an extension's name without URN":  `manager eq "m"`,
		"F-12 a boolean in a value path":        `roles[primary eq "True"]`,
		"F-6 an order on a binary":              `x509Certificates.value gt "a"`,
		"F-20 too deep":                         strings.Repeat("(", 33) + `userName pr` + strings.Repeat(")", 33),
		"F-20 too many terms":                   strings.Repeat(`userName pr or `, 200) + `userName pr`,
		"no space between operator and literal": `userName eq"a"`,
	} {
		if _, err := Parse(rt, dialect.Strict, input); err == nil {
			t.Errorf("%s: %q is accepted", name, input)
		}
	}
}

func TestF20AtTheLimit(t *testing.T) {
	rt := userType(t)
	for name, input := range map[string]string{
		"31 parentheses": strings.Repeat("(", 31) + `userName pr` + strings.Repeat(")", 31),
		"200 terms":      strings.Repeat(`userName pr or `, 199) + `userName pr`,
	} {
		if _, err := Parse(rt, dialect.Strict, input); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
