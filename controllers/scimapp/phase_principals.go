package scimapp

import (
	"context"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/principals"
)

// resolvePrincipals turns the names of the assignments into object IDs, once for each name, and holds the groups
// against the grants. A name that leads nowhere is the assignments' problem alone: the rest goes on.
func (r *Reconciler) resolvePrincipals(ctx context.Context, s *scope) phase.Outcome {
	all, groups, err := principals.All(ctx, s.directory, s.app, grant.NamesGroups(s.tenant))
	if err != nil {
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	}
	s.principals = all
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err)
	}
	if out, denied := r.deny(ctx, s, grant.Check(s.tenant, namespace, grant.GroupsOf(groups))); denied {
		return out
	}
	return phase.Succeed(v1alpha1.ReasonGranted, "a grant of EntraTenant %s covers this manifest", s.tenant.Name)
}
