package graph

import (
	"context"
	"net/http"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Users and groups have the SDK's types, but not its request builders: those two
// packages hold the whole of mail, calendars and files, and would add half of what this
// package takes to compile for four GET requests.
const (
	usersTemplate  = "{+baseurl}/users{?%24filter,%24select}"
	userTemplate   = "{+baseurl}/users/{id}{?%24select}"
	groupsTemplate = "{+baseurl}/groups{?%24filter,%24select}"
	groupTemplate  = "{+baseurl}/groups/{id}{?%24select}"

	userFields  = "id,displayName,userPrincipalName"
	groupFields = "id,displayName,securityEnabled"
)

// UserByPrincipalName implements entra.Principals. It filters rather than reading
// users/{userPrincipalName}, whose path some names break: those with # or a leading $.
func (d *directory) UserByPrincipalName(ctx context.Context, upn string) (entra.Principal, error) {
	request := principalRequest(usersTemplate, "", "userPrincipalName eq "+quote(upn), userFields)
	page, err := send[models.UserCollectionResponseable](ctx, d, opUserByPrincipalName, request, models.CreateUserCollectionResponseFromDiscriminatorValue)
	if err != nil {
		return entra.Principal{}, err
	}
	for _, u := range page.GetValue() {
		if strings.EqualFold(deref(u.GetUserPrincipalName()), upn) {
			return user(u), nil
		}
	}
	return entra.Principal{}, classify(opUserByPrincipalName, &entra.Error{
		Operation: opUserByPrincipalName.doing, Status: http.StatusNotFound, Message: "no user has this userPrincipalName",
	})
}

// User implements entra.Principals.
func (d *directory) User(ctx context.Context, id string) (entra.Principal, error) {
	found, err := send[models.Userable](ctx, d, opUser, principalRequest(userTemplate, id, "", userFields), models.CreateUserFromDiscriminatorValue)
	if err != nil {
		return entra.Principal{}, err
	}
	return user(found), nil
}

// GroupsByDisplayName implements entra.Principals.
func (d *directory) GroupsByDisplayName(ctx context.Context, name string) ([]entra.Principal, error) {
	fetch := func(request *abstractions.RequestInformation) func(context.Context) (models.GroupCollectionResponseable, error) {
		return func(ctx context.Context) (models.GroupCollectionResponseable, error) {
			return decode[models.GroupCollectionResponseable](ctx, d, request, models.CreateGroupCollectionResponseFromDiscriminatorValue)
		}
	}
	groups, err := list(ctx, d, opGroupsByName,
		fetch(principalRequest(groupsTemplate, "", "displayName eq "+quote(name), groupFields)),
		func(ctx context.Context, url string) (models.GroupCollectionResponseable, error) {
			next := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(
				abstractions.GET, groupsTemplate, map[string]string{"request-raw-url": url})
			return fetch(next)(ctx)
		})
	return convert(groups, group), err
}

// Group implements entra.Principals.
func (d *directory) Group(ctx context.Context, id string) (entra.Principal, error) {
	found, err := send[models.Groupable](ctx, d, opGroup, principalRequest(groupTemplate, id, "", groupFields), models.CreateGroupFromDiscriminatorValue)
	if err != nil {
		return entra.Principal{}, err
	}
	return group(found), nil
}

func principalRequest(template, id, filter, fields string) *abstractions.RequestInformation {
	request := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(abstractions.GET, template, map[string]string{"id": id})
	request.Headers.Add("Accept", "application/json")
	request.QueryParametersAny["%24select"] = fields
	if filter != "" {
		request.QueryParametersAny["%24filter"] = filter
	}
	return request
}

// send makes one request whose answer is one of the SDK's types.
func send[T serialization.Parsable](ctx context.Context, d *directory, op operation, request *abstractions.RequestInformation, create serialization.ParsableFactory) (T, error) {
	return get(ctx, d, op, func(ctx context.Context) (T, error) { return decode[T](ctx, d, request, create) })
}

func decode[T serialization.Parsable](ctx context.Context, d *directory, request *abstractions.RequestInformation, create serialization.ParsableFactory) (T, error) {
	var none T
	parsed, err := d.adapter.Send(ctx, request, create, nil)
	if err != nil {
		return none, err
	}
	typed, ok := parsed.(T)
	if !ok {
		return none, errEmptyAnswer
	}
	return typed, nil
}

func user(m models.Userable) entra.Principal {
	return entra.Principal{
		ID:            deref(m.GetId()),
		Kind:          entra.PrincipalUser,
		DisplayName:   deref(m.GetDisplayName()),
		PrincipalName: deref(m.GetUserPrincipalName()),
	}
}

func group(m models.Groupable) entra.Principal {
	return entra.Principal{
		ID:              deref(m.GetId()),
		Kind:            entra.PrincipalGroup,
		DisplayName:     deref(m.GetDisplayName()),
		SecurityEnabled: deref(m.GetSecurityEnabled()),
	}
}
