package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// templateSCIM is the synchronization template of the jobs that the operator manages.
const templateSCIM = "scim"

// provisioned is an application as Entra has it, with its provisioning.
type provisioned struct {
	principal entra.ServicePrincipal
	// registration is the half of the application that has its roles.
	registration   entra.Application
	job            entra.Job
	live, template json.RawMessage
}

// jobRef names the job.
func (a provisioned) jobRef() entra.JobRef {
	return entra.JobRef{ServicePrincipalID: a.principal.ID, JobID: a.job.ID}
}

// readProvisioned reads the application and the schema of its job.
func readProvisioned(ctx context.Context, d entra.Directory, servicePrincipalID string) (provisioned, error) {
	var a provisioned
	var err error
	if a.principal, err = d.ServicePrincipal(ctx, servicePrincipalID); err != nil {
		if entra.IsNotFound(err) {
			return a, fmt.Errorf("the directory has no enterprise application with the object ID %s; give the object ID of the enterprise application, not the one of its registration nor its application ID: %w", servicePrincipalID, err)
		}
		return a, err
	}
	if a.registration, err = d.ApplicationByAppID(ctx, a.principal.AppID); err != nil {
		if entra.IsNotFound(err) {
			return a, fmt.Errorf("application %q is registered in another directory, and Entra provisions only to those of its own: name another one: %w", a.principal.DisplayName, err)
		}
		return a, err
	}
	jobs, err := d.Jobs(ctx, a.principal.ID)
	if err != nil {
		return a, err
	}
	i := slices.IndexFunc(jobs, func(j entra.Job) bool { return j.TemplateID == templateSCIM })
	if i < 0 {
		return a, fmt.Errorf("application %q has no provisioning job of template %q, so there are no mappings that the operator could manage; set up provisioning in the portal, or let the operator make an application",
			a.principal.DisplayName, templateSCIM)
	}
	a.job = jobs[i]
	if a.live, err = d.Schema(ctx, a.jobRef()); err != nil {
		return a, err
	}
	a.template, err = d.TemplateSchema(ctx, a.principal.ID, templateSCIM)
	return a, err
}
