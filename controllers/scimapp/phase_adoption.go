package scimapp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// notOursYet is true for an application that the operator has found, with or without a job, and whose job it may not change
// yet.
func notOursYet(app *v1alpha1.ScimApp) bool {
	known := app.Status.Job != nil && app.Status.Job.ID != "" || app.Status.Application != nil && app.Status.Application.ServicePrincipalID != ""
	return provisioning.AdoptionPending(app) && known
}

// judgeAdoption keeps the operator from what others set up and run, until a person has approved what the manifest
// changes there. Each pass judges anew until Entra has reached the endpoint: an approval is of what was read, and not of
// what the manifest came to say before any of it was written. The comparison is the plan's.
func (r *Reconciler) judgeAdoption(ctx context.Context, s *scope) phase.Outcome {
	approveAdoption.forget(s.app)
	if !provisioning.AdoptionPending(s.app) {
		return applicationReady(s)
	}
	if external(s.app) == nil && s.app.Status.Endpoint.Store == nil && !s.job.KnowsNobody() {
		return phase.Wait(v1alpha1.ReasonProgressing, r.endpointRecheck(s),
			"the endpoint does not serve its database yet, which decides what taking up application %s means for its job; nothing is written there until then", s.application.ID)
	}
	have, err := s.directory.Secrets(ctx, s.servicePrincipal.ID)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	change := provisioning.Of(s.app, provisioning.Live{Secrets: have, Job: *s.job, Address: s.endpointURL, Now: r.Clock.Now()})
	var out phase.Outcome
	if change.Mappings, out = r.adoptedMappings(ctx, s); out.State != phase.Done {
		return out
	}
	if change.NeedsApproval(*s.job) {
		value := change.Digest(s.servicePrincipal.ID)
		granted, note := approveAdoption.ask(s.app, value)
		if !granted {
			return heldAdoption(s, change, value, note)
		}
		s.approval = &approval{value: value, result: "the application is taken up: " + truncate(changeText(change), maxResult)}
	}
	s.app.Status.Token.KeptAt = nil
	if existingSecret(s.app) != nil && len(change.Settings) == 0 {
		s.app.Status.Token.KeptAt = now(r)
	}
	return applicationReady(s)
}

// approval is what a person let the operator change.
type approval struct{ value, result string }

// saveAdoption saves the status with the adoption settled: before anything is written in Entra, so that what was approved
// stays approved, and after Entra has reached the endpoint. From then on the manifest counts at once, as for any other app.
// What cannot be saved, because the manifest has changed, is not settled either.
func (s *scope) saveAdoption(ctx context.Context, at time.Time) error {
	if !provisioning.AdoptionPending(s.app) {
		return s.save(ctx)
	}
	handled := slices.Clone(s.app.Status.HandledActions)
	s.app.Status.Application.AdoptedAt = &metav1.Time{Time: at}
	if s.approval != nil {
		approveAdoption.handled(s.app, s.approval.value, s.approval.result, at)
	}
	err := s.save(ctx)
	if err != nil {
		s.app.Status.Application.AdoptedAt, s.app.Status.HandledActions = nil, handled
	}
	return err
}

// awaitAdoption keeps a phase from writing until the adoption is settled and the job talks to the endpoint: what was
// approved is one whole.
func (s *scope) awaitAdoption() (phase.Outcome, bool) {
	if !provisioning.Adopts(s.app) || !provisioning.AdoptionPending(s.app) && s.app.Status.Token.Fingerprint != "" {
		return phase.Outcome{}, false
	}
	return phase.Wait(v1alpha1.ReasonProgressing, credentialRecheck,
		"application %s is taken up when Entra reaches the endpoint, see CredentialsAccepted; nothing is written there until then", s.application.ID), true
}

// adoptedMappings are what the manifest would change in the mappings of a job that others set up.
func (r *Reconciler) adoptedMappings(ctx context.Context, s *scope) ([]diff.Change, phase.Outcome) {
	if s.mappingsUnread {
		return nil, phase.Wait(v1alpha1.ReasonProgressing, mappingRecheck,
			"the mappings that the manifest names cannot be read or applied, see MappingsApplied; application %s is taken up when they can, and nothing is written there until then", s.application.ID)
	}
	if len(s.desired.Mappings) == 0 && s.desired.Roles == mapping.RolesNone {
		return nil, phase.Succeed("", "")
	}
	template, err := s.directory.TemplateSchema(ctx, s.servicePrincipal.ID, templateSCIM)
	if err != nil {
		return nil, r.synchronizationFault(s, err)
	}
	if out := r.readOperators(ctx, s); out.State != phase.Done {
		return nil, out
	}
	plan, out := r.planMappings(ctx, s, template)
	var changes []diff.Change
	for _, c := range plan.Changes {
		changes = append(changes, diff.Change{Setting: driftPath(c), Old: c.Old, New: c.New})
	}
	return changes, out
}

// maxListed bounds the changes in a message.
const maxListed = 40

// maxResult bounds what an approval leaves in status.
const maxResult = 400

func heldAdoption(s *scope, change provisioning.Change, value, note string) phase.Outcome {
	return phase.Stall(v1alpha1.ReasonAdoptionHeld,
		"application %s was there before this ScimApp, and its provisioning job has run or is set to; this manifest would change: %s. "+
			"Nothing of that is written, nor is anybody assigned, until it is approved. `kubectl scim plan` shows it too, and for whom. Correct the manifest, or approve exactly this: "+
			"`kubectl annotate scimapp %s -n %s %s=%s --overwrite`%s",
		s.application.ID, changeText(change), s.app.Name, s.app.Namespace, v1alpha1.AnnotationApproveAdoption, value, note)
}

func changeText(change provisioning.Change) string {
	all := change.All()
	lines := make([]string, 0, len(all))
	for _, c := range all[:min(len(all), maxListed)] {
		lines = append(lines, c.String())
	}
	if more := len(all) - maxListed; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

func applicationReady(s *scope) phase.Outcome {
	return phase.Succeed(v1alpha1.ReasonApplicationReady, "enterprise application %q and its provisioning job exist as declared", s.application.DisplayName)
}
