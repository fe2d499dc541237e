package scimapp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// adopt takes up the application that the manifest names. The grant has been checked by then: whoever owns the application
// stays its owner, since a tenant admin has named the two together.
func (r *Reconciler) adopt(ctx context.Context, s *scope) phase.Outcome {
	id := string(s.app.Spec.Application.ServicePrincipalID)
	sp, err := s.directory.ServicePrincipal(ctx, id)
	switch {
	case entra.IsNotFound(err):
		return adoptedGone(s.app)
	case err != nil:
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	}
	found, err := s.directory.ApplicationByAppID(ctx, sp.AppID)
	switch {
	case entra.IsNotFound(err):
		return phase.Stall(v1alpha1.ReasonNotAdoptable,
			"spec.application.servicePrincipalID: enterprise application %s belongs to an application that is registered in another directory, and Entra provisions only to those of its own; name another, or use creationPolicy: Create", id)
	case err != nil:
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	case found.TemplateID == "":
		return phase.Stall(v1alpha1.ReasonNotAdoptable,
			"spec.application.servicePrincipalID: enterprise application %s was not made from an application template, so Entra cannot provision to it; use creationPolicy: Create", id)
	}
	if owner := claimant(s.marker(), found, sp); owner != "" {
		return claimed(s, found, sp, owner)
	}
	if err := s.identify(ctx, found, sp); err != nil {
		return phase.Fail("ApplicationNotRecorded", err)
	}
	return phase.Succeed("", "")
}

// adoptedGone is for an application that is named and not there: no other can take its place.
func adoptedGone(app *v1alpha1.ScimApp) phase.Outcome {
	return phase.Stall(v1alpha1.ReasonNotAdoptable,
		"spec.application.servicePrincipalID: there is no enterprise application with the object ID %s in the directory; restore it there, or delete this ScimApp and create one for another application",
		app.Spec.Application.ServicePrincipalID).Recheck(time.Minute)
}

// orWait is what else can be done about an application that is gone.
func orWait(app *v1alpha1.ScimApp) string {
	if provisioning.Adopts(app) {
		return ""
	}
	return fmt.Sprintf(", or wait: the operator makes a new one after %s", goneFor)
}

// otherJob is for an adopted application that is provisioned by a job which the operator does not know. A second job beside
// it would send everybody twice.
func otherJob(s *scope, jobs []entra.Job) phase.Outcome {
	templates := make([]string, 0, len(jobs))
	for _, job := range jobs {
		templates = append(templates, job.TemplateID)
	}
	return phase.Stall(v1alpha1.ReasonNotAdoptable,
		"application %s is provisioned by a job of template %s, and the operator manages those of template %s; delete that job in Entra, and a new one is made",
		s.application.ID, strings.Join(templates, ", "), templateSCIM)
}
