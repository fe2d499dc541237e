package provisioning

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// ApplicationSpec is spec.application with its defaults.
func ApplicationSpec(app *v1alpha1.ScimApp) v1alpha1.ApplicationSpec {
	var spec v1alpha1.ApplicationSpec
	if app.Spec.Application != nil {
		spec = *app.Spec.Application
	}
	if spec.DisplayName == "" {
		spec.DisplayName = app.Name
	}
	if spec.Visibility == "" {
		spec.Visibility = v1alpha1.VisibilityHidden
	}
	return spec
}

// Application is how the enterprise application should be. Of one that is taken up, live as it is, the name and the tile stay
// where the manifest does not say how they should be.
func Application(app *v1alpha1.ScimApp, marker string, live entra.ServicePrincipal) diff.Application {
	spec := ApplicationSpec(app)
	want := diff.Application{
		DisplayName: spec.DisplayName, Notes: spec.Notes, ServiceManagementReference: spec.ServiceManagementReference,
		Marker: marker, Hidden: spec.Visibility == v1alpha1.VisibilityHidden,
	}
	if Adopts(app) {
		want.DisplayName = app.Spec.Application.DisplayName
		if app.Spec.Application.Visibility == "" {
			want.Hidden = diff.Hidden(live)
		}
	}
	for _, role := range spec.AppRoles {
		description := role.Description
		if description == "" {
			description = role.DisplayName
		}
		want.Roles = append(want.Roles, diff.Role{Value: role.Value, DisplayName: role.DisplayName, Description: description})
	}
	return want
}
