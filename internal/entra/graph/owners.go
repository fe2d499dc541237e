package graph

import (
	"context"
	"net/http"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// ServicePrincipalOwners implements entra.Applications.
func (d *directory) ServicePrincipalOwners(ctx context.Context, id string) ([]string, error) {
	owners, err := list(ctx, d, opServicePrincipalOwners,
		func(ctx context.Context) (models.DirectoryObjectCollectionResponseable, error) {
			return d.servicePrincipals().ByServicePrincipalId(id).Owners().Get(ctx, nil)
		},
		func(ctx context.Context, url string) (models.DirectoryObjectCollectionResponseable, error) {
			return d.servicePrincipals().ByServicePrincipalId(id).Owners().WithUrl(url).Get(ctx, nil)
		})
	return convert(owners, idOf), err
}

// AddServicePrincipalOwner implements entra.Applications.
func (d *directory) AddServicePrincipalOwner(ctx context.Context, id, ownerID string) error {
	err := d.call(ctx, opAddPrincipalOwner, func(ctx context.Context) error {
		return d.servicePrincipals().ByServicePrincipalId(id).Owners().Ref().Post(ctx, d.reference(ownerID), nil)
	})
	return ignoring(err, isThereAlready)
}

// ApplicationOwners implements entra.Applications.
func (d *directory) ApplicationOwners(ctx context.Context, id string) ([]string, error) {
	owners, err := list(ctx, d, opApplicationOwners,
		func(ctx context.Context) (models.DirectoryObjectCollectionResponseable, error) {
			return d.applications().ByApplicationId(id).Owners().Get(ctx, nil)
		},
		func(ctx context.Context, url string) (models.DirectoryObjectCollectionResponseable, error) {
			return d.applications().ByApplicationId(id).Owners().WithUrl(url).Get(ctx, nil)
		})
	return convert(owners, idOf), err
}

// AddApplicationOwner implements entra.Applications.
func (d *directory) AddApplicationOwner(ctx context.Context, id, ownerID string) error {
	err := d.call(ctx, opAddAppOwner, func(ctx context.Context) error {
		return d.applications().ByApplicationId(id).Owners().Ref().Post(ctx, d.reference(ownerID), nil)
	})
	return ignoring(err, isThereAlready)
}

// reference is the body of a $ref.
func (d *directory) reference(id string) models.ReferenceCreateable {
	url := d.endpoints.base() + "/directoryObjects/" + id
	ref := models.NewReferenceCreate()
	ref.SetOdataId(&url)
	return ref
}

func idOf(o models.DirectoryObjectable) string { return deref(o.GetId()) }

func isThereAlready(e *entra.Error) bool {
	return e.Status == http.StatusBadRequest && strings.Contains(e.Message, "added object references already exist")
}
