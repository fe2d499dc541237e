package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
)

// templateSCIM is the synchronization template of the jobs that the operator manages.
const templateSCIM = "scim"

// provisioned is an application as Entra has it, with its provisioning. What is not there yet is empty: the job, or the
// application too.
type provisioned struct {
	principal entra.ServicePrincipal
	// registration is the half of the application that has its roles.
	registration   entra.Application
	job            entra.Job
	live, template json.RawMessage
}

// unprovisioned is where the operator begins when it makes an application. The mapping is Entra's documented default.
func unprovisioned() provisioned {
	return provisioned{live: defaults.Schema(), template: defaults.Schema()}
}

// isThere is false for an application that the operator has yet to make.
func (a provisioned) isThere() bool { return a.principal.ID != "" }

// hasJob is false for a job that the operator has yet to make.
func (a provisioned) hasJob() bool { return a.job.ID != "" }

// jobRef names the job.
func (a provisioned) jobRef() entra.JobRef {
	return entra.JobRef{ServicePrincipalID: a.principal.ID, JobID: a.job.ID}
}

// readProvisioned reads the application and the schema of its job, which has to be there.
func readProvisioned(ctx context.Context, d entra.Directory, servicePrincipalID string) (provisioned, error) {
	a, err := readApplication(ctx, d, servicePrincipalID)
	if err == nil && !a.hasJob() {
		err = fmt.Errorf("application %q has no provisioning job of template %q, so there are no mappings that the operator could manage; set up provisioning in the portal, or let the operator make an application",
			a.principal.DisplayName, templateSCIM)
	}
	return a, err
}

// readApplication reads the application and the schema of its job. Where nothing provisions it, the schema is that of a new
// job; a job of another template is not the operator's to manage.
func readApplication(ctx context.Context, d entra.Directory, servicePrincipalID string) (provisioned, error) {
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
	if err != nil && !entra.IsNotFound(err) { // some answers say so that there is no job
		return a, err
	}
	i := slices.IndexFunc(jobs, func(j entra.Job) bool { return j.TemplateID == templateSCIM })
	if i < 0 && len(jobs) > 0 {
		return a, fmt.Errorf("application %q is provisioned by a job of template %s, and the operator manages those of template %s; delete that job in Entra, and a new one is made",
			a.principal.DisplayName, jobs[0].TemplateID, templateSCIM)
	}
	if a.template, err = d.TemplateSchema(ctx, a.principal.ID, templateSCIM); err != nil {
		if entra.IsNotFound(err) {
			return a, fmt.Errorf("application %q was not made from the template for applications that are in no gallery, so Entra cannot provision to it as the operator does; let the operator make one, with creationPolicy: Create: %w",
				a.principal.DisplayName, err)
		}
		return a, err
	}
	if i < 0 {
		a.live = a.template
		return a, nil
	}
	a.job = jobs[i]
	a.live, err = d.Schema(ctx, a.jobRef())
	return a, err
}
