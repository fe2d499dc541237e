package scimapp

import (
	"context"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
)

// announce says, before the slow work of a new generation begins, that it has begun: who waits for Ready must not take
// the old answer for the new one.
func (r *Reconciler) announce(ctx context.Context, s *scope) error {
	if s.app.Status.ObservedGeneration == s.app.Generation {
		return nil
	}
	before := slices.Clone(s.app.Status.Conditions)
	s.app.Status.ObservedGeneration = s.app.Generation
	unknown(s.app, v1alpha1.ReasonProgressing, "the operator is working on this generation of the manifest")
	conditions.Stamp(before, s.app.Status.Conditions, r.Clock.Now())
	return s.save(ctx)
}
