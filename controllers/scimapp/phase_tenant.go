package scimapp

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// checkGrant finds the tenant and holds the manifest against its grants, before anything is written to Graph.
func (r *Reconciler) checkGrant(ctx context.Context, s *scope) phase.Outcome {
	tenant := &v1alpha1.EntraTenant{}
	name := s.app.Spec.TenantRef.Name
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, tenant); apierrors.IsNotFound(err) {
		return phase.Stall(v1alpha1.ReasonTenantNotFound,
			"spec.tenantRef.name is %q, but there is no EntraTenant of that name; create it, or see `kubectl get entratenants` for those that exist", name)
	} else if err != nil {
		return phase.Fail(v1alpha1.ReasonTenantNotFound, fmt.Errorf("reading EntraTenant %s: %w", name, err))
	}
	s.tenant = tenant
	s.endpointURL = provisioning.Address(s.app, entra.Cloud(tenant.Spec.Cloud))
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err)
	}
	denials := grant.Check(tenant, namespace, grant.RequestOf(s.app, s.endpointURL, s.desired.Mappings, r.EndpointImage))
	s.granted = len(denials) == 0
	directory, err := r.Tenants.Open(ctx, tenant)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonTenantNotReady, fmt.Errorf("EntraTenant %s cannot be used: %w", name, err))
	}
	s.directory = directory
	if out, denied := r.deny(ctx, s, denials); denied {
		return out
	}
	return phase.Succeed(v1alpha1.ReasonGranted, "a grant of EntraTenant %s covers this manifest", name)
}

func (r *Reconciler) namespace(ctx context.Context, name string) (grant.Namespace, error) {
	ns := &corev1.Namespace{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, ns); err != nil {
		return grant.Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return grant.Namespace{Name: ns.Name, Labels: ns.Labels}, nil
}

// deny stalls the app when there are denials. A job that runs is paused, so that a narrowed grant takes effect; nothing
// is deleted, and the job starts again when the grant comes back.
func (r *Reconciler) deny(ctx context.Context, s *scope, denials []grant.Denial) (phase.Outcome, bool) {
	if len(denials) == 0 {
		return phase.Outcome{}, false
	}
	messages := make([]string, 0, len(denials))
	for _, d := range denials {
		messages = append(messages, d.Field+": "+d.Message)
	}
	settled, err := r.pauseJobs(ctx, s)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, fmt.Errorf("pausing the job, because the tenant's grants no longer cover it: %w", err)), true
	}
	switch {
	case s.app.Status.Job.ID == "" || notOursYet(s.app):
	case settled:
		s.app.Status.Job.State = statePaused
		messages = append(messages, "The job is paused until then, and nobody is provisioned; accounts and assignments stay as they are")
	default:
		messages = append(messages, "The job was started a moment ago; it is paused as soon as Entra shows that it runs")
	}
	out := phase.Fail(v1alpha1.ReasonDenied, fault.NewTerminal(v1alpha1.ReasonDenied, fmt.Errorf("%s", strings.Join(messages, "\n"))))
	if !settled {
		out = out.Recheck(recheckStarting)
	}
	return out, true
}

// pauseJobs pauses the app's job, if it runs. What we pause ourselves is ours to start again; a job that was never ours
// goes on as it did before. settled is false while a job may run without showing it: what shows can be paused then.
func (r *Reconciler) pauseJobs(ctx context.Context, s *scope) (settled bool, err error) {
	if notOursYet(s.app) {
		return true, nil
	}
	refs, err := ourJobs(ctx, s)
	if err != nil {
		return false, err
	}
	settled = true
	for _, ref := range refs {
		job, err := s.directory.Job(ctx, ref)
		switch {
		case entra.IsNotFound(err):
		case err != nil:
			return false, err
		case job.Schedule != entra.ScheduleActive:
			settled = settled && provisioning.Settled(s.app.Status.Job, job, r.Clock.Now())
		default:
			if err := s.directory.PauseJob(ctx, ref); err != nil {
				return false, err
			}
			provisioning.RecordPause(s.app.Status.Job, *now(r))
		}
	}
	return settled, nil
}

// ourJobs gives the job that status names. Where status was lost, the mark on the application finds it: who is denied
// must not be served because of that.
func ourJobs(ctx context.Context, s *scope) ([]entra.JobRef, error) {
	if s.app.Status.Job.ID != "" {
		return []entra.JobRef{s.jobRef()}, nil
	}
	marked, err := s.directory.ApplicationsByTag(ctx, s.marker())
	if err != nil {
		return nil, err
	}
	var refs []entra.JobRef
	for _, a := range marked {
		sp, err := s.directory.ServicePrincipalByAppID(ctx, a.AppID)
		if entra.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		jobs, err := s.directory.Jobs(ctx, sp.ID)
		if err != nil {
			return nil, err
		}
		for _, job := range jobs {
			refs = append(refs, entra.JobRef{ServicePrincipalID: sp.ID, JobID: job.ID})
		}
	}
	return refs, nil
}
