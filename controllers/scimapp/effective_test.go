package scimapp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
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
	if d := cmp.Diff(v1alpha1.ApplicationSpec{DisplayName: "wiki", Visibility: v1alpha1.VisibilityHidden}, application(app)); d != "" {
		t.Errorf("application (-want +got):\n%s", d)
	}
	wantProvisioning := v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningRunning, Scope: v1alpha1.ScopeAssigned, OutOfScope: v1alpha1.OutOfScopeDisable}
	if d := cmp.Diff(wantProvisioning, provisioning(app)); d != "" {
		t.Errorf("provisioning (-want +got):\n%s", d)
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
		app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused, Scope: v1alpha1.ScopeAll, OutOfScope: v1alpha1.OutOfScopeKeep}
		app.Spec.Endpoint = &v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}}
		app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "s", Key: "k"}}
	})
	if deletionPolicy(app) != v1alpha1.DeletionPolicyDelete {
		t.Error("deletionPolicy was not taken")
	}
	if d := cmp.Diff(*app.Spec.Application, application(app)); d != "" {
		t.Errorf("application (-want +got):\n%s", d)
	}
	if d := cmp.Diff(*app.Spec.Provisioning, provisioning(app)); d != "" {
		t.Errorf("provisioning (-want +got):\n%s", d)
	}
	if external(app) == nil || existingSecret(app) == nil {
		t.Error("the external endpoint or the Secret was not taken")
	}
}

func TestDeletionThreshold(t *testing.T) {
	tests := map[string]struct {
		spec      *v1alpha1.AccidentalDeletions
		enabled   bool
		threshold int32
	}{
		"nothing is said":               {nil, true, 500},
		"nothing in particular":         {&v1alpha1.AccidentalDeletions{}, true, 500},
		"a threshold alone protects":    {&v1alpha1.AccidentalDeletions{Threshold: new(int32(50))}, true, 50},
		"protection is switched off":    {&v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled}, false, 500},
		"protection is said to be on":   {&v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionEnabled, Threshold: new(int32(1))}, true, 1},
		"off, with a threshold to keep": {&v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled, Threshold: new(int32(7))}, false, 7},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			enabled, threshold := deletionThreshold(v1alpha1.ProvisioningSpec{AccidentalDeletions: tc.spec})
			if enabled != tc.enabled || threshold != tc.threshold {
				t.Errorf("deletionThreshold = %t %d, want %t %d", enabled, threshold, tc.enabled, tc.threshold)
			}
		})
	}
}

func TestEndpointURL(t *testing.T) {
	public, custom := gen.EntraTenant("contoso"), gen.EntraTenant("lab", gen.WithCustomCloud("https://entra-sim.entra-sim.svc:8443", ""))
	exposed := v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{}, Exposure: &v1alpha1.Exposure{URL: "https://scim.wiki.example.com/scim/v2"}}
	tests := map[string]struct {
		app    *v1alpha1.ScimApp
		tenant *v1alpha1.EntraTenant
		want   string
	}{
		"an external endpoint is its own address": {
			gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}})), public, "https://wiki.example.com/scim/v2",
		},
		"an exposed one is where it is exposed":              {gen.ScimApp("wiki", gen.WithEndpoint(exposed)), public, "https://scim.wiki.example.com/scim/v2"},
		"exposure wins in a custom cloud too":                {gen.ScimApp("wiki", gen.WithEndpoint(exposed)), custom, "https://scim.wiki.example.com/scim/v2"},
		"a custom cloud may be inside the cluster":           {gen.ScimApp("wiki"), custom, "http://wiki-scim.docs.svc:8080/scim/v2"},
		"Microsoft's cloud never reaches inside the cluster": {gen.ScimApp("wiki"), public, ""},
		"a managed one without exposure has no address": {
			gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{}})), public, "",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := endpointURL(tc.app, tc.tenant); got != tc.want {
				t.Errorf("endpointURL = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWantedSettings(t *testing.T) {
	base := func(changes ...func(*v1alpha1.ScimApp)) *scope {
		return &scope{app: gen.ScimApp("wiki", changes...), endpointURL: "https://wiki.example.com/scim/v2", token: "t"}
	}
	tests := map[string]struct {
		scope *scope
		want  diff.Settings
	}{
		"the smallest manifest": {base(), diff.Settings{BaseAddress: "https://wiki.example.com/scim/v2", Token: "t", GuardDeletions: true, DeleteThreshold: 500}},
		"all settings": {
			base(func(app *v1alpha1.ScimApp) {
				app.Spec.Compatibility = v1alpha1.CompatibilityRFC
				app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{
					Scope: v1alpha1.ScopeAll, NotificationEmail: "iam@example.com", OutOfScope: v1alpha1.OutOfScopeKeep,
					AccidentalDeletions: &v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled, Threshold: new(int32(9))},
				}
			}),
			diff.Settings{
				BaseAddress: "https://wiki.example.com/scim/v2/?aadOptscim062020", Token: "t", SyncAll: true,
				NotificationEmail: "iam@example.com", DeleteThreshold: 9, KeepOutOfScope: true,
			},
		},
		"the compatibility that is Entra's own asks for nothing": {
			base(func(app *v1alpha1.ScimApp) { app.Spec.Compatibility = v1alpha1.CompatibilityDefault }),
			diff.Settings{BaseAddress: "https://wiki.example.com/scim/v2", Token: "t", GuardDeletions: true, DeleteThreshold: 500},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, wantedSettings(tc.scope)); d != "" {
				t.Errorf("settings (-want +got):\n%s", d)
			}
		})
	}
	t.Run("an address that ends in a slash gets no second one", func(t *testing.T) {
		s := base(func(app *v1alpha1.ScimApp) { app.Spec.Compatibility = v1alpha1.CompatibilityRFC })
		s.endpointURL += "/"
		if got := wantedSettings(s).BaseAddress; got != "https://wiki.example.com/scim/v2/?aadOptscim062020" {
			t.Errorf("address = %s", got)
		}
	})
}
