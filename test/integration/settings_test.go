package integration

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestSettingsReachEntra(t *testing.T) {
	threshold := int32(7)
	for name, test := range map[string]struct {
		change func(*v1alpha1.ScimAppSpec)
		want   func(settings map[string]any)
	}{
		"the samples": {func(*v1alpha1.ScimAppSpec) {}, func(map[string]any) {}},
		"compatibility RFC is a flag of the address": {
			func(s *v1alpha1.ScimAppSpec) { s.Compatibility = v1alpha1.CompatibilityRFC },
			func(s map[string]any) { s["BaseAddress"] = s["BaseAddress"].(string) + "/?aadOptscim062020" },
		},
		"another address for notifications": {
			func(s *v1alpha1.ScimAppSpec) { s.Provisioning.NotificationEmail = "other@contoso.com" },
			func(s map[string]any) { s["Recipients"] = "other@contoso.com" },
		},
		"no notifications": {
			func(s *v1alpha1.ScimAppSpec) { s.Provisioning.NotificationEmail = "" },
			func(s map[string]any) { s["Recipients"], s["Enabled"] = "", false },
		},
		"a threshold of deletions": {
			func(s *v1alpha1.ScimAppSpec) {
				s.Provisioning.AccidentalDeletions = &v1alpha1.AccidentalDeletions{Threshold: &threshold}
			},
			func(s map[string]any) { s["DeleteThresholdValue"] = 7.0 },
		},
		"no protection from deletions": {
			func(s *v1alpha1.ScimAppSpec) {
				s.Provisioning.AccidentalDeletions = &v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled}
			},
			func(s map[string]any) { s["DeleteThresholdEnabled"] = false },
		},
		"people out of scope are kept": {
			func(s *v1alpha1.ScimAppSpec) { s.Provisioning.OutOfScope = v1alpha1.OutOfScopeKeep },
			func(s map[string]any) { s["SkipOutOfScopeDeletions"] = "true" },
		},
		"everybody is in scope": {
			func(s *v1alpha1.ScimAppSpec) {
				s.Provisioning.Scope = v1alpha1.ScopeAll
				s.Roles = v1alpha1.RolesNone
			},
			func(s map[string]any) { s["SyncAll"] = "true" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := cluster.NewWorld(t)
			m := w.Manifests(t)
			m.Tenant.Spec.Grants[0].Scopes = []v1alpha1.ProvisioningScope{v1alpha1.ScopeAll}
			w.Apply(t, m)
			w.StartOperator(t, kit.Crash{})
			w.ExpectReady(t)
			w.ChangeApp(t, test.change)
			w.ExpectReady(t)

			want := map[string]any{
				"BaseAddress": fmt.Sprintf("http://wiki-scim.%s.svc:8080/scim/v2", w.Namespace), "SecretToken": "*",
				"SyncAll": "false", "SkipOutOfScopeDeletions": "false",
				"Enabled": true, "Recipients": "iam@contoso.com", "HumanResourcesLookaheadQueryEnabled": false,
				"DeleteThresholdEnabled": true, "DeleteThresholdValue": 500.0,
			}
			test.want(want)
			if diff := cmp.Diff(want, settings(t, w)); diff != "" {
				t.Errorf("Entra's settings (-want +got):\n%s", diff)
			}
			cycleWithoutPhoenix(t, w)
		})
	}
}

// settings reads the secrets in the simulator, with the notification settings unpacked.
func settings(t *testing.T, w *kit.World) map[string]any {
	t.Helper()
	pairs, err := w.Sim.Tenant().Secrets(w.Job(t).ServicePrincipalID)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for _, pair := range pairs {
		key, value := pair["key"].(string), pair["value"].(string)
		switch key {
		case "SyncNotificationSettings":
			if err := json.Unmarshal([]byte(value), &out); err != nil {
				t.Fatal(err)
			}
		case "SyncAll", "SkipOutOfScopeDeletions":
			out[key] = strings.ToLower(value)
		default:
			out[key] = value
		}
	}
	return out
}

// cycleWithoutPhoenix runs a cycle with everybody in scope: two groups of the sample directory have one name, of which the
// endpoint takes one.
func cycleWithoutPhoenix(t *testing.T, w *kit.World) {
	t.Helper()
	report, err := w.Sim.RunCycle(t.Context(), w.Job(t).ID)
	if err != nil || report.Error != nil || slices.ContainsFunc(report.Failures, func(f entrasim.CycleFailure) bool {
		return f.DisplayName != "Project Phoenix"
	}) {
		t.Errorf("the cycle: %+v (%v)", report, err)
	}
}
