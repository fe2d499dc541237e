package cli

import (
	"errors"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/principals"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestAPlanDeniesOnlyWhatItCanJudge(t *testing.T) {
	bySelector := gen.EntraTenant("contoso", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
		g.Namespaces = v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "docs"}}}
	}))
	byName := gen.EntraTenant("contoso", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Namespaces = v1alpha1.NamespaceSelection{Names: []string{"docs"}} }))
	denying := gen.EntraTenant("contoso", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Namespaces = v1alpha1.NamespaceSelection{Names: []string{"docs"}} }),
		gen.WithGrant("labelled", func(g *v1alpha1.Grant) {
			g.Namespaces, g.SourceAttributes = bySelector.Spec.Grants[0].Namespaces, &v1alpha1.SourceAttributeGrant{Deny: []string{"mail"}}
		}))
	unread := errors.New("forbidden")
	for name, c := range map[string]struct {
		app   plannedApp
		image string
		want  string
	}{
		"no EntraTenant":               {plannedApp{}, "", "note: grants are not checked: no EntraTenant was read"},
		"a namespace of another label": {plannedApp{tenant: bySelector, namespace: grant.Namespace{Name: "docs"}}, "", "problem: spec.tenantRef.name: no grant of EntraTenant contoso names namespace docs"},
		"a namespace that was not read": {plannedApp{tenant: bySelector, namespace: grant.Namespace{Name: "docs"}, namespaceUnknown: unread}, "",
			"note: grants are not checked: some of EntraTenant contoso name namespaces by their labels, and those of docs were not read (forbidden)"},
		"an attribute that a grant by label may deny": {plannedApp{tenant: denying, namespace: grant.Namespace{Name: "docs"}, namespaceUnknown: unread}, "",
			"note: grants are not checked: some of EntraTenant contoso name namespaces by their labels"},
		"the flags' cloud is not the tenant's": {plannedApp{tenant: byName, namespace: grant.Namespace{Name: "docs"}, connection: entra.Connection{Cloud: entra.CloudCustom}}, "", ""},
		"an image that may be the operator's own": {plannedApp{tenant: byName, namespace: grant.Namespace{Name: "docs"}}, "registry.example.com/scim:v1",
			"The operator's own image needs no grant, and which that is only the operator knows"},
	} {
		t.Run(name, func(t *testing.T) {
			var report planReport
			c.app.app = *gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
				if c.image != "" {
					app.Spec.Endpoint = &v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{Image: c.image}}
				}
			})
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

// Of the manifest is only what the manifest can mend: a permission that the caller lacks says nothing of it.
func TestWhatTheCallerMayNotReadIsNoFaultOfTheManifest(t *testing.T) {
	entry := v1alpha1.Assignment{Name: "editors", Group: &v1alpha1.GroupReference{DisplayName: "Editors"}}
	for reason, fails := range map[string]bool{v1alpha1.ReasonPrincipalNotFound: false, v1alpha1.ReasonPrincipalAmbiguous: false, entra.ReasonPermissionMissing: true} {
		err := unjudged([]principals.Principal{{Assignment: entry}, {Assignment: entry, Problem: fault.NewTerminal(reason, errors.New("why"))}})
		if (err != nil) != fails || fails && err.Error() != "resolving spec.assignments[editors]: why" {
			t.Errorf("%s: error %v", reason, err)
		}
	}
}

func TestNobodyLosesAccessByAMisspeltEntry(t *testing.T) {
	held := entra.Assignment{ID: "1", PrincipalID: "g-1", PrincipalKind: entra.PrincipalGroup, AppRoleID: "role"}
	released := entra.Assignment{ID: "2", PrincipalID: "g-2", PrincipalKind: entra.PrincipalGroup, AppRoleID: "role"}
	a := access{live: []entra.Assignment{held, released}, troubled: []principals.Principal{{Assignment: v1alpha1.Assignment{Name: "readers"}, Problem: errors.New("misspelt")}}}
	plan := a.plan([]v1alpha1.AssignmentStatus{{Name: "readers", PrincipalID: "g-1", AppRoleID: "role"}, {Name: "editors", PrincipalID: "g-2", AppRoleID: "role"}})
	if len(plan.Delete) != 1 || plan.Delete[0].ID != released.ID {
		t.Errorf("deleted would be %+v, want the one that is not declared any more", plan.Delete)
	}
}

func TestAnAdoptingScimAppNamesItsApplication(t *testing.T) {
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Spec.Application = &v1alpha1.ApplicationSpec{CreationPolicy: v1alpha1.CreationAdoptOnly}
	})
	if _, err := new(planOptions).find(t.Context(), nil, plannedApp{app: *app, tenant: gen.EntraTenant("contoso")}); err == nil || !strings.Contains(err.Error(), "spec.application.servicePrincipalID is required") {
		t.Errorf("error %v, want that the application has to be named", err)
	}
}
