package scimapp

import (
	"context"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// announce says, before the slow work of a new generation begins, that it has begun: who waits for Ready must not take
// the old answer for the new one.
func (r *Reconciler) announce(ctx context.Context, s *scope) error {
	if s.app.Status.ObservedGeneration == s.app.Generation {
		return nil
	}
	s.app.Status.ObservedGeneration = s.app.Generation
	unknown(s.app, v1alpha1.ReasonProgressing, "the operator is working on this generation of the manifest")
	return s.save(ctx)
}
