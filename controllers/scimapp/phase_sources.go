package scimapp

import (
	"context"
	"encoding/json"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// checkSources holds what Entra sends now against the grants, whether or not the manifest's own mappings can be read: a
// grant that was narrowed must not be dodged by a mapping that is broken on purpose. It keeps nobody from mending the
// mappings; only the start waits for it.
func (r *Reconciler) checkSources(ctx context.Context, s *scope) phase.Outcome {
	granted := phase.Succeed(v1alpha1.ReasonGranted, "a grant of EntraTenant %s covers this manifest", s.tenant.Name)
	if s.job == nil || !grant.DeniesSources(s.tenant) {
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
	if !grant.DeniesSources(s.tenant) {
		return phase.Outcome{}, false
	}
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err), true
	}
	return r.deny(ctx, s, grant.Check(s.tenant, namespace, grant.SourcesOf(schema)))
}
