package diff

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
)

func settings() Settings {
	return Settings{
		BaseAddress: "https://scim.example.com/scim/v2", Token: "scimop_secret", NotificationEmail: "iam@example.com",
		DeleteThreshold: 50, GuardDeletions: true,
	}
}

func TestSettingsGiveTheWholeSet(t *testing.T) {
	tests := map[string]struct {
		change func(*Settings)
		want   entra.Secrets
	}{
		"assigned people only, with mail and protection": {func(*Settings) {}, entra.Secrets{
			"BaseAddress": "https://scim.example.com/scim/v2", "SecretToken": "scimop_secret", "SyncAll": "false", "SkipOutOfScopeDeletions": "False",
			"SyncNotificationSettings": `{"Enabled":true,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50,"HumanResourcesLookaheadQueryEnabled":false}`,
		}},
		"everybody, without mail, without protection, keeping who leaves": {
			func(s *Settings) {
				s.SyncAll, s.NotificationEmail, s.GuardDeletions, s.KeepOutOfScope = true, "", false, true
			},
			entra.Secrets{
				"BaseAddress": "https://scim.example.com/scim/v2", "SecretToken": "scimop_secret", "SyncAll": "true", "SkipOutOfScopeDeletions": "True",
				"SyncNotificationSettings": `{"Enabled":false,"Recipients":"","DeleteThresholdEnabled":false,"DeleteThresholdValue":50,"HumanResourcesLookaheadQueryEnabled":false}`,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := settings()
			tc.change(&s)
			got, err := s.Secrets()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("secrets (-want +got):\n%s", d)
			}
		})
	}
}

func TestSecretsCompare(t *testing.T) {
	tests := map[string]struct {
		change func(entra.Secrets)
		same   bool
	}{
		"nothing changed":                 {func(entra.Secrets) {}, true},
		"the token comes back masked":     {func(s entra.Secrets) { s["SecretToken"] = "*****" }, true},
		"the token is stored as nothing":  {func(s entra.Secrets) { s["SecretToken"] = "" }, false},
		"the token is not there":          {func(s entra.Secrets) { delete(s, "SecretToken") }, false},
		"no settings are there":           {func(s entra.Secrets) { delete(s, "SyncNotificationSettings") }, false},
		"the address is another":          {func(s entra.Secrets) { s["BaseAddress"] = "https://elsewhere.example.com" }, false},
		"the compatibility flag was lost": {func(s entra.Secrets) { s["BaseAddress"] += "/?aadOptscim062020" }, false},
		"booleans are spelt otherwise":    {func(s entra.Secrets) { s["SyncAll"], s["SkipOutOfScopeDeletions"] = "False", "false" }, true},
		"the scope is another":            {func(s entra.Secrets) { s["SyncAll"] = "True" }, false},
		"a boolean is no boolean":         {func(s entra.Secrets) { s["SyncAll"] = "" }, false},
		"a key of somebody else is there": {func(s entra.Secrets) { s["SandboxName"] = "x" }, true},
		"the settings come back in another order and spacing": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{ "DeleteThresholdValue": 50, "DeleteThresholdEnabled": true, "Recipients": "iam@example.com", "HumanResourcesLookaheadQueryEnabled": false, "Enabled": true }`
		}, true},
		"the settings come back with a member that we do not know": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50,"Later":1}`
		}, true},
		"the threshold is another": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`
		}, false},
		"somebody else gets the mails": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"eve@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`
		}, false},
		"the settings are no JSON": {func(s entra.Secrets) { s["SyncNotificationSettings"] = "*****" }, false},
	}
	want, err := settings().Secrets()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			have := maps.Clone(want)
			tc.change(have)
			if got := Secrets(have, want); got != tc.same {
				t.Errorf("Secrets = %t, want %t for %v", got, tc.same, have)
			}
		})
	}
}

func TestSettingsWithoutMailCompareWithNull(t *testing.T) {
	s := settings()
	s.NotificationEmail = ""
	want, err := s.Secrets()
	if err != nil {
		t.Fatal(err)
	}
	have := maps.Clone(want)
	have["SyncNotificationSettings"] = `{"Enabled":false,"Recipients":null,"DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`
	if !Secrets(have, want) {
		t.Error("no recipient and a null recipient count as a difference, so every pass would write")
	}
}
