package graph

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// assignmentPage is Graph's largest page.
const assignmentPage int32 = 999

// ListAssignments implements entra.Assignments.
func (d *directory) ListAssignments(ctx context.Context, servicePrincipalID string) ([]entra.Assignment, error) {
	top := assignmentPage
	found, err := list(ctx, d, opListAssignments,
		func(ctx context.Context) (models.AppRoleAssignmentCollectionResponseable, error) {
			return d.servicePrincipals().ByServicePrincipalId(servicePrincipalID).AppRoleAssignedTo().Get(ctx,
				&serviceprincipals.ItemAppRoleAssignedToRequestBuilderGetRequestConfiguration{
					QueryParameters: &serviceprincipals.ItemAppRoleAssignedToRequestBuilderGetQueryParameters{Top: &top},
				})
		},
		func(ctx context.Context, url string) (models.AppRoleAssignmentCollectionResponseable, error) {
			return d.servicePrincipals().ByServicePrincipalId(servicePrincipalID).AppRoleAssignedTo().WithUrl(url).Get(ctx, nil)
		})
	return convert(found, assignment), err
}

// CreateAssignment implements entra.Assignments.
func (d *directory) CreateAssignment(ctx context.Context, servicePrincipalID, principalID, appRoleID string) (entra.Assignment, error) {
	body := models.NewAppRoleAssignment()
	for _, member := range []struct {
		what, id string
		set      func(*uuid.UUID)
	}{
		{"the principal", principalID, body.SetPrincipalId},
		{"the service principal", servicePrincipalID, body.SetResourceId},
		{"the app role", appRoleID, body.SetAppRoleId},
	} {
		id, err := objectID(opCreateAssignment, member.what, member.id)
		if err != nil {
			return entra.Assignment{}, err
		}
		member.set(id)
	}
	made, err := get(ctx, d, opCreateAssignment, func(ctx context.Context) (models.AppRoleAssignmentable, error) {
		return d.servicePrincipals().ByServicePrincipalId(servicePrincipalID).AppRoleAssignedTo().Post(ctx, body, nil)
	})
	if err == nil {
		return assignment(made), nil
	}
	if err := ignoring(err, isAssignedAlready); err != nil {
		return entra.Assignment{}, err
	}
	return entra.Assignment{PrincipalID: principalID, AppRoleID: appRoleID}, nil
}

// DeleteAssignment implements entra.Assignments.
func (d *directory) DeleteAssignment(ctx context.Context, servicePrincipalID, assignmentID string) error {
	err := d.call(ctx, opDeleteAssignment, func(ctx context.Context) error {
		return d.servicePrincipals().ByServicePrincipalId(servicePrincipalID).AppRoleAssignedTo().ByAppRoleAssignmentId(assignmentID).Delete(ctx, nil)
	})
	return ignoring(err, isGone)
}

func isAssignedAlready(e *entra.Error) bool {
	return e.Status == http.StatusBadRequest && strings.Contains(e.Message, "Permission being assigned already exists")
}

func assignment(m models.AppRoleAssignmentable) entra.Assignment {
	a := entra.Assignment{
		ID:                   deref(m.GetId()),
		PrincipalKind:        entra.PrincipalKind(deref(m.GetPrincipalType())),
		PrincipalDisplayName: deref(m.GetPrincipalDisplayName()),
	}
	if id := m.GetAppRoleId(); id != nil {
		a.AppRoleID = id.String()
	}
	if id := m.GetPrincipalId(); id != nil {
		a.PrincipalID = id.String()
	}
	return a
}
