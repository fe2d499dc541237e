package graph

import (
	"context"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipalswithappid"

	"github.com/scim-operator/scim-operator/internal/entra"
)

var servicePrincipalFields = []string{"id", "appId", "displayName", "applicationTemplateId", "tags", "notes", "appRoles"}

// ServicePrincipal implements entra.Applications.
func (d *directory) ServicePrincipal(ctx context.Context, id string) (entra.ServicePrincipal, error) {
	found, err := get(ctx, d, opServicePrincipal, func(ctx context.Context) (models.ServicePrincipalable, error) {
		return d.servicePrincipals().ByServicePrincipalId(id).Get(ctx, &serviceprincipals.ServicePrincipalItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &serviceprincipals.ServicePrincipalItemRequestBuilderGetQueryParameters{Select: servicePrincipalFields},
		})
	})
	if err != nil {
		return entra.ServicePrincipal{}, err
	}
	return servicePrincipal(found), nil
}

// ServicePrincipalByAppID implements entra.Applications. It reads by the alternate key,
// because a $filter lags behind a creation.
func (d *directory) ServicePrincipalByAppID(ctx context.Context, appID string) (entra.ServicePrincipal, error) {
	found, err := get(ctx, d, opServicePrincipalByAppID, func(ctx context.Context) (models.ServicePrincipalable, error) {
		builder := serviceprincipalswithappid.NewServicePrincipalsWithAppIdRequestBuilderInternal(map[string]string{}, d.adapter, &appID)
		return builder.Get(ctx, &serviceprincipalswithappid.ServicePrincipalsWithAppIdRequestBuilderGetRequestConfiguration{
			QueryParameters: &serviceprincipalswithappid.ServicePrincipalsWithAppIdRequestBuilderGetQueryParameters{Select: servicePrincipalFields},
		})
	})
	if err != nil {
		return entra.ServicePrincipal{}, err
	}
	return servicePrincipal(found), nil
}

// UpdateServicePrincipal implements entra.Applications.
func (d *directory) UpdateServicePrincipal(ctx context.Context, id string, patch entra.ServicePrincipalPatch) error {
	body := models.NewServicePrincipal()
	if patch.DisplayName != nil {
		body.SetDisplayName(patch.DisplayName)
	}
	if patch.Notes != nil {
		body.SetNotes(patch.Notes)
	}
	if patch.Tags != nil {
		body.SetTags(patch.Tags)
	}
	return d.call(ctx, opUpdateServicePrincipal, func(ctx context.Context) error {
		_, err := d.servicePrincipals().ByServicePrincipalId(id).Patch(ctx, body, nil)
		return err
	})
}

func servicePrincipal(m models.ServicePrincipalable) entra.ServicePrincipal {
	return entra.ServicePrincipal{
		ID:          deref(m.GetId()),
		AppID:       deref(m.GetAppId()),
		DisplayName: deref(m.GetDisplayName()),
		TemplateID:  deref(m.GetApplicationTemplateId()),
		Tags:        m.GetTags(),
		Notes:       deref(m.GetNotes()),
		AppRoles:    convert(m.GetAppRoles(), appRole),
	}
}
