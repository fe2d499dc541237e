package diff

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

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

func TestChanges(t *testing.T) {
	one := func(setting, old, wanted string) []Change { return []Change{{setting, old, wanted}} }
	const guarded = "Enabled, threshold 50"
	tests := map[string]struct {
		change func(entra.Secrets)
		want   []Change
	}{
		"nothing changed":                 {func(entra.Secrets) {}, nil},
		"the token comes back masked":     {func(s entra.Secrets) { s["SecretToken"] = "*****" }, nil},
		"a key of somebody else is there": {func(s entra.Secrets) { s["SandboxName"] = "x" }, nil},
		"booleans are spelt otherwise":    {func(s entra.Secrets) { s["SyncAll"], s["SkipOutOfScopeDeletions"] = "False", "false" }, nil},
		"what is not stored has Entra's default": {func(s entra.Secrets) {
			delete(s, "SyncAll")
			delete(s, "SkipOutOfScopeDeletions")
		}, nil},
		"the address is another": {
			func(s entra.Secrets) { s["BaseAddress"] = "https://elsewhere.example.com" },
			one("address", "https://elsewhere.example.com", "https://scim.example.com/scim/v2"),
		},
		"there is no address": {func(s entra.Secrets) { delete(s, "BaseAddress") }, one("address", "", "https://scim.example.com/scim/v2")},
		"the compatibility flag was lost": {
			func(s entra.Secrets) { s["BaseAddress"] += "/?aadOptscim062020" },
			one("address", "https://scim.example.com/scim/v2/?aadOptscim062020", "https://scim.example.com/scim/v2"),
		},
		"the scope is another":           {func(s entra.Secrets) { s["SyncAll"] = "True" }, one("scope", "All", "Assigned")},
		"a boolean is no boolean":        {func(s entra.Secrets) { s["SyncAll"] = "maybe" }, one("scope", "maybe", "Assigned")},
		"who leaves keeps the account":   {func(s entra.Secrets) { s["SkipOutOfScopeDeletions"] = "True" }, one("outOfScope", "Keep", "Disable")},
		"no notification settings there": {func(s entra.Secrets) { delete(s, "SyncNotificationSettings") }, []Change{{"notificationEmail", "", "iam@example.com"}, {"accidentalDeletions", "Disabled", guarded}}},
		"the notification settings come back in another order and spacing": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{ "DeleteThresholdValue": 50, "DeleteThresholdEnabled": true, "Recipients": "iam@example.com", "HumanResourcesLookaheadQueryEnabled": false, "Enabled": true }`
		}, nil},
		"the notification settings come back with a member that we do not know": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50,"Later":1}`
		}, nil},
		"the threshold is another": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`
		}, one("accidentalDeletions", "Enabled, threshold 500", guarded)},
		"somebody else gets the mails": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":true,"Recipients":"eve@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`
		}, one("notificationEmail", "eve@example.com", "iam@example.com")},
		"mails are off, with somebody still named": {func(s entra.Secrets) {
			s["SyncNotificationSettings"] = `{"Enabled":false,"Recipients":"iam@example.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`
		}, one("notificationEmail", "", "iam@example.com")},
		"the notification settings are no JSON": {
			func(s entra.Secrets) { s["SyncNotificationSettings"] = "*****" },
			[]Change{{"notificationEmail", "unreadable", "iam@example.com"}, {"accidentalDeletions", "unreadable", guarded}},
		},
	}
	want, err := settings().Secrets()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			have := maps.Clone(want)
			tc.change(have)
			if d := cmp.Diff(tc.want, settings().Changes(have)); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}

func TestNarrows(t *testing.T) {
	everybody := settings()
	everybody.SyncAll = true
	for stored, narrows := range map[string]bool{"": false, "false": false, "False": false, "true": true, "True": true} {
		have := entra.Secrets{entra.SecretSyncAll: stored}
		if got := settings().Narrows(have); got != narrows {
			t.Errorf("from SyncAll %q to the assigned: Narrows = %t", stored, got)
		}
		if everybody.Narrows(have) {
			t.Errorf("from SyncAll %q to everybody narrows", stored)
		}
	}
}

func TestAChangeIsShownInOneBoundedLine(t *testing.T) {
	if got := (Change{"notificationEmail", "", "iam@example.com"}).String(); got != "notificationEmail: none -> iam@example.com" {
		t.Errorf("String = %q", got)
	}
	if got := (Change{"address", strings.Repeat("ä", 5000), "x"}).String(); len(got) > 600 || !utf8.ValidString(got) {
		t.Errorf("a long value makes a line of %d bytes", len(got))
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
	if got := s.Changes(have); len(got) > 0 {
		t.Errorf("no recipient and a null recipient count as a difference, so every pass would write: %v", got)
	}
}
