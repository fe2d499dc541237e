package graph

import (
	"context"
	"maps"
	"slices"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// secretPair is a Graph synchronizationSecretKeyStringValuePair.
type secretPair struct {
	Key   entra.SecretKey `json:"key"`
	Value string          `json:"value"`
}

// pairs gives the set in a stable order.
func pairs(secrets entra.Secrets) []secretPair {
	out := make([]secretPair, 0, len(secrets))
	for _, key := range slices.Sorted(maps.Keys(secrets)) {
		out = append(out, secretPair{key, secrets[key]})
	}
	return out
}

// Secrets implements entra.Provisioning. The SDK has no GET for them.
func (d *directory) Secrets(ctx context.Context, servicePrincipalID string) (entra.Secrets, error) {
	found, err := rawList[secretPair](ctx, d, rawRequest{
		op: opSecrets, method: abstractions.GET, template: secretsTemplate, path: map[string]string{"sp": servicePrincipalID},
	})
	if err != nil {
		return nil, err
	}
	secrets := entra.Secrets{}
	for _, p := range found {
		secrets[p.Key] = p.Value
	}
	return secrets, nil
}

// PutSecrets implements entra.Provisioning.
func (d *directory) PutSecrets(ctx context.Context, servicePrincipalID string, secrets entra.Secrets) error {
	_, err := d.raw(ctx, rawRequest{
		op: opPutSecrets.hiding(secrets[entra.SecretToken]), method: abstractions.PUT, template: secretsTemplate,
		path: map[string]string{"sp": servicePrincipalID}, body: map[string]any{"value": pairs(secrets)},
	})
	return err
}

// ValidateCredentials implements entra.Provisioning.
func (d *directory) ValidateCredentials(ctx context.Context, ref entra.JobRef, secrets entra.Secrets) error {
	_, err := d.raw(ctx, rawRequest{
		op: opValidate.hiding(secrets[entra.SecretToken]), method: abstractions.POST, template: validateTemplate,
		path: jobPath(ref), body: map[string]any{"credentials": pairs(secrets)},
	})
	return err
}

// ValidateSavedCredentials implements entra.Provisioning.
func (d *directory) ValidateSavedCredentials(ctx context.Context, ref entra.JobRef) error {
	_, err := d.raw(ctx, rawRequest{
		op: opValidateSaved, method: abstractions.POST, template: validateTemplate,
		path: jobPath(ref), body: map[string]any{"useSavedCredentials": true},
	})
	return err
}
