package grant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// readable is the form of address whose host every reader finds in the same place. Entra's reader is not ours: it may take
// a backslash or a full-width slash for a slash, so that its host is another one than Go's.
var readable = regexp.MustCompile(`^https?://([A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)\.?(?::[0-9]{1,5})?(?:/[-A-Za-z0-9._~/%]*)?$`)

// address denies what it cannot read: a host that nobody can name is not granted.
func (c checker) address(address string) []Denial {
	if address == "" {
		return nil
	}
	parts := readable.FindStringSubmatch(address)
	if parts == nil {
		// The address is not repeated: a user in it may have a password.
		return []Denial{{
			Field: "spec.endpoint",
			Message: "the address is not of the form https://host[:port][/path] with nothing else in it, so no grant can cover it; " +
				"write an ASCII host name and no user, query, fragment or backslash, such as https://scim.example.com/scim/v2",
		}}
	}
	host := parts[1]
	for _, g := range c.grants {
		if slices.ContainsFunc(g.EndpointHosts, func(pattern string) bool { return matchesHost(pattern, host) }) {
			return nil
		}
	}
	return []Denial{c.denial("spec.endpoint", fmt.Sprintf("Entra would be given an address on host %s", host),
		"endpointHosts", "has no pattern for it", "use a host that is granted")}
}

// matchesHost compares host names as DNS does, without regard to case; the host has no dot at the end. *.domain stands for
// every name under the domain, however deep, and not for the domain itself.
func matchesHost(pattern, host string) bool {
	pattern, host = strings.ToLower(pattern), strings.ToLower(host)
	if domain, ok := strings.CutPrefix(pattern, "*"); ok {
		return len(host) > len(domain) && strings.HasSuffix(host, domain)
	}
	return pattern == host
}
