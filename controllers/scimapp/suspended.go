package scimapp

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// guardSuspended is all that is done for a suspended app: its grants hold all the same. A job that they no longer cover
// is paused; the conditions stay as they were.
func (r *Reconciler) guardSuspended(ctx context.Context, s *scope) (ctrl.Result, error) {
	r.readMappings(ctx, s)
	out := r.checkGrant(ctx, s)
	if out.Err == nil {
		out = r.resolvePrincipals(ctx, s)
	}
	if out.Err != nil {
		log.FromContext(ctx).Info("the grants of a suspended app could not be confirmed", "reason", out.Reason, "message", out.Message)
	}
	if err := s.save(ctx); err != nil {
		return ctrl.Result{}, err
	}
	again := interval(s.app)
	if out.After > 0 {
		again = min(again, out.After)
	}
	return ctrl.Result{RequeueAfter: r.Jitter(again)}, nil
}
