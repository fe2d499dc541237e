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

func TestApplication(t *testing.T) {
	const mark = "scim-operator/test/docs/wiki"
	app := gen.ScimApp("wiki")
	app.Spec.Application = &v1alpha1.ApplicationSpec{
		DisplayName: "Wiki", Visibility: v1alpha1.VisibilityVisible, Notes: "n", ServiceManagementReference: "42",
		AppRoles: []v1alpha1.AppRole{{Value: "editor", DisplayName: "Editor"}, {Value: "reader", DisplayName: "Reader", Description: "May read"}},
	}
	want := diff.Application{
		DisplayName: "Wiki", Notes: "n", ServiceManagementReference: "42", Marker: mark,
		Roles: []diff.Role{{Value: "editor", DisplayName: "Editor", Description: "Editor"}, {Value: "reader", DisplayName: "Reader", Description: "May read"}},
	}
	if d := cmp.Diff(want, provisioning.Application(app, mark, entra.ServicePrincipal{})); d != "" {
		t.Errorf("application (-want +got):\n%s", d)
	}
	app.Spec.Application = nil
	if d := cmp.Diff(diff.Application{DisplayName: "wiki", Hidden: true, Marker: mark}, provisioning.Application(app, mark, entra.ServicePrincipal{})); d != "" {
		t.Errorf("application of the smallest manifest (-want +got):\n%s", d)
	}
}

func TestAnApplicationThatIsTakenUpKeepsWhatTheManifestDoesNotSay(t *testing.T) {
	adopted := func(spec v1alpha1.ApplicationSpec) *v1alpha1.ScimApp {
		spec.CreationPolicy = v1alpha1.CreationAdoptOnly
		return gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) { app.Spec.Application = &spec })
	}
	hidden := entra.ServicePrincipal{Tags: []string{"HideApp"}}
	for name, test := range map[string]struct {
		app  *v1alpha1.ScimApp
		live entra.ServicePrincipal
		want diff.Application
	}{
		"a tile that is there":       {adopted(v1alpha1.ApplicationSpec{}), entra.ServicePrincipal{}, diff.Application{}},
		"a tile that is hidden":      {adopted(v1alpha1.ApplicationSpec{}), hidden, diff.Application{Hidden: true}},
		"what the manifest does say": {adopted(v1alpha1.ApplicationSpec{DisplayName: "Wiki", Visibility: v1alpha1.VisibilityVisible}), hidden, diff.Application{DisplayName: "Wiki"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, provisioning.Application(test.app, "", test.live)); d != "" {
				t.Errorf("application (-want +got):\n%s", d)
			}
		})
	}
}
