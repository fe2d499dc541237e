package graphapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// userDefaults are the properties of a user that Graph returns when nothing is selected.
var userDefaults = []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
	"preferredLanguage", "surname", "userPrincipalName"}

func listUsers(c *call) error {
	return c.listLazily(directoryObjects, "users", c.api.tenant.ListUsers(), userDefaults...)
}

func getUser(c *call) error {
	user, err := c.api.tenant.User(c.param("id"), false)
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "users/$entity", c.api.tenant.RenderUsers([]*directory.User{user})[0], userDefaults...)
}

func listGroups(c *call) error {
	return c.listLazily(directoryObjects, "groups", c.api.tenant.ListGroups())
}

func getGroup(c *call) error {
	group, err := c.api.tenant.Group(c.param("id"), false)
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "groups/$entity", c.api.tenant.RenderGroups([]*directory.Group{group})[0])
}

// getDeleted is one path for two things: a type name lists what is deleted of it, an object ID gets one object.
func getDeleted(c *call) error {
	id := c.param("id")
	if kind, isType := strings.CutPrefix(id, "microsoft.graph."); isType {
		if !slices.Contains([]string{tenant.Application, tenant.ServicePrincipal, tenant.User}, kind) {
			return tenant.BadRequest("The type '%s' cannot be listed.", id)
		}
		if err := deletedReadAccess(kind).check(c); err != nil {
			return err
		}
		return c.list(directoryObjects, "directoryObjects", c.api.tenant.DeletedObjects(kind))
	}
	kind, o, err := c.api.tenant.DeletedObject(id)
	if err != nil {
		return err
	}
	if err := deletedReadAccess(kind).check(c); err != nil {
		return err
	}
	return c.one(http.StatusOK, "directoryObjects/$entity", o)
}

func deletedReadAccess(kind string) access {
	if kind == tenant.User {
		return readsUsers()
	}
	return readsApplications()
}

// deletedAccess: only who could have deleted the object may restore or purge it.
func deletedAccess(c *call) error {
	kind, _, err := c.api.tenant.DeletedObject(c.param("id"))
	if err != nil {
		return err
	}
	if kind == tenant.User {
		return writesUsers().check(c)
	}
	return writes(kind).check(c)
}

func restoreDeleted(c *call) error {
	if err := deletedAccess(c); err != nil {
		return err
	}
	o, err := c.api.tenant.Restore(c.param("id"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "directoryObjects/$entity", o)
}

func purgeDeleted(c *call) error {
	if err := deletedAccess(c); err != nil {
		return err
	}
	if err := c.api.tenant.Purge(c.param("id")); err != nil {
		return err
	}
	return c.noContent()
}
