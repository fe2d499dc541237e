package scimapp

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// startJob starts or pauses the job as declared. A start is asked for once for each generation of the manifest: what
// somebody else pauses afterwards stays paused, and a start while the job runs could stop it.
func (r *Reconciler) startJob(ctx context.Context, s *scope) phase.Outcome {
	st, generation := s.app.Status.Job, s.app.Generation
	running := s.job.Schedule == entra.ScheduleActive
	if provisioning(s.app).State == v1alpha1.ProvisioningPaused {
		if running {
			if err := s.directory.PauseJob(ctx, s.jobRef()); err != nil {
				return r.synchronizationFault(s, fmt.Errorf("pausing the job: %w", err))
			}
		}
		st.StartedGeneration = 0
		return phase.Succeed("", "")
	}
	// A start that Entra does not show yet is not repeated.
	if !running && st.StartedGeneration != generation && !justStarted(st, r.Clock.Now()) {
		if err := s.directory.StartJob(ctx, s.jobRef()); err != nil {
			return r.synchronizationFault(s, fmt.Errorf("starting the job: %w", err))
		}
		st.StartedAt, st.StartedGeneration = now(r), generation
		if err := s.record(ctx); err != nil {
			return phase.Fail("StartNotRecorded", err)
		}
	}
	st.StartedGeneration = generation
	return phase.Succeed("", "")
}
