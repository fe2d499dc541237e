package graphapi

import (
	"net/http"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// collection is the name of a kind's entity set in @odata.context.
func collection(kind string) string { return kind + "s" }

func instantiate(c *call) error {
	var in struct{ DisplayName, ServiceManagementReference string }
	if err := c.body(&in); err != nil {
		return err
	}
	app, sp, err := c.api.tenant.Instantiate(c.param("template"), in.DisplayName, in.ServiceManagementReference, c.claims.PrincipalID)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "microsoft.graph.applicationServicePrincipal", object{"application": app, "servicePrincipal": sp})
}

func listObjects(kind string) func(*call) error {
	return func(c *call) error { return c.list(collection(kind), c.api.tenant.ListObjects(kind, false)) }
}

func getObject(kind string) func(*call) error {
	return func(c *call) error {
		o, err := c.api.tenant.GetObject(kind, c.param("id"))
		if err != nil {
			return err
		}
		return c.one(http.StatusOK, collection(kind)+"/$entity", o)
	}
}

func patchObject(kind string) func(*call) error {
	return func(c *call) error {
		patch := object{}
		if err := c.body(&patch); err != nil {
			return err
		}
		if err := c.api.tenant.PatchObject(kind, c.param("id"), patch); err != nil {
			return err
		}
		return c.noContent()
	}
}

func deleteObject(kind string) func(*call) error {
	return func(c *call) error {
		if err := c.api.tenant.DeleteObject(kind, c.param("id")); err != nil {
			return err
		}
		return c.noContent()
	}
}

func listOwners(kind string) func(*call) error {
	return func(c *call) error {
		owners, err := c.api.tenant.Owners(kind, c.param("id"))
		if err != nil {
			return err
		}
		return c.list("directoryObjects", owners)
	}
}

func addOwner(kind string) func(*call) error {
	return func(c *call) error {
		var in struct {
			ID string `json:"@odata.id"`
		}
		if err := c.body(&in); err != nil {
			return err
		}
		if in.ID == "" {
			return tenant.BadRequest("The member '@odata.id' is missing.")
		}
		if err := c.api.tenant.AddOwner(kind, c.param("id"), lastSegment(in.ID)); err != nil {
			return err
		}
		return c.noContent()
	}
}

func removeOwner(kind string) func(*call) error {
	return func(c *call) error {
		if err := c.api.tenant.RemoveOwner(kind, c.param("id"), c.param("owner")); err != nil {
			return err
		}
		return c.noContent()
	}
}

func listAssignedTo(c *call) error {
	assignments, err := c.api.tenant.AssignedTo(c.param("id"))
	if err != nil {
		return err
	}
	return c.list("appRoleAssignments", assignments)
}

func listAssignmentsOf(c *call) error {
	return c.list("appRoleAssignments", c.api.tenant.AssignmentsOf(c.param("id")))
}

func createAssignment(c *call) error {
	var in struct{ PrincipalID, ResourceID, AppRoleID string }
	if err := c.body(&in); err != nil {
		return err
	}
	sp, err := c.api.tenant.GetObject(tenant.ServicePrincipal, c.param("id"))
	if err != nil {
		return err
	}
	if in.ResourceID != sp["id"] {
		return tenant.BadRequest("The resourceId '%s' is not the service principal of the request.", in.ResourceID)
	}
	assignment, err := c.api.tenant.Assign(c.param("id"), in.PrincipalID, in.AppRoleID)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "appRoleAssignments/$entity", assignment)
}

func deleteAssignment(c *call) error {
	if err := c.api.tenant.Unassign(c.param("id"), c.param("assignment")); err != nil {
		return err
	}
	return c.noContent()
}
