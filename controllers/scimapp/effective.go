package scimapp

import (
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// The defaults of the spec live here, and nowhere in the CRD: a defaulted field would be a difference to Git.

const defaultInterval = time.Hour

const minInterval = time.Minute

func interval(app *v1alpha1.ScimApp) time.Duration {
	if app.Spec.Interval == nil {
		return defaultInterval
	}
	d, err := time.ParseDuration(string(*app.Spec.Interval))
	if err != nil {
		return defaultInterval
	}
	return max(d, minInterval)
}

func driftPolicy(app *v1alpha1.ScimApp) v1alpha1.DriftPolicy {
	if app.Spec.DriftPolicy == "" {
		return v1alpha1.DriftCorrect
	}
	return app.Spec.DriftPolicy
}

func deletionPolicy(app *v1alpha1.ScimApp) v1alpha1.DeletionPolicy {
	if app.Spec.DeletionPolicy == "" {
		return v1alpha1.DeletionPolicyRetain
	}
	return app.Spec.DeletionPolicy
}

func external(app *v1alpha1.ScimApp) *v1alpha1.ExternalEndpoint {
	if app.Spec.Endpoint == nil {
		return nil
	}
	return app.Spec.Endpoint.External
}

func existingSecret(app *v1alpha1.ScimApp) *v1alpha1.LocalSecretKeyReference {
	if app.Spec.Authentication == nil {
		return nil
	}
	return app.Spec.Authentication.ExistingSecretRef
}
