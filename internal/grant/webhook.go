package grant

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// webhook denies hosts outside the namespace that no grant names: who may write a ScimApp must not lead the pods of an
// endpoint, and what they know of people, to any address that he likes. Unlike the address that Entra is given, this one
// has a single reader, the endpoint, which reads it as we do.
func (c checker) webhook(address string) []Denial {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return []Denial{{Field: webhookField, Message: "the address cannot be read, so no grant can cover it; write http://host[:port]/path or https://…"}}
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	granted := func(g v1alpha1.Grant) bool {
		return slices.ContainsFunc(g.WebhookHosts, func(pattern string) bool { return matchesHost(pattern, host) })
	}
	if c.ownService(host) || slices.ContainsFunc(c.grants, granted) {
		return nil
	}
	return []Denial{c.denial(webhookField, "changes of people would be sent to host "+host,
		"webhookHosts", "has no pattern for it", fmt.Sprintf("name a Service of the namespace, such as wiki.%s.svc", c.namespace))}
}

const webhookField = "spec.endpoint.managed.delivery.webhook.url"

// ownService is true for the full name of a Service of the namespace. A name of a single label is none: where there is no
// such Service, the DNS of the nodes may know it.
func (c checker) ownService(host string) bool {
	service, domain, _ := strings.Cut(strings.ToLower(host), ".")
	return service != "" && (domain == c.namespace+".svc" || domain == c.namespace+".svc.cluster.local")
}
