package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
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
	for name, c := range map[string]struct {
		changes []planChange
		want    []string
	}{
		"it changes":          {[]planChange{{Object: "User"}}, []string{"AttributeMapping staff is used by 12 ScimApps: a change of it comes to them in waves of 1, 5, 25 and then 125, and stops where one gets worse"}},
		"another one changes": {[]planChange{{Object: "Group"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			report := planReport{Changes: c.changes}
			report.waves(plannedApp{shared: []sharedMapping{users}})
			if d := cmp.Diff(c.want, report.Notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

func TestAPlanDeniesOnlyWhatItCanJudge(t *testing.T) {
	bySelector := gen.EntraTenant("contoso", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
		g.Namespaces = v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "docs"}}}
	}))
	unread := errors.New("forbidden")
	for name, c := range map[string]struct {
		app  plannedApp
		want string
	}{
		"no EntraTenant":               {plannedApp{}, "note: grants are not checked: no EntraTenant was read"},
		"a namespace of another label": {plannedApp{tenant: bySelector, namespace: grant.Namespace{Name: "docs"}}, "problem: spec.tenantRef.name: no grant of EntraTenant contoso names namespace docs"},
		"a namespace that was not read": {plannedApp{tenant: bySelector, namespace: grant.Namespace{Name: "docs"}, namespaceUnknown: unread},
			"note: grants are not checked: some of EntraTenant contoso name namespaces by their labels, and those of docs were not read (forbidden)"},
	} {
		t.Run(name, func(t *testing.T) {
			var report planReport
			c.app.app = *gen.ScimApp("wiki")
			report.holdAgainstGrants(c.app, nil, nil)
			var said []string
			for _, n := range report.Notes {
				said = append(said, "note: "+n)
			}
			for _, p := range report.Problems {
				said = append(said, "problem: "+p.Message)
			}
			if text := strings.Join(said, "\n"); !strings.Contains(text, c.want) || (len(report.Problems) > 0) != strings.HasPrefix(c.want, "problem") {
				t.Errorf("it says\n%s\nwant %q", text, c.want)
			}
		})
	}
}
