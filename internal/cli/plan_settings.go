package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// planSetting is a setting, the token or the state of the job that is not as declared.
type planSetting struct {
	Setting string `json:"setting"`
	Old     string `json:"old"`
	New     string `json:"new"`
}

// compareSettings decides about address, settings, token and start as the operator does.
func (o *planOptions) compareSettings(ctx context.Context, d entra.Directory, app plannedApp, found provisioned, r *planReport) {
	secrets := entra.Secrets{}
	if found.isThere() {
		var err error
		if secrets, err = d.Secrets(ctx, found.principal.ID); err != nil {
			r.note("settings, token and start are not compared: Entra does not show them to you (%v)", err)
			return
		}
	}
	live := provisioning.Live{Secrets: secrets, Job: found.job, Address: provisioning.Address(&app.app, app.cloud()), Now: time.Now()}
	if live.Address == "" {
		r.note("the address is not compared: the ScimApp has none that Entra could reach; set spec.endpoint.exposure or spec.endpoint.external")
	}
	change := provisioning.Of(&app.app, live)
	if !found.isThere() {
		change.Token = &diff.Change{Setting: "token", New: tokenOf(app)}
	}
	for _, c := range change.All() {
		r.Settings = append(r.Settings, planSetting(c))
		r.Lines = append(r.Lines, "setting "+c.String())
	}
	if change.Token == nil {
		r.note("the token is not compared: Entra shows it masked%s", tokenNote(app))
	}
	if !provisioning.AdoptionPending(&app.app) || found.job.KnowsNobody() {
		return
	}
	if change.NeedsApproval(found.job) {
		r.note("the job has run: the operator takes the application up when the annotation that its message names approves the changes of settings and job")
	}
	if managed(app) && (app.app.Status.Endpoint == nil || app.app.Status.Endpoint.Store == nil) {
		r.note("the endpoint's database is not known yet: if it is empty, the job is also restarted with scope Full, which matches everybody anew")
	}
}

func managed(app plannedApp) bool {
	return app.app.Spec.Endpoint == nil || app.app.Spec.Endpoint.External == nil
}

// tokenOf is the token that an application is given when it is made.
func tokenOf(app plannedApp) string {
	if a := app.app.Spec.Authentication; a != nil && a.ExistingSecretRef != nil {
		return "that of Secret " + a.ExistingSecretRef.Name
	}
	return "one that the operator mints"
}

// tokenNote says what becomes of a token that nobody can compare.
func tokenNote(app plannedApp) string {
	if a := app.app.Spec.Authentication; a != nil && a.ExistingSecretRef != nil && provisioning.AdoptionPending(&app.app) {
		return fmt.Sprintf("; it stays while Entra can use it, and is replaced by that of Secret %s when it is refused or the Secret changes", a.ExistingSecretRef.Name)
	}
	return ""
}

func (r *planReport) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}
