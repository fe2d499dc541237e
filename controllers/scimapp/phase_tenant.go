package scimapp

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
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
	s.endpointURL = endpointURL(s.app, tenant)
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err)
	}
	directory, err := r.Tenants.Open(ctx, tenant)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonTenantNotReady, fmt.Errorf("EntraTenant %s cannot be used: %w", name, err))
	}
	s.directory = directory
	if out, denied := r.deny(ctx, s, grant.Check(tenant, namespace, grantRequest(s))); denied {
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

// grantRequest is all that can be judged without asking Graph. Groups come later, with their real names.
func grantRequest(s *scope) grant.Request {
	req := grant.Request{Scope: provisioning(s.app).Scope}
	for _, a := range s.app.Spec.Assignments {
		if a.User != nil {
			req.Users = append(req.Users, a.Name)
		}
	}
	if u, err := url.Parse(s.endpointURL); err == nil {
		req.EndpointHost = u.Hostname()
	}
	for _, m := range s.desired.Mappings {
		for _, a := range m.Attributes {
			for _, source := range mapping.Sources(a) {
				req.SourceAttributes = append(req.SourceAttributes, grant.SourceAttribute{Mapping: m.Name, Target: a.Target, Source: source})
			}
		}
	}
	return req
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
	if err := pauseIfActive(ctx, s); err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, fmt.Errorf("pausing the job, because the tenant's grants no longer cover it: %w", err)), true
	}
	return phase.Fail(v1alpha1.ReasonDenied, fault.NewTerminal(v1alpha1.ReasonDenied, fmt.Errorf("%s", strings.Join(messages, "\n")))), true
}

func pauseIfActive(ctx context.Context, s *scope) error {
	if s.app.Status.Job.ID == "" {
		return nil
	}
	job, err := s.directory.Job(ctx, s.jobRef())
	if entra.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if job.Schedule == entra.ScheduleActive {
		if err := s.directory.PauseJob(ctx, s.jobRef()); err != nil {
			return err
		}
	}
	// What we paused ourselves is ours to start again.
	s.app.Status.Job.StartedGeneration = 0
	return nil
}

// endpointURL is the SCIM base that Entra is given; empty when there is none.
func endpointURL(app *v1alpha1.ScimApp, tenant *v1alpha1.EntraTenant) string {
	switch e := app.Spec.Endpoint; {
	case e != nil && e.External != nil:
		return e.External.URL
	case e != nil && e.Exposure != nil:
		return e.Exposure.URL
	case tenant.Spec.Cloud == v1alpha1.CloudCustom:
		return desired.InternalURL(app.Namespace, app.Name)
	default:
		return ""
	}
}
