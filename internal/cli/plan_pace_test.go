package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestAPlanWarnsOfRemovalsThatEntraHoldsBack(t *testing.T) {
	threshold := func(n int32) *v1alpha1.AccidentalDeletions { return &v1alpha1.AccidentalDeletions{Threshold: &n} }
	for name, c := range map[string]struct {
		guard   *v1alpha1.AccidentalDeletions
		removed int
		warns   string
	}{
		"as many as the threshold":          {threshold(5), 5, ""},
		"more than the threshold":           {threshold(5), 6, "6 people fall out of scope, more than spec.provisioning.accidentalDeletions.threshold (5)"},
		"more than Entra's own":             {nil, 501, "(500)"},
		"more, and nothing holds them back": {&v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled}, 501, ""},
	} {
		t.Run(name, func(t *testing.T) {
			app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
				app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{AccidentalDeletions: c.guard}
			})
			report := newPlanReport(plannedApp{app: *app}, provisioned{})
			report.People = &peopleReport{Removed: c.removed}
			report.guardDeletions(plannedApp{app: *app})
			if warns := strings.Join(report.Warnings, "; "); (warns == "") != (c.warns == "") || !strings.Contains(warns, c.warns) {
				t.Errorf("warnings %q, want %q", warns, c.warns)
			}
		})
	}
}

func TestAPlanSaysThatASharedMappingComesInWaves(t *testing.T) {
	users := sharedMapping{mapping.Mapping{Ref: mapping.Ref{Name: "staff"}, Object: mapping.User}, 12}
	ran := entra.Job{Entries: map[string]int64{"User": 1}}
	for name, c := range map[string]struct {
		changes []planChange
		job     entra.Job
		want    []string
	}{
		"it changes":          {[]planChange{{Object: "User"}}, ran, []string{"AttributeMapping staff is used by 12 ScimApps: a change of it comes to them in waves of 1, 5, 25 and then 125, and stops where one gets worse"}},
		"another one changes": {[]planChange{{Object: "Group"}}, ran, nil},
		"the job never ran":   {[]planChange{{Object: "User"}}, entra.Job{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			report := planReport{Changes: c.changes}
			report.waves(plannedApp{shared: []sharedMapping{users}}, provisioned{job: c.job})
			if d := cmp.Diff(c.want, report.Notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}
