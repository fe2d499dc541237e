package scimapp

import (
	"context"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// notOursYet is true for an application whose job the operator has found and may not change yet.
func notOursYet(app *v1alpha1.ScimApp) bool {
	return provisioning.AdoptionPending(app) && app.Status.Job != nil && app.Status.Job.ID != ""
}

// settleAdoption keeps the operator from what others set up and run, until a person has approved what the manifest
// changes there. It is settled once; from then on the manifest counts at once, as for any other app. The comparison is
// the plan's.
func (r *Reconciler) settleAdoption(ctx context.Context, s *scope) phase.Outcome {
	approveAdoption.forget(s.app)
	if !provisioning.AdoptionPending(s.app) {
		return applicationReady(s)
	}
	if external(s.app) == nil && s.app.Status.Endpoint.Store == nil && !s.job.KnowsNobody() {
		return phase.Wait(v1alpha1.ReasonProgressing, replicationRecheck,
			"the endpoint does not serve its database yet, which decides what taking up application %s means for its job; nothing is written there until then", s.application.ID)
	}
	have, err := s.directory.Secrets(ctx, s.servicePrincipal.ID)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	change := provisioning.Of(s.app, provisioning.Live{Secrets: have, Job: *s.job, Address: s.endpointURL, Now: r.Clock.Now()})
	if change.NeedsApproval(*s.job) {
		value := change.Digest(s.servicePrincipal.ID)
		granted, note := approveAdoption.ask(s.app, value)
		if !granted {
			return heldAdoption(s, change, value, note)
		}
		approveAdoption.handled(s.app, value, "the application is taken up: "+truncate(changeText(change), maxResult), r.Clock.Now())
	}
	s.app.Status.Application.AdoptedAt = now(r)
	if existingSecret(s.app) != nil && len(change.Settings) == 0 {
		s.app.Status.Token.KeptAt = now(r)
	}
	if err := s.save(ctx); err != nil { // before anything is changed: what was approved stays approved
		return phase.Fail("IntentNotSaved", err)
	}
	return applicationReady(s)
}

// maxResult bounds what an approval leaves in status.
const maxResult = 400

func heldAdoption(s *scope, change provisioning.Change, value, note string) phase.Outcome {
	return phase.Stall(v1alpha1.ReasonAdoptionHeld,
		"application %s was set up by others, and its provisioning job has run; this manifest would change: %s. "+
			"Nothing of that is written, nor are mappings and assignments. `kubectl scim plan` shows it too, and for whom. Correct the manifest, or approve exactly this: "+
			"`kubectl annotate scimapp %s -n %s %s=%s --overwrite`%s",
		s.application.ID, changeText(change), s.app.Name, s.app.Namespace, v1alpha1.AnnotationApproveAdoption, value, note)
}

func changeText(change provisioning.Change) string {
	lines := make([]string, 0, len(change.All()))
	for _, c := range change.All() {
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "; ")
}

func applicationReady(s *scope) phase.Outcome {
	return phase.Succeed(v1alpha1.ReasonApplicationReady, "enterprise application %q and its provisioning job exist as declared", s.application.DisplayName)
}
