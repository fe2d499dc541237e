package scimapp

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/token"
)

// secretStore is a directory of which only the secrets matter.
type secretStore struct {
	entra.Directory
	have            entra.Secrets
	savedIsRefused  bool
	wantedIsRefused bool
	done            []string
}

func (g *secretStore) Secrets(context.Context, string) (entra.Secrets, error) {
	return maps.Clone(g.have), nil
}

func (g *secretStore) PutSecrets(_ context.Context, _ string, want entra.Secrets) error {
	g.done = append(g.done, "put SyncAll="+want[entra.SecretSyncAll])
	g.have, g.savedIsRefused = maps.Clone(want), false
	return nil
}

func (g *secretStore) ValidateCredentials(context.Context, entra.JobRef, entra.Secrets) error {
	return refusedIf(g.wantedIsRefused)
}

func (g *secretStore) ValidateSavedCredentials(context.Context, entra.JobRef) error {
	return refusedIf(g.savedIsRefused)
}

func refusedIf(refused bool) error {
	if !refused {
		return nil
	}
	return fault.NewTerminal(v1alpha1.ReasonCredentialsRejected, &entra.Error{Operation: "could not validate", Status: 400, Code: "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"})
}

func TestEnsureCredentials(t *testing.T) {
	const raw = "the-token-of-the-secret"
	fingerprint := token.Fingerprint(raw)
	tests := map[string]struct {
		kept            bool
		known           string // the fingerprint that status has
		savedIsRefused  bool
		wantedIsRefused bool
		quarantine      *entra.Quarantine
		change          func(entra.Secrets)
		want            []string
		state           phase.State
		keptAfter       bool
	}{
		"what was written before is left":                 {known: fingerprint, state: phase.Done},
		"a token that was never written is":               {want: []string{"put SyncAll=false"}, state: phase.Done},
		"a token that is refused is not written":          {wantedIsRefused: true, state: phase.Failed},
		"one that Entra has already and can use is left":  {kept: true, state: phase.Done, keptAfter: true},
		"one that was left before is not tried again":     {kept: true, known: fingerprint, savedIsRefused: true, state: phase.Done, keptAfter: true},
		"one that Entra has and cannot use is replaced":   {kept: true, savedIsRefused: true, want: []string{"put SyncAll=false"}, state: phase.Done},
		"one that was left and ends in a quarantine, too": {kept: true, known: fingerprint, savedIsRefused: true, quarantine: &entra.Quarantine{}, want: []string{"put SyncAll=false"}, state: phase.Done},
		"a quarantine of another cause leaves it":         {kept: true, known: fingerprint, quarantine: &entra.Quarantine{}, state: phase.Done, keptAfter: true},
		"a changed Secret replaces it":                    {kept: true, known: "0123456789ab", want: []string{"put SyncAll=false"}, state: phase.Done},
		"another setting brings the token along":          {kept: true, known: fingerprint, change: func(s entra.Secrets) { s[entra.SecretBaseAddress] = "https://elsewhere.example" }, want: []string{"put SyncAll=false"}, state: phase.Done},
		"a scope is not narrowed here":                    {known: fingerprint, change: func(s entra.Secrets) { s[entra.SecretSyncAll] = "true" }, state: phase.Done},
		"nor by what else is written": {known: fingerprint, change: func(s entra.Secrets) {
			s[entra.SecretSyncAll], s[entra.SecretBaseAddress] = "true", "https://elsewhere.example"
		}, want: []string{"put SyncAll=true"}, state: phase.Done},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.prepareStatus()
			s.endpointURL, s.token, s.job = "https://wiki.example.com/scim/v2", raw, &entra.Job{Quarantine: tc.quarantine}
			have, err := wantedSettings(s).Secrets()
			if err != nil {
				t.Fatal(err)
			}
			if tc.change != nil {
				tc.change(have)
			}
			directory := &secretStore{have: have, savedIsRefused: tc.savedIsRefused, wantedIsRefused: tc.wantedIsRefused}
			nothing := func(context.Context) error { return nil }
			s.directory, s.save, s.record = directory, nothing, nothing
			s.app.Status.Token.Fingerprint = tc.known
			if tc.kept {
				s.app.Status.Token.KeptAt = &metav1.Time{Time: someTime}
			}
			out := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).ensureCredentials(t.Context(), s)
			if out.State != tc.state {
				t.Errorf("outcome = %+v", out)
			}
			if d := cmp.Diff(tc.want, directory.done); d != "" {
				t.Errorf("writes (-want +got):\n%s", d)
			}
			st := s.app.Status.Token
			if (st.KeptAt != nil) != tc.keptAfter || tc.state == phase.Done && st.Fingerprint != fingerprint {
				t.Errorf("status.token = %+v", st)
			}
		})
	}
}

func TestNarrowScope(t *testing.T) {
	for name, tc := range map[string]struct {
		narrow, proven bool
		want           []string
	}{
		"nothing is to be narrowed": {},
		"the scope is narrowed":     {narrow: true, proven: true, want: []string{"put SyncAll=false"}},
		"not while Entra refuses address or token, which go into the same set": {narrow: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.prepareStatus()
			directory := &secretStore{have: entra.Secrets{entra.SecretSyncAll: "true"}}
			s.directory, s.narrow, s.proven, s.save = directory, tc.narrow, tc.proven, func(context.Context) error { return nil }
			s.app.Status.Token.KeptAt = &metav1.Time{Time: someTime}
			if out := (&Reconciler{}).narrowScope(t.Context(), s); out.State != phase.Done {
				t.Errorf("outcome = %+v", out)
			}
			if d := cmp.Diff(tc.want, directory.done); d != "" {
				t.Errorf("writes (-want +got):\n%s", d)
			}
			if kept := s.app.Status.Token.KeptAt != nil; kept == (tc.want != nil) {
				t.Errorf("Entra keeps its own token: %t, and the whole set was written: %t", kept, tc.want != nil)
			}
		})
	}
}
