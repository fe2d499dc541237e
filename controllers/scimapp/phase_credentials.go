package scimapp

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
	"github.com/scim-operator/scim-operator/internal/token"
)

// ensureCredentials gives Entra the address, the token and the settings, after Entra itself has tried them.
func (r *Reconciler) ensureCredentials(ctx context.Context, s *scope) phase.Outcome {
	have, err := s.directory.Secrets(ctx, s.servicePrincipal.ID)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	settings := s.widest(have)
	same := have[entra.SecretToken] != "" && len(settings.Changes(have)) == 0
	st, fingerprint := s.app.Status.Token, token.Fingerprint(s.token)
	kept := same && st.KeptAt != nil
	if same && st.Fingerprint == fingerprint && (!kept || s.job.Quarantine == nil) {
		return accepted(s)
	}
	want, err := settings.Secrets()
	if err != nil {
		return phase.Fail("CredentialsNotSaved", err)
	}
	if err := s.directory.ValidateCredentials(ctx, s.jobRef(), want); err != nil {
		return r.rejected(s, err)
	}
	if kept && (st.Fingerprint == "" || st.Fingerprint == fingerprint) {
		switch err := s.directory.ValidateSavedCredentials(ctx, s.jobRef()); {
		case err == nil && st.Fingerprint == fingerprint:
			return accepted(s)
		case err == nil:
			return r.credentialsAccepted(ctx, s, fingerprint)
		case !entra.IsCredentialProblem(err):
			return r.synchronizationFault(s, err)
		}
	}
	// Forgotten first: between the write and its proof Entra may have either token, and the endpoint has to take both.
	st.Fingerprint, st.AcceptedAt, st.KeptAt = "", nil, nil
	if err := s.saveAdoption(ctx, r.Clock.Now()); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	if err := s.directory.PutSecrets(ctx, s.servicePrincipal.ID, want); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the endpoint's address and token were tried, but not saved: %w", err))
	}
	// Entra answers 204 to settings that it then ignores, so what it saved is tried as well.
	if err := s.directory.ValidateSavedCredentials(ctx, s.jobRef()); err != nil {
		return r.rejected(s, err)
	}
	return r.credentialsAccepted(ctx, s, fingerprint)
}

func (r *Reconciler) credentialsAccepted(ctx context.Context, s *scope, fingerprint string) phase.Outcome {
	if provisioning.AdoptionPending(s.app) { // which needed nothing written
		if err := s.saveAdoption(ctx, r.Clock.Now()); err != nil {
			return phase.Fail("IntentNotSaved", err)
		}
	}
	s.app.Status.Token.Fingerprint, s.app.Status.Token.AcceptedAt = fingerprint, now(r)
	if err := s.record(ctx); err != nil {
		return phase.Fail("CredentialsNotRecorded", err)
	}
	return accepted(s)
}

func wantedSettings(s *scope) diff.Settings {
	return provisioning.Settings(s.app, s.endpointURL, s.token)
}

// widest are the wanted settings, but for a scope that is to be narrowed: that has to wait for the assignments, since
// whoever is missing there would be disabled.
func (s *scope) widest(have entra.Secrets) diff.Settings {
	settings := wantedSettings(s)
	s.narrow = settings.Narrows(have)
	settings.SyncAll = settings.SyncAll || s.narrow
	return settings
}

// narrowScope has Entra provision the assigned people only, now that all of them are assigned.
func (r *Reconciler) narrowScope(ctx context.Context, s *scope) phase.Outcome {
	assigned := phase.Succeed(v1alpha1.ReasonAssignmentsApplied, "%d users and groups are assigned", len(s.principals))
	// What Entra refused must not be written with the scope.
	if !s.narrow || !s.proven {
		return assigned
	}
	want, err := wantedSettings(s).Secrets()
	if err != nil {
		return phase.Fail("CredentialsNotSaved", err)
	}
	if s.app.Status.Token.KeptAt != nil { // Entra takes the whole set at once, so that the token comes along
		s.app.Status.Token.KeptAt = nil
		if err := s.save(ctx); err != nil {
			return phase.Fail("IntentNotSaved", err)
		}
	}
	if err := s.directory.PutSecrets(ctx, s.servicePrincipal.ID, want); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the scope was not narrowed to those who are assigned: %w", err))
	}
	have, err := s.directory.Secrets(ctx, s.servicePrincipal.ID)
	switch {
	case err != nil:
		return r.synchronizationFault(s, err)
	case wantedSettings(s).Narrows(have):
		return phase.Wait(v1alpha1.ReasonReplicating, mappingRecheck,
			"Entra took scope Assigned and still shows All; it is written again. If it stays so, set Scope to assigned users and groups under Provisioning, Settings in the portal")
	}
	return assigned.Recheck(replicationRecheck) // what the status says of the scope is older
}

func accepted(s *scope) phase.Outcome {
	s.proven = true
	if s.app.Status.Token.KeptAt != nil {
		return phase.Succeed(v1alpha1.ReasonCredentialsAccepted,
			"Entra reached %s with the token that it had already, and with yours; it is given yours when that changes, or when its own is refused", s.endpointURL)
	}
	text := ""
	if s.narrow {
		text = "; everybody stays in scope until all assignments are there"
	}
	return phase.Succeed(v1alpha1.ReasonCredentialsAccepted, "Entra reached %s with the token%s", s.endpointURL, text)
}

func (r *Reconciler) rejected(s *scope, err error) phase.Outcome {
	if !entra.IsCredentialProblem(err) {
		return r.synchronizationFault(s, err)
	}
	return phase.Stall(v1alpha1.ReasonCredentialsRejected,
		"Entra could not use %s: %w; see that DNS, firewall and certificate let Entra in, and that the address leads to the SCIM server", s.endpointURL, err).Recheck(credentialRecheck)
}
