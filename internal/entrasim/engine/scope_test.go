package engine

import (
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

func clause(operator, attribute string, values ...string) syncschema.FilterClause {
	return syncschema.FilterClause{OperatorName: operator, SourceOperandName: attribute,
		TargetOperand: &struct {
			Values []string `json:"values"`
		}{values}}
}

func TestScope(t *testing.T) {
	yes := true
	user := &directory.User{ID: "x", DisplayName: "Anna", Department: "Engineering", AccountEnabled: &yes}
	object := userSource(&decision{user: user}, &Input{Now: time.Now}, false)
	group := func(clauses ...syncschema.FilterClause) syncschema.FilterGroup {
		return syncschema.FilterGroup{Clauses: clauses}
	}
	for name, c := range map[string]struct {
		groups []syncschema.FilterGroup
		want   bool
	}{
		"no group lets everybody pass":               {nil, true},
		"EQUALS is case-sensitive":                   {[]syncschema.FilterGroup{group(clause("EQUALS", "department", "engineering"))}, false},
		"EQUALS on the exact text":                   {[]syncschema.FilterGroup{group(clause("EQUALS", "department", "Engineering"))}, true},
		"NOT EQUALS":                                 {[]syncschema.FilterGroup{group(clause("NOT EQUALS", "department", "Sales"))}, true},
		"NOT EQUALS on an absent attribute is false": {[]syncschema.FilterGroup{group(clause("NOT EQUALS", "jobTitle", "x"))}, false},
		"REGEX MATCH":                                {[]syncschema.FilterGroup{group(clause("REGEX MATCH", "department", "^Eng"))}, true},
		"NOT REGEX MATCH":                            {[]syncschema.FilterGroup{group(clause("NOT REGEX MATCH", "department", "^Eng"))}, false},
		"NOT REGEX MATCH on an absent attribute":     {[]syncschema.FilterGroup{group(clause("NOT REGEX MATCH", "jobTitle", "x"))}, false},
		"IS NULL on an absent attribute":             {[]syncschema.FilterGroup{group(clause("IS NULL", "jobTitle"))}, true},
		"IS NOT NULL on an absent attribute":         {[]syncschema.FilterGroup{group(clause("IS NOT NULL", "jobTitle"))}, false},
		"IS TRUE":                                    {[]syncschema.FilterGroup{group(clause("IS TRUE", "accountEnabled"))}, true},
		"IS FALSE":                                   {[]syncschema.FilterGroup{group(clause("IS FALSE", "accountEnabled"))}, false},
		"clauses are joined by AND":                  {[]syncschema.FilterGroup{group(clause("IS TRUE", "accountEnabled"), clause("IS NOT NULL", "jobTitle"))}, false},
		"groups are joined by OR":                    {[]syncschema.FilterGroup{group(clause("IS NOT NULL", "jobTitle")), group(clause("IS TRUE", "accountEnabled"))}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := inScope(&syncschema.Filter{Groups: c.groups}, object)
			if err != nil || got != c.want {
				t.Errorf("%t (%v), want %t", got, err, c.want)
			}
		})
	}
	if _, err := inScope(&syncschema.Filter{Groups: []syncschema.FilterGroup{group(clause("REGEX MATCH", "department", "(?=x)"))}}, object); err == nil {
		t.Error("a pattern that Go cannot evaluate was guessed at")
	}
}

func TestGuestsLoseTheMarkerOfTheirName(t *testing.T) {
	const domain = "contoso.onmicrosoft.com"
	for upn, want := range map[string]string{
		"gil_partner.example#EXT#@contoso.onmicrosoft.com": "gil_partner.example",
		"gil_partner.example#EXT#@other.onmicrosoft.com":   "gil_partner.example#EXT#@other.onmicrosoft.com",
		"anna@contoso.com": "anna@contoso.com",
	} {
		t.Run(upn, func(t *testing.T) {
			u := &directory.User{UserPrincipalName: upn}
			if got := strippedUPN(u, domain); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			original, _ := userSource(&decision{user: u}, &Input{TenantDomain: domain, Now: time.Now}, false).Attribute("originalUserPrincipalName")
			if original.Single() != upn {
				t.Errorf("originalUserPrincipalName is %s", original.Single())
			}
		})
	}
}
