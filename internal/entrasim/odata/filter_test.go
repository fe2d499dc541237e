package odata

import (
	"net/url"
	"testing"
)

func TestFilter(t *testing.T) {
	o := Object{"displayName": "Wiki O'Neill", "tags": []any{"a", "scim-operator/x"}, "enabled": true, "count": 3.0, "none": nil,
		"at": "2026-03-01T12:00:00Z", "servicePrincipal": map[string]any{"id": "ABC"}}
	for filter, want := range map[string]bool{
		"displayName eq 'wiki o''neill'":                             true,
		"displayName eq 'Wiki'":                                      false,
		"displayName ne 'Wiki'":                                      true,
		"startswith(displayName,'wiki')":                             true,
		"startswith(displayName,'O')":                                false,
		"tags/any(t:t eq 'scim-operator/x')":                         true,
		"tags/any(t: t eq 'scim-operator/y')":                        false,
		"enabled eq true and count eq 3":                             true,
		"enabled eq false or count eq 3":                             true,
		"not (enabled eq true)":                                      false,
		"none eq null":                                               true,
		"missing eq 'x'":                                             false,
		"at ge 2026-03-01T12:00:00Z":                                 true,
		"at gt 2026-03-01T12:00:00Z":                                 false,
		"at le 2026-03-01T11:59:59.5Z":                               false,
		"servicePrincipal/id eq 'abc'":                               true,
		"contains(tolower(servicePrincipal/id),'b')":                 true,
		"(displayName eq 'x' or enabled eq true) and count ge 2":     true,
		"displayName eq 'x' or enabled eq true and count lt 2":       false,
		"tags/any(t:t eq 'a') and startswith(displayName, 'Wiki O')": true,
	} {
		t.Run(filter, func(t *testing.T) {
			f, err := ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := f(o); got != want {
				t.Errorf("%t, want %t", got, want)
			}
		})
	}
}

func TestFilterRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, filter := range []string{"", "displayName", "displayName eq", "displayName like 'x'", "endswith(displayName,'x')",
		"(displayName eq 'x'", "displayName eq 'x' displayName", "tags/all(t:t eq 'x')"} {
		t.Run(filter, func(t *testing.T) {
			if _, err := ParseFilter(filter); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}

func TestPageOrdersThenCuts(t *testing.T) {
	q, err := ParseQuery(url.Values{"$orderby": {"n desc"}, "$top": {"2"}, "$filter": {"n lt 4"}})
	if err != nil {
		t.Fatal(err)
	}
	page, next := q.Page([]Object{{"n": 1.0}, {"n": 4.0}, {"n": 3.0}, {"n": 2.0}})
	if len(page) != 2 || page[0]["n"] != 3.0 || page[1]["n"] != 2.0 || next != 2 {
		t.Errorf("page %v, next %d", page, next)
	}
}

func TestQueryRefusesOptionsItDoesNotApply(t *testing.T) {
	for _, query := range []string{"$expand=owners", "$top=0", "$top=1000", "$search=x", "$skiptoken=x"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseQuery(values); err == nil {
			t.Errorf("%s was accepted", query)
		}
	}
}
