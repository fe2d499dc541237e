package graph

import (
	"context"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Templates implements entra.Provisioning. Each template carries its whole schema,
// which is skipped.
func (d *directory) Templates(ctx context.Context, servicePrincipalID string) ([]string, error) {
	type template struct {
		ID string `json:"id"`
	}
	found, err := rawList[template](ctx, d, rawRequest{
		op: opTemplates, method: abstractions.GET, template: templatesTemplate, path: map[string]string{"sp": servicePrincipalID},
	})
	return convert(found, func(t template) string { return t.ID }), err
}

// Jobs implements entra.Provisioning.
func (d *directory) Jobs(ctx context.Context, servicePrincipalID string) ([]entra.Job, error) {
	found, err := rawList[jobResource](ctx, d, rawRequest{
		op: opJobs, method: abstractions.GET, template: jobsTemplate, path: map[string]string{"sp": servicePrincipalID},
	})
	return convert(found, jobResource.job), err
}

// CreateJob implements entra.Provisioning.
func (d *directory) CreateJob(ctx context.Context, servicePrincipalID, templateID string) (entra.Job, error) {
	made, err := rawJSON[jobResource](ctx, d, rawRequest{
		op: opCreateJob, method: abstractions.POST, template: jobsTemplate, path: map[string]string{"sp": servicePrincipalID},
		body: map[string]string{"templateId": templateID},
	})
	return made.job(), err
}

// Job implements entra.Provisioning.
func (d *directory) Job(ctx context.Context, ref entra.JobRef) (entra.Job, error) {
	found, err := rawJSON[jobResource](ctx, d, rawRequest{op: opJob, method: abstractions.GET, template: jobTemplate, path: jobPath(ref)})
	return found.job(), err
}

// StartJob implements entra.Provisioning.
func (d *directory) StartJob(ctx context.Context, ref entra.JobRef) error {
	return d.call(ctx, opStartJob, func(ctx context.Context) error { return d.jobBuilder(ref).Start().Post(ctx, nil) })
}

// PauseJob implements entra.Provisioning.
func (d *directory) PauseJob(ctx context.Context, ref entra.JobRef) error {
	return d.call(ctx, opPauseJob, func(ctx context.Context) error { return d.jobBuilder(ref).Pause().Post(ctx, nil) })
}

// RestartJob implements entra.Provisioning. The SDK cannot send a scope as Graph documents it, so the body is ours.
func (d *directory) RestartJob(ctx context.Context, ref entra.JobRef, scope entra.RestartScope) error {
	_, err := d.raw(ctx, rawRequest{
		op: opRestartJob, method: abstractions.POST, template: restartTemplate, path: jobPath(ref),
		body: map[string]any{"criteria": map[string]any{"resetScope": scope}},
	})
	return err
}

// DeleteJob implements entra.Provisioning.
func (d *directory) DeleteJob(ctx context.Context, ref entra.JobRef) error {
	err := d.call(ctx, opDeleteJob, func(ctx context.Context) error { return d.jobBuilder(ref).Delete(ctx, nil) })
	return ignoring(err, isGone)
}

func (d *directory) jobBuilder(ref entra.JobRef) *serviceprincipals.ItemSynchronizationJobsSynchronizationJobItemRequestBuilder {
	return d.servicePrincipals().ByServicePrincipalId(ref.ServicePrincipalID).Synchronization().Jobs().BySynchronizationJobId(ref.JobID)
}

func jobPath(ref entra.JobRef) map[string]string {
	return map[string]string{"sp": ref.ServicePrincipalID, "job": ref.JobID}
}
