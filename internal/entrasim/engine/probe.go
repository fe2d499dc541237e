package engine

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// ProbeError is why the endpoint or its credentials were found wanting.
type ProbeError struct {
	Status  int // what the endpoint answered; 0: nothing
	Code    string
	Message string
}

func (e *ProbeError) Error() string { return e.Code + ": " + e.Message }

// Probe asks the endpoint for a user and for a group that cannot exist, by their matching attributes. It is what
// validateCredentials does, and what every cycle begins with.
func Probe(ctx context.Context, settings Settings, schema *syncschema.Schema, client *http.Client) error {
	e, err := newEndpoint(settings, client)
	if err != nil {
		return probeError(err)
	}
	for _, object := range []struct{ source, resource, fallback string }{
		{syncschema.UserSource, "Users", "userName"}, {syncschema.GroupSource, "Groups", "displayName"},
	} {
		attribute := object.fallback
		if mapping, _ := schema.Mapping(object.source); mapping != nil {
			if matching := matchingMappings(mapping); len(matching) > 0 {
				attribute = matching[0].TargetAttributeName
			}
		}
		found, err := e.search(ctx, object.resource, attribute, uuid.NewString())
		if err != nil {
			return probeError(err)
		}
		if len(found) > 0 {
			return &ProbeError{Status: http.StatusOK, Code: codePrefix + "ServiceIncompatible", Message: "GET /" + object.resource +
				" answered with resources to a filter on a random value: the endpoint does not evaluate filters."}
		}
	}
	return nil
}

func probeError(err error) error {
	var refused *scimError
	if !errors.As(err, &refused) {
		return &ProbeError{Code: codePrefix + "CredentialValidationUnavailable", Message: err.Error()}
	}
	p := &ProbeError{Status: refused.Status, Code: refused.Code, Message: refused.Message}
	switch {
	case refused.Status == 0 && refused.Code != codePrefix+"InvalidCredentials":
		p.Code = codePrefix + "CredentialValidationUnavailable"
		p.Message = "Unable to connect to remote server. " + refused.Message
	case refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden:
		p.Code = codePrefix + "CredentialValidationFailure"
	case refused.Status == http.StatusNotFound || refused.Status == http.StatusNotImplemented || refused.Status == http.StatusOK:
		p.Code = codePrefix + "ServiceIncompatible"
	}
	return p
}
