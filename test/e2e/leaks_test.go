//go:build e2e

package e2e

import (
	"context"
	"strings"
)

// findLeaks looks for tokens and the client secret in all logs, events, specs and statuses.
func (c *cluster) findLeaks(ctx context.Context) {
	c.t.Helper()
	secrets := map[string]string{"the client secret": c.clientSecret}
	places := map[string]string{"logs": c.logs(ctx)}
	for place, arguments := range map[string]string{
		"events":    "get events --all-namespaces --output yaml",
		"ScimApps":  "get scimapps,attributemappings,entratenants --all-namespaces --output yaml",
		"workloads": "get pods,statefulsets,deployments,services,configmaps,networkpolicies --all-namespaces --output yaml",
	} {
		places[place] = c.must(ctx, "", strings.Fields(arguments)...)
	}
	for place, text := range places {
		if text == "" {
			c.t.Errorf("nothing was read of the %s, so nothing is known of them", place)
		}
		for what, secret := range secrets {
			if strings.Contains(text, secret) {
				c.t.Errorf("%s stands in the %s", what, place)
			}
		}
		if strings.Contains(text, tokenPrefix) {
			c.t.Errorf("a minted token stands in the %s", place)
		}
	}
}

// tokenPrefix is how every minted token begins.
const tokenPrefix = "scimop_"
