package nearest_test

import (
	"testing"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

func TestName(t *testing.T) {
	known := []string{"ToLower", "ToUpper", "Mid", "Join", "userPrincipalName"}
	tests := map[string]struct {
		name string
		want string
	}{
		"a difference in case alone is found":        {"tolower", "ToLower"},
		"a swap of two letters is one edit":          {"Jion", "Join"},
		"a missing letter is found":                  {"userPrincipalNme", "userPrincipalName"},
		"an additional letter is found":              {"Midd", "Mid"},
		"a wrong letter is found":                    {"ToUpqer", "ToUpper"},
		"the empty name is close to nothing":         {"", ""},
		"a wholly different word is close to none":   {"Concatenate", ""},
		"a short name does not match a shorter one":  {"Mx", ""},
		"a name in another script is close to none":  {"имя", ""},
		"the closest wins over the first in reach":   {"ToUppr", "ToUpper"},
		"an exact name is its own nearest":           {"Mid", "Mid"},
		"a long name with two slips is still found":  {"userPrincpalNmae", "userPrincipalName"},
		"a name twice as long as any is not matched": {"userPrincipalNameOfTheManager", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, found := nearest.Name(test.name, known)
			if got != test.want || found != (test.want != "") {
				t.Errorf("Name(%q) = %q, %v; want %q", test.name, got, found, test.want)
			}
		})
	}
}
