package grant_test

import (
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestCheckOfWebhookHosts(t *testing.T) {
	for name, test := range map[string]struct {
		address string
		want    bool
	}{
		"no webhook needs no grant":                  {"", true},
		"a Service of the namespace needs none":      {"http://wiki.docs.svc/hooks/scim", true},
		"the long name of one needs none":            {"http://wiki.docs.svc.cluster.local:8080/hooks/scim", true},
		"the case of a name does not matter":         {"http://Wiki.Docs.SVC./hooks", true},
		"a Service of another namespace needs one":   {"http://wiki.other.svc/hooks/scim", false},
		"a name that only begins like a Service":     {"http://wiki.docs.svc.evil.example/hooks", false},
		"a name of a single label may be anybody's":  {"http://wiki/hooks", false},
		"the namespace itself is no Service":         {"http://docs.svc/hooks", false},
		"a user of the name of a Service":            {"http://wiki.docs.svc@evil.example/hooks", false},
		"an address of the cloud's metadata":         {"http://169.254.169.254/latest", false},
		"another host needs one":                     {"https://evil.example/hooks", false},
		"a host that is granted":                     {"https://hooks.example.com/scim", true},
		"a host under a domain that is granted":      {"https://a.b.apps.example.com/scim", true},
		"the domain itself is not meant by its star": {"https://apps.example.com/scim", false},
		"an address that cannot be read":             {"http://[::1/hooks", false},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, gen.WithGrant("a", func(g *v1alpha1.Grant) { g.WebhookHosts = []string{"hooks.example.com", "*.apps.example.com"} }))
			denials := grant.Check(tenant, docs, grant.Request{WebhookURL: test.address})
			if got := len(denials) == 0; got != test.want {
				t.Errorf("address %q is allowed: %t, want %t", test.address, got, test.want)
			}
			for _, d := range denials {
				if d.Field != "spec.endpoint.managed.delivery.webhook.url" || strings.Contains(d.Message, "@") {
					t.Errorf("the denial is %+v", d)
				}
			}
		})
	}
}
