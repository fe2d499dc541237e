package manifest

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// Desired is what a ScimApp with these mappings asks for.
func Desired(app *v1alpha1.ScimApp, mappings []mapping.Mapping) mapping.Desired {
	return mapping.Desired{
		Mappings: mappings,
		Roles:    Roles(app),
		ScopeAll: scopeAll(app),
		Managed:  app.Spec.Endpoint == nil || app.Spec.Endpoint.External == nil,
	}
}

// Roles is how app roles are mapped: as declared, else Assertive where there are roles and everybody is assigned.
func Roles(app *v1alpha1.ScimApp) mapping.Roles {
	switch {
	case app.Spec.Roles != "":
		return mapping.Roles(app.Spec.Roles)
	case app.Spec.Application != nil && len(app.Spec.Application.AppRoles) > 0 && !scopeAll(app):
		return mapping.RolesAssertive
	default:
		return mapping.RolesNone
	}
}

func scopeAll(app *v1alpha1.ScimApp) bool {
	return app.Spec.Provisioning != nil && app.Spec.Provisioning.Scope == v1alpha1.ScopeAll
}
