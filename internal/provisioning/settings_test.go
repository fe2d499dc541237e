package provisioning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/provisioning"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestSpec(t *testing.T) {
	defaults := v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningRunning, Scope: v1alpha1.ScopeAssigned, OutOfScope: v1alpha1.OutOfScopeDisable}
	if d := cmp.Diff(defaults, provisioning.Spec(gen.ScimApp("wiki"))); d != "" {
		t.Errorf("the smallest manifest (-want +got):\n%s", d)
	}
	said := v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused, Scope: v1alpha1.ScopeAll, OutOfScope: v1alpha1.OutOfScopeKeep}
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) { app.Spec.Provisioning = said.DeepCopy() })
	if d := cmp.Diff(said, provisioning.Spec(app)); d != "" {
		t.Errorf("what is said (-want +got):\n%s", d)
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
			enabled, threshold := provisioning.DeletionThreshold(v1alpha1.ProvisioningSpec{AccidentalDeletions: tc.spec})
			if enabled != tc.enabled || threshold != tc.threshold {
				t.Errorf("DeletionThreshold = %t %d, want %t %d", enabled, threshold, tc.enabled, tc.threshold)
			}
		})
	}
}

func TestAddress(t *testing.T) {
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
			if got := provisioning.Address(tc.app, entra.Cloud(tc.tenant.Spec.Cloud)); got != tc.want {
				t.Errorf("Address = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	const address = "https://wiki.example.com/scim/v2"
	base := func(changes ...func(*v1alpha1.ScimApp)) *v1alpha1.ScimApp { return gen.ScimApp("wiki", changes...) }
	tests := map[string]struct {
		app  *v1alpha1.ScimApp
		want diff.Settings
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
			if d := cmp.Diff(tc.want, provisioning.Settings(tc.app, address, "t")); d != "" {
				t.Errorf("settings (-want +got):\n%s", d)
			}
		})
	}
	t.Run("an address that ends in a slash gets no second one", func(t *testing.T) {
		app := base(func(app *v1alpha1.ScimApp) { app.Spec.Compatibility = v1alpha1.CompatibilityRFC })
		if got := provisioning.Settings(app, address+"/", "t").BaseAddress; got != "https://wiki.example.com/scim/v2/?aadOptscim062020" {
			t.Errorf("address = %s", got)
		}
	})
}
