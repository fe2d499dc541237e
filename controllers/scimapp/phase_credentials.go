package scimapp

import (
	"context"
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/token"
)

// rfcPatch is Entra's flag for PATCH requests as in RFC 7644. It is read from the tenant URL's query.
const rfcPatch = "aadOptscim062020"

// ensureCredentials gives Entra the address, the token and the settings, after Entra itself has tried them.
func (r *Reconciler) ensureCredentials(ctx context.Context, s *scope) phase.Outcome {
	want, err := wantedSettings(s).Secrets()
	if err != nil {
		return phase.Fail("CredentialsNotSaved", err)
	}
	have, err := s.directory.Secrets(ctx, s.servicePrincipal.ID)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	fingerprint := token.Fingerprint(s.token)
	if s.app.Status.Token.Fingerprint == fingerprint && diff.Secrets(have, want) {
		return accepted(s)
	}
	if err := s.directory.ValidateCredentials(ctx, s.jobRef(), want); err != nil {
		return r.rejected(s, err)
	}
	// Forgotten first: between the write and its proof Entra may have either token, and the endpoint has to take both.
	s.app.Status.Token.Fingerprint, s.app.Status.Token.AcceptedAt = "", nil
	if err := s.save(ctx); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	if err := s.directory.PutSecrets(ctx, s.servicePrincipal.ID, want); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the endpoint's address and token were tried, but not saved: %w", err))
	}
	// Entra answers 204 to settings that it then ignores, so what it saved is tried as well.
	if err := s.directory.ValidateSavedCredentials(ctx, s.jobRef()); err != nil {
		return r.rejected(s, err)
	}
	s.app.Status.Token.Fingerprint, s.app.Status.Token.AcceptedAt = fingerprint, now(r)
	if err := s.record(ctx); err != nil {
		return phase.Fail("CredentialsNotRecorded", err)
	}
	return accepted(s)
}

func wantedSettings(s *scope) diff.Settings {
	p := provisioning(s.app)
	guard, threshold := deletionThreshold(p)
	address := s.endpointURL
	if s.app.Spec.Compatibility == v1alpha1.CompatibilityRFC {
		address = strings.TrimSuffix(address, "/") + "/?" + rfcPatch
	}
	return diff.Settings{
		BaseAddress: address, Token: s.token, SyncAll: p.Scope == v1alpha1.ScopeAll, NotificationEmail: p.NotificationEmail,
		GuardDeletions: guard, DeleteThreshold: threshold, KeepOutOfScope: p.OutOfScope == v1alpha1.OutOfScopeKeep,
	}
}

func accepted(s *scope) phase.Outcome {
	return phase.Succeed(v1alpha1.ReasonCredentialsAccepted, "Entra reached %s with the token", s.endpointURL)
}

func (r *Reconciler) rejected(s *scope, err error) phase.Outcome {
	if !entra.IsCredentialProblem(err) {
		return r.synchronizationFault(s, err)
	}
	return phase.Stall(v1alpha1.ReasonCredentialsRejected,
		"Entra could not use %s: %w; see that DNS, firewall and certificate let Entra in, and that the address leads to the SCIM server", s.endpointURL, err).Recheck(credentialRecheck)
}
