package grant_test

import (
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestCheckOfEndpointHosts(t *testing.T) {
	for name, test := range map[string]struct {
		pattern, host string
		want          bool
	}{
		"a name matches itself":                             {"scim.example.com", "scim.example.com", true},
		"a name matches in another case":                    {"scim.example.com", "SCIM.Example.COM", true},
		"a name matches with the dot of the root":           {"scim.example.com", "scim.example.com.", true},
		"a name does not match what ends in it":             {"example.com", "evilexample.com", false},
		"a name does not match what is under it":            {"example.com", "scim.example.com", false},
		"a pattern matches one level under the domain":      {"*.example.com", "scim.example.com", true},
		"a pattern matches any depth under the domain":      {"*.example.com", "a.b.scim.example.com", true},
		"a pattern does not match the domain itself":        {"*.example.com", "example.com", false},
		"a pattern does not match a domain that ends in it": {"*.example.com", "evilexample.com", false},
		"a pattern does not match an empty label":           {"*.example.com", ".example.com", false},
		"a pattern does not match what only begins like it": {"*.example.com", "scim.example.com.evil.org", false},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, gen.WithGrant("a", func(g *v1alpha1.Grant) { g.EndpointHosts = []string{test.pattern} }))
			denials := grant.Check(tenant, docs, grant.Request{EndpointURL: "https://" + test.host + ":8443/scim/v2"})
			if got := len(denials) == 0; got != test.want {
				t.Errorf("pattern %q allows host %q: %t, want %t", test.pattern, test.host, got, test.want)
			}
		})
	}
}

// TestCheckOfAddresses is about what Entra might read otherwise than we do: it gets the address, so a host that we cannot
// name for certain is not granted, not even by a grant of the host that it seems to have.
func TestCheckOfAddresses(t *testing.T) {
	for name, test := range map[string]struct {
		address string
		want    bool
	}{
		"no address needs no grant":              {"", true},
		"a host alone is read":                   {"https://a.example.com", true},
		"a port and a path are read":             {"https://a.example.com:8443/scim/v2", true},
		"an address inside the cluster is read":  {"http://a.example.com:8080/scim/v2", true},
		"another host is not granted":            {"https://evil.example/scim/v2", false},
		"backslashes are no slashes":             {`https:\\evil.example\scim\v2`, false},
		"a backslash in front of an at sign":     {`https://a.example.com\@evil.example/scim/v2`, false},
		"a backslash in the path":                {`https://a.example.com/\evil.example`, false},
		"an address without slashes":             {"https:evil.example/scim/v2", false},
		"a host without slashes that is granted": {"https:a.example.com/scim/v2", false},
		"an address with a third slash":          {"https:///evil.example/scim/v2", false},
		"a third slash before a granted host":    {"https:///a.example.com/scim/v2", false},
		"a user":                                 {"https://a.example.com@evil.example/scim/v2", false},
		"a user of a granted host":               {"https://jane@a.example.com/scim/v2", false},
		"a query":                                {"https://a.example.com/scim/v2?x=1", false},
		"an empty query":                         {"https://a.example.com/scim/v2?", false},
		"a fragment":                             {"https://a.example.com/scim/v2#x", false},
		"a fragment in place of a path":          {"https://evil.example#.a.example.com/scim/v2", false},
		"a full-width slash":                     {"https://evil.example\uff0fa.example.com/scim/v2", false},
		"a full-width letter":                    {"https://\uff41.example.com/scim/v2", false},
		"an ideographic full stop":               {"https://a.example\u3002com/scim/v2", false},
		"a host in percent-encoding":             {"https://%61.example.com/scim/v2", false},
		"a literal address":                      {"https://[::1]/scim/v2", false},
		"a host of a dot":                        {"https://./scim/v2", false},
		"a port that is no number":               {"https://a.example.com:x/scim/v2", false},
		"a new line at the end":                  {"https://a.example.com/scim/v2\n", false},
		"a tab inside":                           {"https://a.exa\tmple.com/scim/v2", false},
		"another scheme":                         {"ftp://a.example.com/scim/v2", false},
		"no scheme":                              {"//a.example.com/scim/v2", false},
		"no address at all":                      {" ", false},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, gen.WithGrant("a", func(g *v1alpha1.Grant) { g.EndpointHosts = []string{"a.example.com", "*.a.example.com"} }))
			denials := grant.Check(tenant, docs, grant.Request{EndpointURL: test.address})
			if got := len(denials) == 0; got != test.want {
				t.Errorf("address %q is allowed: %t, want %t", test.address, got, test.want)
			}
			for _, d := range denials {
				if d.Field != "spec.endpoint" {
					t.Errorf("the denial is about %s, want spec.endpoint", d.Field)
				}
			}
		})
	}
}
