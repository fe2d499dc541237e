package cli

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// find gives the object ID of a ScimApp's enterprise application; empty where the operator has not made one yet.
func (o *planOptions) find(ctx context.Context, d entra.Directory, app plannedApp) (string, error) {
	if o.servicePrincipal != "" {
		return o.servicePrincipal, nil
	}
	if spec := app.app.Spec.Application; spec != nil && spec.ServicePrincipalID != "" {
		return string(spec.ServicePrincipalID), nil
	}
	if st := app.app.Status.Application; st != nil && st.ServicePrincipalID != "" {
		return st.ServicePrincipalID, nil
	}
	if provisioning.Adopts(&app.app) {
		return "", fmt.Errorf("ScimApp %s: spec.application.servicePrincipalID is required with creationPolicy AdoptOnly", app.name())
	}
	if app.tenant == nil {
		return "", fmt.Errorf("ScimApp %s does not say which application is its own, and no EntraTenant was read that would tell its mark; name it with --service-principal", app.name())
	}
	tag := mark.Of(app.tenant.Spec.Instance, app.app.Namespace, app.app.Name)
	marked, err := d.ApplicationsByTag(ctx, tag)
	if err == nil && len(marked) == 0 { // a deleted ScimApp of this name may have left one
		marked, err = d.ApplicationsByTag(ctx, mark.Kept(app.tenant.Spec.Instance, app.app.Namespace, app.app.Name))
	}
	if err != nil {
		return "", err
	}
	switch len(marked) {
	case 0:
		return "", nil
	case 1:
	default:
		return "", fmt.Errorf("%d applications of the directory carry the mark %q of ScimApp %s; name the right one with --service-principal", len(marked), tag, app.name())
	}
	principal, err := d.ServicePrincipalByAppID(ctx, marked[0].AppID)
	return principal.ID, err
}
