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
		"endswith(displayName,'NEILL')":                              true,
		"displayName in ('x','wiki o''neill')":                       true,
		"displayName in ('x')":                                       false,
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
			f, _, err := parseFilter(filter, false)
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
	for _, filter := range []string{"", "displayName", "displayName eq", "displayName like 'x'", "(displayName eq 'x'", "displayName eq 'x' displayName", "tags/all(t:t eq 'x')", "displayName in 'x'", "displayName in ('x'"} {
		t.Run(filter, func(t *testing.T) {
			if _, _, err := parseFilter(filter, false); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}

func TestPageOrdersThenCuts(t *testing.T) {
	q, err := Collection{}.ParseQuery(url.Values{"$orderby": {"n desc"}, "$top": {"2"}, "$filter": {"n lt 4"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	page, next, matched := q.Page(Made([]Object{{"n": 1.0}, {"n": 4.0}, {"n": 3.0}, {"n": 2.0}}))
	if len(page) != 2 || page[0]["n"] != 3.0 || page[1]["n"] != 2.0 || next != 2 || matched != 3 {
		t.Errorf("page %v, next %d, matched %d", page, next, matched)
	}
}

// TestPageOrdersTimes: a fraction of a second is written without the zeros at its end, so times are not ordered as texts are.
func TestPageOrdersTimes(t *testing.T) {
	q, err := Collection{}.ParseQuery(url.Values{"$orderby": {"at"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ := q.Page(Made([]Object{{"at": "2026-01-02T00:00:00.123Z"}, {"at": "2026-01-02T00:00:00.12Z"}, {"at": "2026-01-02T00:00:00Z"}}))
	for i, want := range []string{"2026-01-02T00:00:00Z", "2026-01-02T00:00:00.12Z", "2026-01-02T00:00:00.123Z"} {
		if page[i]["at"] != want {
			t.Errorf("object %d is of %v, want %s", i, page[i]["at"], want)
		}
	}
}

func TestQueryRefusesOptionsItDoesNotApply(t *testing.T) {
	for _, query := range []string{"$expand=owners", "$top=0", "$top=1000", "$search=x", "$skiptoken=x", "$count=maybe"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (Collection{}).ParseQuery(values, false); err == nil {
			t.Errorf("%s was accepted", query)
		}
	}
}

func TestAdvancedQueriesNeedTheirHeader(t *testing.T) {
	directory := Collection{Advanced: true}
	for name, c := range map[string]struct {
		collection Collection
		query      string
		eventual   bool
		refused    bool
		counts     bool
	}{
		"ne without the header":                   {directory, "$filter=a ne 'x'&$count=true", false, true, false},
		"ne without $count":                       {directory, "$filter=a ne 'x'", true, true, false},
		"ne with both":                            {directory, "$filter=a ne 'x'&$count=true", true, false, true},
		"not without the header":                  {directory, "$filter=not(a eq 'x')", false, true, false},
		"endswith without the header":             {directory, "$filter=endswith(a,'x')", false, true, false},
		"eq needs nothing":                        {directory, "$filter=a eq 'x'", false, false, false},
		"$count without the header is overlooked": {directory, "$count=true", false, false, false},
		"logs have no advanced queries":           {Collection{Exact: true}, "$filter=a ne 'x'", false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := c.collection.ParseQuery(values, c.eventual)
			if (err != nil) != c.refused {
				t.Fatalf("error %v, want refused %t", err, c.refused)
			}
			if err == nil && q.Count != c.counts {
				t.Errorf("counts %t, want %t", q.Count, c.counts)
			}
		})
	}
}

func TestExactCollectionsLookAtCase(t *testing.T) {
	for filter, want := range map[string]bool{"name eq 'Wiki'": true, "name eq 'wiki'": false, "contains(name,'ik')": true,
		"startswith(name,'w')": false, "contains(tolower(name),'wiki')": true} {
		f, _, err := parseFilter(filter, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := f(Object{"name": "Wiki"}); got != want {
			t.Errorf("%s: %t, want %t", filter, got, want)
		}
	}
}
