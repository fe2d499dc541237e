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

// Secrets tells whether the stored set is as wanted, as far as it can be seen: the token comes back masked, so only its
// presence counts.
func Secrets(have, want entra.Secrets) bool {
	for key, value := range want {
		stored, ok := have[key]
		switch {
		case !ok:
			return false
		case key == entra.SecretToken:
			if stored == "" {
				return false
			}
		case key == entra.SecretSyncNotificationSettings:
			if !sameNotification(stored, value) {
				return false
			}
		case key == entra.SecretSyncAll || key == entra.SecretSkipOutOfScopeDeletions:
			if !sameBool(stored, value) {
				return false
			}
		case stored != value:
			return false
		}
	}
	return true
}

// sameNotification compares the members that we know: one that Entra adds, or sends as null, is no difference.
func sameNotification(a, b string) bool {
	var x, y notificationSettings
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return x == y
}

// sameBool compares as Graph spells booleans: true, True, false, False.
func sameBool(a, b string) bool {
	x, errX := strconv.ParseBool(a)
	y, errY := strconv.ParseBool(b)
	return errX == nil && errY == nil && x == y
}
