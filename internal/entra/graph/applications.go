package graph

import (
	"context"
	"errors"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/applications"
	"github.com/microsoftgraph/msgraph-sdk-go/applicationswithappid"
	"github.com/microsoftgraph/msgraph-sdk-go/applicationtemplates"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// applicationFields are what is read of an application: without $select Graph sends
// some fifty more.
var applicationFields = []string{"id", "appId", "displayName", "applicationTemplateId", "tags", "notes", "serviceManagementReference", "appRoles", "createdDateTime"}

// InstantiateApplication implements entra.Applications.
func (d *directory) InstantiateApplication(ctx context.Context, in entra.NewApplication) (entra.Enterprise, error) {
	body := applicationtemplates.NewItemInstantiatePostRequestBody()
	body.SetDisplayName(&in.DisplayName)
	if in.ServiceManagementReference != "" {
		body.SetServiceManagementReference(&in.ServiceManagementReference)
	}
	pair, err := get(ctx, d, opInstantiate, func(ctx context.Context) (models.ApplicationServicePrincipalable, error) {
		pair, err := d.templates().ByApplicationTemplateId(d.endpoints.template).Instantiate().Post(ctx, body, nil)
		if err == nil && pair != nil && (pair.GetApplication() == nil || pair.GetServicePrincipal() == nil) {
			err = errors.New("the answer lacks the application or the service principal")
		}
		return pair, err
	})
	if err != nil {
		return entra.Enterprise{}, err
	}
	return entra.Enterprise{Application: application(pair.GetApplication()), ServicePrincipal: servicePrincipal(pair.GetServicePrincipal())}, nil
}

// ApplicationsByDisplayName implements entra.Applications.
func (d *directory) ApplicationsByDisplayName(ctx context.Context, name string) ([]entra.Application, error) {
	return d.findApplications(ctx, opApplicationsByName, "displayName eq "+quote(name))
}

// ApplicationsByTag implements entra.Applications.
func (d *directory) ApplicationsByTag(ctx context.Context, tag string) ([]entra.Application, error) {
	return d.findApplications(ctx, opApplicationsByTag, "tags/any(t:t eq "+quote(tag)+")")
}

func (d *directory) findApplications(ctx context.Context, op operation, filter string) ([]entra.Application, error) {
	found, err := list(ctx, d, op,
		func(ctx context.Context) (models.ApplicationCollectionResponseable, error) {
			return d.applications().Get(ctx, &applications.ApplicationsRequestBuilderGetRequestConfiguration{
				QueryParameters: &applications.ApplicationsRequestBuilderGetQueryParameters{Filter: &filter, Select: applicationFields},
			})
		},
		func(ctx context.Context, url string) (models.ApplicationCollectionResponseable, error) {
			return d.applications().WithUrl(url).Get(ctx, nil)
		})
	return convert(found, application), err
}

// Application implements entra.Applications.
func (d *directory) Application(ctx context.Context, id string) (entra.Application, error) {
	found, err := get(ctx, d, opApplication, func(ctx context.Context) (models.Applicationable, error) {
		return d.applications().ByApplicationId(id).Get(ctx, &applications.ApplicationItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &applications.ApplicationItemRequestBuilderGetQueryParameters{Select: applicationFields},
		})
	})
	if err != nil {
		return entra.Application{}, err
	}
	return application(found), nil
}

// ApplicationByAppID implements entra.Applications.
func (d *directory) ApplicationByAppID(ctx context.Context, appID string) (entra.Application, error) {
	found, err := get(ctx, d, opApplicationByAppID, func(ctx context.Context) (models.Applicationable, error) {
		builder := applicationswithappid.NewApplicationsWithAppIdRequestBuilderInternal(map[string]string{}, d.adapter, &appID)
		return builder.Get(ctx, &applicationswithappid.ApplicationsWithAppIdRequestBuilderGetRequestConfiguration{
			QueryParameters: &applicationswithappid.ApplicationsWithAppIdRequestBuilderGetQueryParameters{Select: applicationFields},
		})
	})
	if err != nil {
		return entra.Application{}, err
	}
	return application(found), nil
}

// UpdateApplication implements entra.Applications.
func (d *directory) UpdateApplication(ctx context.Context, id string, patch entra.ApplicationPatch) error {
	body := models.NewApplication()
	if patch.DisplayName != nil {
		body.SetDisplayName(patch.DisplayName)
	}
	if patch.Notes != nil {
		body.SetNotes(patch.Notes)
	}
	if patch.ServiceManagementReference != nil {
		body.SetServiceManagementReference(patch.ServiceManagementReference)
	}
	if patch.Tags != nil {
		body.SetTags(patch.Tags)
	}
	if patch.AppRoles != nil {
		roles, err := modelRoles(patch.AppRoles)
		if err != nil {
			return err
		}
		body.SetAppRoles(roles)
	}
	return d.call(ctx, opUpdateApplication, func(ctx context.Context) error {
		_, err := d.applications().ByApplicationId(id).Patch(ctx, body, nil)
		return err
	})
}

// DeleteApplication implements entra.Applications.
func (d *directory) DeleteApplication(ctx context.Context, id string) error {
	err := d.call(ctx, opDeleteApplication, func(ctx context.Context) error {
		return d.applications().ByApplicationId(id).Delete(ctx, nil)
	})
	return ignoring(err, isGone)
}

func application(m models.Applicationable) entra.Application {
	a := entra.Application{
		ID:                         deref(m.GetId()),
		AppID:                      deref(m.GetAppId()),
		DisplayName:                deref(m.GetDisplayName()),
		TemplateID:                 deref(m.GetApplicationTemplateId()),
		Tags:                       m.GetTags(),
		Notes:                      deref(m.GetNotes()),
		ServiceManagementReference: deref(m.GetServiceManagementReference()),
		AppRoles:                   convert(m.GetAppRoles(), appRole),
	}
	if t := m.GetCreatedDateTime(); t != nil {
		a.CreatedAt = t.UTC()
	}
	return a
}

func appRole(m models.AppRoleable) entra.AppRole {
	r := entra.AppRole{
		Value:              deref(m.GetValue()),
		DisplayName:        deref(m.GetDisplayName()),
		Description:        deref(m.GetDescription()),
		IsEnabled:          deref(m.GetIsEnabled()),
		AllowedMemberTypes: m.GetAllowedMemberTypes(),
	}
	if id := m.GetId(); id != nil {
		r.ID = id.String()
	}
	return r
}

// modelRoles makes the SDK's roles. A role without a value is sent without one: the
// template's own have null there, and Graph refuses an empty text.
func modelRoles(roles []entra.AppRole) ([]models.AppRoleable, error) {
	out := make([]models.AppRoleable, 0, len(roles))
	for _, r := range roles {
		id, err := objectID(opUpdateApplication, "the app role's ID", r.ID)
		if err != nil {
			return nil, err
		}
		m := models.NewAppRole()
		m.SetId(id)
		m.SetDisplayName(&r.DisplayName)
		m.SetDescription(&r.Description)
		m.SetIsEnabled(&r.IsEnabled)
		m.SetAllowedMemberTypes(r.AllowedMemberTypes)
		if r.Value != "" {
			m.SetValue(&r.Value)
		}
		out = append(out, m)
	}
	return out, nil
}

// quote makes an OData string literal: a quote inside is doubled.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func convert[From, To any](in []From, each func(From) To) []To {
	var out []To
	for _, x := range in {
		out = append(out, each(x))
	}
	return out
}
