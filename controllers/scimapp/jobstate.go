package scimapp

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// The words of status.job.state.
const (
	stateCreated      = "Created"
	stateInitialCycle = "InitialCycle"
	stateActive       = "Active"
	statePaused       = "Paused"
	stateQuarantine   = "Quarantine"
	stateDisabled     = "Disabled"
)

// How often the job is read. Entra's cycles are 40 minutes apart, so more would only cost.
const (
	recheckStarting = 10 * time.Second
	recheckInitial  = 5 * time.Minute
	recheckSteady   = 15 * time.Minute
	// stalledAfter is how long a quarantine may last before a person is called.
	stalledAfter = 24 * time.Hour
)

// reasonCycleFailed is for a job that runs and whose last cycle came to nothing.
const reasonCycleFailed = "CycleFailed"

// cycleFailed is taskExecution.state of a cycle that came to nothing.
const cycleFailed = "Failed"

// quarantineTooManyDeletes is Entra's word for held deletions.
const quarantineTooManyDeletes = "TooManyDeletes"

// judgeJob is the decision table from what Graph says of a job to what its owner should know.
func judgeJob(app *v1alpha1.ScimApp, job entra.Job, now time.Time) phase.Outcome {
	st := app.Status.Job
	switch {
	case job.Quarantine != nil && job.Schedule == entra.ScheduleDisabled:
		st.State = stateDisabled
		return phase.Stall(v1alpha1.ReasonJobDisabled,
			"Entra disabled the job after it had been in quarantine since %s (%s); nobody is provisioned any more: mend the cause, then start the job in Entra, or change anything in this manifest, which starts it",
			stamp(job.Quarantine.SeriesBegan), quarantineCause(job.Quarantine))
	case job.Quarantine != nil && job.Schedule == entra.ScheduleActive:
		st.State = stateQuarantine
		_, threshold := provisioning.DeletionThreshold(provisioning.Spec(app))
		return judgeQuarantine(job.Quarantine, threshold, now)
	case job.Schedule != entra.ScheduleActive && provisioning.Spec(app).State == v1alpha1.ProvisioningPaused:
		st.State = statePaused
		return phase.Succeed(v1alpha1.ReasonPaused, "the job is paused, as spec.provisioning.state says; nobody is provisioned")
	case job.Schedule != entra.ScheduleActive && st.StartedGeneration == 0 && job.SteadySince != nil:
		st.State = statePaused
		return phase.Wait(v1alpha1.ReasonPaused, recheckStarting, "the operator paused the job; it starts again when all else is as declared, and nobody is provisioned until then")
	case job.Schedule != entra.ScheduleActive && st.StartedGeneration == 0:
		st.State = stateCreated
		return phase.Succeed(stateCreated, "the job is not started yet")
	case job.Schedule != entra.ScheduleActive && provisioning.JustStarted(st, now):
		st.State = stateCreated
		return phase.Wait(v1alpha1.ReasonReplicating, recheckStarting, "the job was started at %s and Entra does not show it running yet", stamp(st.StartedAt.Time))
	case job.Schedule != entra.ScheduleActive:
		st.State = statePaused
		return phase.Succeed(v1alpha1.ReasonPausedOutside,
			"somebody paused the job in Entra; nobody is provisioned. Start it there, or change this manifest in anything: the operator starts the job once for each generation").Recheck(recheckSteady)
	case job.SteadySince == nil && job.LastExecution != nil && job.LastExecution.State == cycleFailed:
		st.State = stateInitialCycle
		return judgeCycle(job)
	case job.SteadySince == nil:
		st.State = stateInitialCycle
		return phase.Succeed(v1alpha1.ReasonInitialCycle, "the initial cycle is running: Entra looks at everybody in scope for the first time").Recheck(initialRecheck(st, now))
	}
	st.State = stateActive
	out := judgeCycle(job)
	if out.After == 0 {
		out.After = recheckSteady
	}
	return out
}

func judgeQuarantine(q *entra.Quarantine, threshold int32, now time.Time) phase.Outcome {
	recheck := max(q.NextAttempt.Sub(now)+time.Minute, time.Minute)
	if q.Reason == quarantineTooManyDeletes {
		return phase.Stall(v1alpha1.ReasonDeletionsHeld,
			"Entra holds back more removals than the %d that spec.provisioning.accidentalDeletions.threshold allows; nothing is removed until their cause, such as a lost assignment, is undone, or they are accepted: in Entra, or by a higher threshold", threshold).Recheck(recheckSteady)
	}
	if now.Sub(q.Began) > stalledAfter {
		return phase.Stall(v1alpha1.ReasonQuarantineRecovering,
			"the job has been in quarantine since %s: %s; Entra tries again at %s and gives up after 28 days, so mend the cause; whoever cannot wait restarts the job in Entra then", stamp(q.Began), quarantineCause(q), stamp(q.NextAttempt)).Recheck(recheck)
	}
	return phase.Wait(v1alpha1.ReasonQuarantineRecovering, recheck,
		"Entra put the job into quarantine at %s: %s; it tries again by itself at %s: mend the cause; whoever cannot wait restarts the job in Entra then", stamp(q.Began), quarantineCause(q), stamp(q.NextAttempt))
}

func quarantineCause(q *entra.Quarantine) string {
	if q.Error == nil {
		return q.Reason
	}
	return q.Reason + ", " + q.Error.Code + ": " + q.Error.Message
}

func judgeCycle(job entra.Job) phase.Outcome {
	e := job.LastExecution
	switch {
	case e == nil:
		return phase.Succeed(v1alpha1.ReasonJobHealthy, "the job runs")
	case e.State == cycleFailed:
		return phase.Wait(reasonCycleFailed, recheckInitial, "the cycle that ended at %s failed%s; Entra tries again in its next cycle, and puts the job into quarantine if that goes on", stamp(e.Ended), because(e.Error))
	case e.Escrowed > 0:
		return phase.Succeed(v1alpha1.ReasonEntriesFailing,
			"the cycle that ended at %s left %d entries that failed; Entra tries them again. See the provisioning logs of the application for each", stamp(e.Ended), e.Escrowed)
	default:
		return phase.Succeed(v1alpha1.ReasonJobHealthy, "the last cycle ended well at %s", stamp(e.Ended))
	}
}

func because(e *entra.JobError) string {
	if e == nil {
		return ""
	}
	return ": " + e.Code + ": " + e.Message
}

func initialRecheck(st *v1alpha1.JobStatus, now time.Time) time.Duration {
	if provisioning.JustStarted(st, now) {
		return recheckStarting
	}
	return recheckInitial
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
