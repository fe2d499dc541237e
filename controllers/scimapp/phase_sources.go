package scimapp

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// checkSources holds what Entra sends now against the grants, whether or not the manifest's own mappings can be read: a
// grant that was narrowed must not be dodged by a mapping that is broken on purpose. It keeps nobody from mending the
// mappings; only the start waits for it.
func (r *Reconciler) checkSources(ctx context.Context, s *scope) phase.Outcome {
	granted := phase.Succeed(v1alpha1.ReasonGranted, "a grant of EntraTenant %s covers this manifest", s.tenant.Name)
	if s.job == nil || !deniesSources(s.tenant) {
		return granted
	}
	live, err := s.directory.Schema(ctx, s.jobRef())
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	if out, denied := r.denySources(ctx, s, live); denied {
		return out
	}
	return granted
}

// denySources holds all that a schema sends against the grants, Entra's own default mapping included: it sends attributes
// that no manifest names.
func (r *Reconciler) denySources(ctx context.Context, s *scope, schema json.RawMessage) (phase.Outcome, bool) {
	if !deniesSources(s.tenant) {
		return phase.Outcome{}, false
	}
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err), true
	}
	req := grant.Request{Scope: v1alpha1.ScopeAssigned}
	for _, used := range mapping.SourcesInUse(schema) {
		req.SourceAttributes = append(req.SourceAttributes, grant.SourceAttribute{Target: used.Target, ScopeGroup: used.Group, Source: used.Source})
	}
	return r.deny(ctx, s, grant.Check(s.tenant, namespace, req))
}

func deniesSources(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool {
		return g.SourceAttributes != nil && len(g.SourceAttributes.Deny) > 0
	})
}
