package scimapp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/provisioning"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestInterval(t *testing.T) {
	tests := map[string]struct {
		spec *v1alpha1.Duration
		want time.Duration
	}{
		"nothing is said":                       {nil, time.Hour},
		"a plain one":                           {new(v1alpha1.Duration("30m")), 30 * time.Minute},
		"parts":                                 {new(v1alpha1.Duration("1h30m")), 90 * time.Minute},
		"a fraction":                            {new(v1alpha1.Duration("1.5h")), 90 * time.Minute},
		"one below the minimum is the minimum":  {new(v1alpha1.Duration("1s")), time.Minute},
		"what the CRD refuses is as not said":   {new(v1alpha1.Duration("often")), time.Hour},
		"what is too long for a clock likewise": {new(v1alpha1.Duration("99999999999999h")), time.Hour},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) { app.Spec.Interval = tc.spec })
			if got := interval(app); got != tc.want {
				t.Errorf("interval = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestDefaultsOfTheSmallestManifest(t *testing.T) {
	app := gen.ScimApp("wiki")
	before := app.DeepCopy()
	if d := cmp.Diff(v1alpha1.ApplicationSpec{DisplayName: "wiki", Visibility: v1alpha1.VisibilityHidden}, provisioning.ApplicationSpec(app)); d != "" {
		t.Errorf("application (-want +got):\n%s", d)
	}
	if got := deletionPolicy(app); got != v1alpha1.DeletionPolicyRetain {
		t.Errorf("deletionPolicy = %s, want Retain", got)
	}
	if external(app) != nil || existingSecret(app) != nil {
		t.Error("an external endpoint or a Secret of the user's came from nowhere")
	}
	if d := cmp.Diff(before, app); d != "" {
		t.Errorf("the manifest was changed, so a GitOps tool would see a difference:\n%s", d)
	}
}

func TestWhatIsSaidWinsOverDefaults(t *testing.T) {
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete
		app.Spec.Application = &v1alpha1.ApplicationSpec{DisplayName: "Wiki", Visibility: v1alpha1.VisibilityVisible}
		app.Spec.Endpoint = &v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}}
		app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "s", Key: "k"}}
	})
	if deletionPolicy(app) != v1alpha1.DeletionPolicyDelete {
		t.Error("deletionPolicy was not taken")
	}
	if d := cmp.Diff(*app.Spec.Application, provisioning.ApplicationSpec(app)); d != "" {
		t.Errorf("application (-want +got):\n%s", d)
	}
	if external(app) == nil || existingSecret(app) == nil {
		t.Error("the external endpoint or the Secret was not taken")
	}
}
