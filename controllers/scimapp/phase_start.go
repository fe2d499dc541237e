package scimapp

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// startJob starts or pauses the job as declared. A start is asked for once for each generation of the manifest: what
// somebody else pauses afterwards stays paused, and a start while the job runs could stop it.
func (r *Reconciler) startJob(ctx context.Context, s *scope) phase.Outcome {
	st, generation := s.app.Status.Job, s.app.Generation
	if provisioning.Spec(s.app).State == v1alpha1.ProvisioningPaused {
		return r.pauseJob(ctx, s)
	}
	running := s.job.Schedule == entra.ScheduleActive
	due := provisioning.StartDue(s.app, *s.job, r.Clock.Now())
	if s.job.KnowsNobody() {
		st.Restart = nil
	}
	if st.Restart != nil && (running || due) {
		return r.restartJob(ctx, s)
	}
	if due {
		if err := s.directory.StartJob(ctx, s.jobRef()); err != nil {
			return r.synchronizationFault(s, fmt.Errorf("starting the job: %w", err))
		}
		provisioning.RecordStart(st, *now(r), generation)
		if err := s.record(ctx); err != nil {
			return phase.Fail("StartNotRecorded", err)
		}
	}
	if st.StartedGeneration != generation && !provisioning.Settled(st, *s.job, r.Clock.Now()) {
		return phase.Succeed("", "").Recheck(recheckStarting)
	}
	st.StartedGeneration = generation
	return phase.Succeed("", "")
}

// pauseJob pauses a job that runs. One that may only not show yet that it was started is looked at again soon.
func (r *Reconciler) pauseJob(ctx context.Context, s *scope) phase.Outcome {
	st := s.app.Status.Job
	if s.job.Schedule == entra.ScheduleActive {
		if err := s.directory.PauseJob(ctx, s.jobRef()); err != nil {
			return r.synchronizationFault(s, fmt.Errorf("pausing the job: %w", err))
		}
		provisioning.RecordPause(st, *now(r))
		return phase.Succeed("", "")
	}
	st.StartedGeneration = 0
	if !provisioning.Settled(st, *s.job, r.Clock.Now()) {
		return phase.Succeed("", "").Recheck(recheckStarting)
	}
	return phase.Succeed("", "")
}

// restartInterval is how long a restart that nobody asked for keeps from the one before: each makes Entra read
// everybody.
const restartInterval = 6 * time.Hour

// restartJob has Entra match everybody anew, because the accounts that it knows are not those of the endpoint's
// database. A job that was to be started anyway is started by it.
func (r *Reconciler) restartJob(ctx context.Context, s *scope) phase.Outcome {
	st := s.app.Status.Job
	if st.RestartedAt != nil && st.Restart.Approved == approvedAutomatic {
		if wait := restartInterval - r.Clock.Since(st.RestartedAt.Time); wait > 0 {
			return phase.Wait(v1alpha1.ReasonRestartDelayed, wait,
				"the database was lost again, and the job was restarted at %s already; it is restarted with scope Full after %s, and until then accounts may be missing. See that the database is on storage that lasts", stamp(st.RestartedAt.Time), restartInterval)
		}
	}
	if err := s.directory.RestartJob(ctx, s.jobRef(), entra.RestartFull); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("restarting the job with scope Full: %w", err))
	}
	due := *st.Restart
	st.Restart, st.RestartedAt = nil, now(r)
	provisioning.RecordStart(st, *now(r), s.app.Generation)
	if err := s.record(ctx); err != nil {
		return phase.Fail("StartNotRecorded", err)
	}
	r.Events.Eventf(s.app, nil, corev1.EventTypeNormal, v1alpha1.ReasonJobRestarted, "Restart",
		"%s: the job was restarted with scope Full for database %s; Entra matches everybody in scope anew", due.Reason, due.Store)
	return phase.Succeed("", "")
}
