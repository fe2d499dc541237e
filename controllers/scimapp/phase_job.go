package scimapp

import (
	"context"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

const (
	// templateSCIM is the current synchronization template of non-gallery applications.
	templateSCIM = "scim"
	// young is the age below which a refusal of the synchronization segment is blamed on replication.
	young = 10 * time.Minute
	// jobPatience is how long a job is looked for after its creation was asked for.
	jobPatience = 2 * time.Minute
)

// ensureJob makes the provisioning job, without starting it.
func (r *Reconciler) ensureJob(ctx context.Context, s *scope) phase.Outcome {
	spID := s.servicePrincipal.ID
	jobs, err := s.directory.Jobs(ctx, spID)
	// A 404 is how some answers say that there is no job. Were it that Entra's provisioning service does not know the
	// application yet, the templates, which are read before a job is made, would not be there either.
	if err != nil && !entra.IsNotFound(err) {
		return r.synchronizationFault(s, err)
	}
	st := s.app.Status.Job
	s.job = nil
	if job, found := pickJob(jobs, st.ID); found {
		s.job = &job
		if st.ID != "" && st.ID != job.ID {
			s.forgetMappings()
		}
		st.ID, st.RequestedAt = job.ID, nil
		return applicationReady(s)
	}
	if provisioning.Adopts(s.app) && len(jobs) > 0 {
		return otherJob(s, jobs)
	}
	if st.ID != "" {
		if out := r.readKnownJob(ctx, s); out.State != phase.Done || s.job != nil {
			return out
		}
		st = s.app.Status.Job
	}
	if st.RequestedAt != nil && r.Clock.Since(st.RequestedAt.Time) < jobPatience {
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "the creation of the provisioning job was asked for and it does not show yet")
	}
	return r.createJob(ctx, s)
}

// reasonJobGone is for a job that was there and is no more.
const reasonJobGone = "JobGone"

// readKnownJob reads a job that the list does not show: lists lag behind. Only one that stays away was deleted by
// somebody; then it is Done without a job, and a new one may be made.
func (r *Reconciler) readKnownJob(ctx context.Context, s *scope) phase.Outcome {
	job, err := s.directory.Job(ctx, s.jobRef())
	switch {
	case err == nil:
		s.job = &job
		return applicationReady(s)
	case !entra.IsNotFound(err):
		return r.synchronizationFault(s, err)
	case r.missingFor(s, reasonJobGone) < goneFor:
		return phase.Wait(reasonJobGone, time.Minute,
			"the provisioning job is not in Entra any more; the operator makes a new one when it has been missing for %s", goneFor)
	}
	s.app.Status.Job = &v1alpha1.JobStatus{}
	s.forgetMappings()
	return phase.Succeed("", "")
}

// forgetMappings is for a job that is another one than before: what was written to that one says nothing of its schema.
func (s *scope) forgetMappings() { s.app.Status.Mappings, s.app.Status.Drift = nil, nil }

func (r *Reconciler) createJob(ctx context.Context, s *scope) phase.Outcome {
	spID, st := s.servicePrincipal.ID, s.app.Status.Job
	templates, err := s.directory.Templates(ctx, spID)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	if !slices.Contains(templates, templateSCIM) {
		return phase.Stall("NotProvisionable",
			"application %s has no synchronization template %q (it has %v), so Entra cannot provision to it; delete it in Entra, and the operator makes one that can", s.application.ID, templateSCIM, templates)
	}
	st.ID, st.RequestedAt = "", now(r)
	if err := s.save(ctx); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	job, err := s.directory.CreateJob(ctx, spID, templateSCIM)
	switch {
	case err == nil:
		s.job = &job
		st.ID, st.RequestedAt = job.ID, nil
		if err := s.save(ctx); err != nil {
			return phase.Fail("JobNotRecorded", err)
		}
		return applicationReady(s)
	case entra.Unclear(err):
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "whether the provisioning job was created is unclear (%v); looking for it", err)
	default:
		st.RequestedAt = nil
		return r.synchronizationFault(s, err)
	}
}

// pickJob gives the job that we know, else the first of the current template.
func pickJob(jobs []entra.Job, known string) (entra.Job, bool) {
	if i := slices.IndexFunc(jobs, func(j entra.Job) bool { return j.ID == known }); i >= 0 {
		return jobs[i], true
	}
	if i := slices.IndexFunc(jobs, func(j entra.Job) bool { return j.TemplateID == templateSCIM }); i >= 0 {
		return jobs[i], true
	}
	return entra.Job{}, false
}

// synchronizationFault tells a missing permission from replication. Both are a 401 with an empty message; only the age
// of the application tells them apart.
func (r *Reconciler) synchronizationFault(s *scope, err error) phase.Outcome {
	denied := fault.ReasonOf(err, "") == entra.ReasonSynchronizationDenied
	switch {
	case (denied || entra.IsNotFound(err)) && r.isYoung(s):
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "Entra does not show the new application to its provisioning service yet")
	case denied:
		return phase.Stall(v1alpha1.ReasonPermissionMissing,
			"%w; grant the operator's identity in EntraTenant %s the application permission Synchronization.ReadWrite.All, with admin consent, or make it an owner of the enterprise application", err, s.tenant.Name)
	default:
		return phase.Fail("JobUnknown", err)
	}
}

func (r *Reconciler) isYoung(s *scope) bool {
	created := s.application.CreatedAt
	return !created.IsZero() && r.Clock.Since(created) < young
}
