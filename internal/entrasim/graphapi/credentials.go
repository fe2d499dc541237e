package graphapi

import (
	"errors"
	"net/http"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// secretPair is Graph's synchronizationSecretKeyStringValuePair.
type secretPair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func getSecrets(c *call) error {
	secrets, err := c.api.tenant.Secrets(c.param("id"))
	if err != nil {
		return err
	}
	return c.list(syncObjects, c.syncContext("secrets"), secrets)
}

func putSecrets(c *call) error {
	var in struct{ Value []secretPair }
	if err := c.body(&in); err != nil {
		return err
	}
	pairs, err := pairs(in.Value)
	if err != nil {
		return err
	}
	if err := c.api.tenant.PutSecrets(c.param("id"), pairs); err != nil {
		return err
	}
	return c.noContent()
}

func pairs(list []secretPair) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range list {
		if err := tenant.CheckSecretKey(p.Key); err != nil {
			return nil, err
		}
		if _, twice := out[p.Key]; twice {
			return nil, tenant.BadRequest("The key '%s' is given more than once.", p.Key)
		}
		out[p.Key] = p.Value
	}
	return out, nil
}

// validateCredentials asks the SCIM endpoint, with the credentials of the request or the saved ones. It serves both paths:
// before there is a job, and of a job.
func validateCredentials(c *call) error {
	var in struct {
		UseSavedCredentials bool
		TemplateID          string
		Credentials         []secretPair
	}
	if err := c.body(&in); err != nil {
		return err
	}
	schema := c.api.tenant.TemplateSchema(tenant.TemplateSCIM)
	if job := c.param("job"); job != "" {
		var err error
		if schema, err = c.api.tenant.Schema(c.param("id"), job); err != nil {
			return err
		}
	} else if in.TemplateID != tenant.TemplateSCIM && in.TemplateID != tenant.TemplateLegacy {
		return &tenant.Error{Status: http.StatusBadRequest, Code: "RequestMissingRequiredParameter",
			Message: "The parameter 'templateId' is missing or names no template."}
	}
	settings, err := c.api.tenant.Settings(c.param("id"))
	if err != nil {
		return err
	}
	if !in.UseSavedCredentials {
		given, err := pairs(in.Credentials)
		if err != nil {
			return err
		}
		if err := checkGrant(given); err != nil {
			return err
		}
		settings = tenant.ReadSettings(given)
	}
	if settings.BaseAddress == "" {
		return missingAddress(in.UseSavedCredentials)
	}
	typed, err := syncschema.Parse(schema)
	if err != nil {
		return err
	}
	if err := engine.Probe(c.Context(), settings, typed, c.api.probe); err != nil {
		return refusedCredentials(err)
	}
	return c.noContent()
}

// checkGrant refuses credentials of OAuth that are not complete.
func checkGrant(given map[string]string) error {
	parts := []string{"Oauth2ClientId", "Oauth2ClientSecret", "Oauth2TokenExchangeUri"}
	missing := slices.ContainsFunc(parts, func(key string) bool { return given[key] == "" })
	wanted := slices.ContainsFunc(append(parts, "AuthenticationType"), func(key string) bool { return given[key] != "" })
	if wanted && missing {
		return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "Supported CredentialLocationInRequest is required."}
	}
	return nil
}

// acquireAccessToken is for applications of the gallery that use OAuth, which the non-gallery one is not. The words of the
// refusal are not published: unconfirmed(acquire-access-token).
func acquireAccessToken(c *call) error {
	var in struct{ Credentials []secretPair }
	if err := c.body(&in); err != nil {
		return err
	}
	if _, err := pairs(in.Credentials); err != nil {
		return err
	}
	if _, _, err := c.api.tenant.Provisionable(c.param("id")); err != nil {
		return err
	}
	return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "The application does not support OAuth."}
}

// missingAddress: which code saved credentials that are not there have is not published:
// unconfirmed(saved-credentials-missing).
func missingAddress(saved bool) error {
	if saved {
		return &tenant.Error{Status: http.StatusBadRequest, Code: "CredentialsMissing", Message: "No credentials are saved."}
	}
	return &tenant.Error{Status: http.StatusBadRequest, Code: "RequestMissingRequiredParameter",
		Message: "The required parameter 'BaseAddress' is missing."}
}

// refusedCredentials words a failed probe as validateCredentials does.
func refusedCredentials(err error) error {
	var probe *engine.ProbeError
	if !errors.As(err, &probe) {
		return err
	}
	code := "CredentialValidationUnavailable"
	if probe.Status == http.StatusUnauthorized || probe.Status == http.StatusForbidden ||
		probe.Status == http.StatusNotFound || probe.Status == http.StatusNotImplemented || probe.Status == http.StatusOK {
		code = "InvalidCredentials"
	}
	return &tenant.Error{Status: http.StatusBadRequest, Code: code, Message: probe.Code + ": " + probe.Message}
}
