package tenant

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// secretKeys are the members of Graph's enum synchronizationSecret.
var secretKeys = strings.Fields(`None UserName Password SecretToken AppKey BaseAddress ClientIdentifier ClientSecret
	SingleSignOnType Sandbox Url Domain ConsumerKey ConsumerSecret TokenKey TokenExpiration Oauth2AccessToken
	Oauth2AccessTokenCreationTime Oauth2RefreshToken SyncAll InstanceName Oauth2ClientId Oauth2ClientSecret CompanyId
	UpdateKeyOnSoftDelete SynchronizationSchedule SystemOfRecord SandboxName EnforceDomain SyncNotificationSettings
	SkipOutOfScopeDeletions Oauth2AuthorizationCode Oauth2RedirectUri ApplicationTemplateIdentifier Oauth2TokenExchangeUri
	Oauth2AuthorizationUri AuthenticationType Server PerformInboundEntitlementGrants HardDeletesEnabled
	SyncAgentCompatibilityKey SyncAgentADContainer ValidateDomain TestReferences ConnectionString`)

// readableSecrets come back from GET as they were written; everything else is masked.
var readableSecrets = []string{"BaseAddress", "SyncAll", "SyncNotificationSettings", "SkipOutOfScopeDeletions",
	"AuthenticationType", "Oauth2ClientId", "Oauth2TokenExchangeUri"}

// CheckSecretKey refuses a key that Graph's enum does not have, in the words of the service.
func CheckSecretKey(key string) error {
	if slices.Contains(secretKeys, key) {
		return nil
	}
	return &Error{http.StatusInternalServerError, "InternalError", "Requested value '" + key + "' was not found."}
}

// Secrets lists the stored secrets of a service principal, masked as Graph does.
func (t *Tenant) Secrets(principal string) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return nil, err
	}
	out := []Object{}
	stored := t.secrets[rec.id]
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		value := stored[key]
		if !slices.Contains(readableSecrets, key) {
			value = "*"
		}
		out = append(out, Object{"key": key, "value": value})
	}
	return out, nil
}

// PutSecrets stores secrets. An empty value removes a key; whether keys that are not named stay is a switch.
func (t *Tenant) PutSecrets(principal string, pairs map[string]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return err
	}
	for key := range pairs {
		if err := CheckSecretKey(key); err != nil {
			return err
		}
	}
	if settings, given := pairs["SyncNotificationSettings"]; given {
		if !json.Valid([]byte(settings)) {
			return &Error{http.StatusBadRequest, "InvalidNotificationSettings", "SyncNotificationSettings is not a JSON object."}
		}
	}
	if pairs["SecretToken"] != "" && pairs["Oauth2ClientId"]+pairs["Oauth2ClientSecret"] != "" {
		if t.options.SecretsMixed {
			return nil // accepted and silently ignored
		}
		return &Error{http.StatusInternalServerError, "InternalError", "The credentials of two ways to authenticate are mixed."}
	}
	_, scope := pairs["SyncAll"]
	_, notifications := pairs["SyncNotificationSettings"]
	if !t.options.SecretsWithoutSettings && (!scope || !notifications) {
		return nil // accepted and silently ignored
	}
	stored := map[string]string{}
	if !t.options.SecretsReplace {
		maps.Copy(stored, t.secrets[rec.id])
	}
	for key, value := range pairs {
		if value == "" {
			delete(stored, key)
		} else {
			stored[key] = value
		}
	}
	if err := t.checkSize(stored); err != nil {
		return err
	}
	t.secrets[rec.id] = stored
	return nil
}

func (t *Tenant) checkSize(stored map[string]string) error {
	limit := t.options.SecretsLimit
	if limit == 0 {
		limit = 1024
	}
	size := 0
	for key, value := range stored {
		size += len(key) + len(value)
	}
	if limit < 0 || size <= limit {
		return nil
	}
	return &Error{http.StatusBadRequest, "BadRequest", "Graph call failed with httpCode=BadRequest, errorCode=Request_InvalidPropertyValue, " +
		"errorMessage=Size of input ExternalSecret data is invalid. Parameter name: data"}
}

// Settings reads the stored secrets of a service principal into the engine's types.
func (t *Tenant) Settings(principal string) (engine.Settings, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return engine.Settings{}, err
	}
	return ReadSettings(t.secrets[rec.id]), nil
}

// ReadSettings reads secrets into the engine's types.
func ReadSettings(stored map[string]string) engine.Settings {
	s := engine.Settings{
		BaseAddress: stored["BaseAddress"], Token: stored["SecretToken"],
		SyncAll:                 strings.EqualFold(stored["SyncAll"], "true"),
		SkipOutOfScopeDeletions: strings.EqualFold(stored["SkipOutOfScopeDeletions"], "true"),
		DeleteThreshold:         -1,
	}
	var notifications struct {
		DeleteThresholdEnabled bool
		DeleteThresholdValue   int
	}
	if json.Unmarshal([]byte(stored["SyncNotificationSettings"]), &notifications) == nil && notifications.DeleteThresholdEnabled {
		s.DeleteThreshold = notifications.DeleteThresholdValue
	}
	return s
}
