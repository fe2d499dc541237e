package diff

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Settings are what the provisioning secrets and settings of a service principal should be.
type Settings struct {
	BaseAddress       string
	Token             string
	SyncAll           bool
	NotificationEmail string // empty: no mail
	DeleteThreshold   int32
	GuardDeletions    bool
	KeepOutOfScope    bool
}

// Secrets gives the whole set, as it has to be sent.
func (s Settings) Secrets() (entra.Secrets, error) {
	notification, err := json.Marshal(notificationSettings{
		Enabled: s.NotificationEmail != "", Recipients: s.NotificationEmail,
		DeleteThresholdEnabled: s.GuardDeletions, DeleteThresholdValue: s.DeleteThreshold,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the notification settings: %w", err)
	}
	skip := "False"
	if s.KeepOutOfScope {
		skip = "True"
	}
	return entra.Secrets{
		entra.SecretBaseAddress:              s.BaseAddress,
		entra.SecretToken:                    s.Token,
		entra.SecretSyncAll:                  strconv.FormatBool(s.SyncAll),
		entra.SecretSyncNotificationSettings: string(notification),
		entra.SecretSkipOutOfScopeDeletions:  skip,
	}, nil
}

// SettingsOf reads the stored set: the inverse of Secrets, but for the token, which comes back masked. What is not stored has
// its zero value.
func SettingsOf(have entra.Secrets) (Settings, error) {
	s := Settings{BaseAddress: have[entra.SecretBaseAddress]}
	for key, value := range map[entra.SecretKey]*bool{entra.SecretSyncAll: &s.SyncAll, entra.SecretSkipOutOfScopeDeletions: &s.KeepOutOfScope} {
		if have[key] == "" {
			continue
		}
		parsed, err := strconv.ParseBool(have[key])
		if err != nil {
			return s, fmt.Errorf("reading the setting %s: %q is neither true nor false", key, have[key])
		}
		*value = parsed
	}
	var notification notificationSettings
	if text := have[entra.SecretSyncNotificationSettings]; text != "" {
		if err := json.Unmarshal([]byte(text), &notification); err != nil {
			return s, fmt.Errorf("reading the setting %s: %w", entra.SecretSyncNotificationSettings, err)
		}
	}
	if notification.Enabled {
		s.NotificationEmail = notification.Recipients
	}
	s.GuardDeletions, s.DeleteThreshold = notification.DeleteThresholdEnabled, notification.DeleteThresholdValue
	return s, nil
}

// notificationSettings is the JSON text inside SyncNotificationSettings.
type notificationSettings struct {
	Enabled                             bool
	Recipients                          string
	DeleteThresholdEnabled              bool
	DeleteThresholdValue                int32
	HumanResourcesLookaheadQueryEnabled bool
}

// Change is a setting that differs, in the words of a ScimApp.
type Change struct {
	Setting, Old, New string
}

// maxShown bounds each side of a change as it is shown.
const maxShown = 256

// String is the change in one line.
func (c Change) String() string {
	return c.Setting + ": " + shown(c.Old) + " -> " + shown(c.New)
}

func shown(value string) string {
	if value == "" {
		return "none"
	}
	if runes := []rune(value); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return value
}

// Changes gives the settings that differ from the stored ones, by what they mean: one that is not stored has Entra's
// default. The token comes back masked and is not among them.
func (s Settings) Changes(have entra.Secrets) []Change {
	var out []Change
	add := func(setting, old, wanted string) {
		if old != wanted {
			out = append(out, Change{setting, old, wanted})
		}
	}
	add("address", have[entra.SecretBaseAddress], s.BaseAddress)
	add("scope", choice(have[entra.SecretSyncAll], "All", "Assigned"), choice(strconv.FormatBool(s.SyncAll), "All", "Assigned"))
	add("outOfScope", choice(have[entra.SecretSkipOutOfScopeDeletions], "Keep", "Disable"), choice(strconv.FormatBool(s.KeepOutOfScope), "Keep", "Disable"))
	recipients, guard := notificationWords(have[entra.SecretSyncNotificationSettings])
	add("notificationEmail", recipients, s.NotificationEmail)
	add("accidentalDeletions", guard, guardWord(s.GuardDeletions, s.DeleteThreshold))
	return out
}

// choice reads a boolean as Graph spells it: true, True, false, False, or not at all. What is none of these stays as it is.
func choice(stored, yes, no string) string {
	if stored == "" {
		return no
	}
	value, err := strconv.ParseBool(stored)
	switch {
	case err != nil:
		return stored
	case value:
		return yes
	default:
		return no
	}
}

// notificationWords reads the members that we know: one that Entra adds, or sends as null, is no difference.
func notificationWords(stored string) (recipients, guard string) {
	var n notificationSettings
	if stored != "" && json.Unmarshal([]byte(stored), &n) != nil {
		return "unreadable", "unreadable"
	}
	if n.Enabled {
		recipients = n.Recipients
	}
	return recipients, guardWord(n.DeleteThresholdEnabled, n.DeleteThresholdValue)
}

func guardWord(enabled bool, threshold int32) string {
	if !enabled {
		return "Disabled"
	}
	return fmt.Sprintf("Enabled, threshold %d", threshold)
}

// Narrows is true where everybody is in scope and only the assigned are to be.
func (s Settings) Narrows(have entra.Secrets) bool {
	return !s.SyncAll && choice(have[entra.SecretSyncAll], "All", "Assigned") == "All"
}
