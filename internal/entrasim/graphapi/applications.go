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

// listTemplatesOfApplications lists the gallery, which has the non-gallery application only.
func listTemplatesOfApplications(c *call) error {
	return c.list(directoryObjects, "applicationTemplates", tenant.ApplicationTemplates())
}

func getTemplateOfApplications(c *call) error {
	for _, template := range tenant.ApplicationTemplates() {
		if template["id"] == c.param("template") {
			return c.one(http.StatusOK, "applicationTemplates/$entity", template)
		}
	}
	return tenant.NotFound(c.param("template"))
}

// createApplication makes an application without a template, which can never be provisioned to.
func createApplication(c *call) error {
	properties := object{}
	if err := c.body(&properties); err != nil {
		return err
	}
	owners, err := bound(properties, "owners")
	if err != nil {
		return err
	}
	made, err := c.api.tenant.CreateApplication(properties, c.claims.PrincipalID, owners)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "applications/$entity", made)
}

func createPrincipal(c *call) error {
	properties := object{}
	if err := c.body(&properties); err != nil {
		return err
	}
	owners, err := bound(properties, "owners")
	if err != nil {
		return err
	}
	made, err := c.api.tenant.CreatePrincipal(properties, c.claims.PrincipalID, owners)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "servicePrincipals/$entity", made)
}

func getDirectoryObject(c *call) error {
	o, err := c.api.tenant.DirectoryObject(c.param("id"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "directoryObjects/$entity", o)
}

func listObjects(kind string) func(*call) error {
	return func(c *call) error {
		return c.list(directoryObjects, collection(kind), c.api.tenant.ListObjects(kind, false))
	}
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

func listAssignedTo(c *call) error {
	assignments, err := c.api.tenant.AssignedTo(c.param("id"))
	if err != nil {
		return err
	}
	return c.list(directoryObjects, "appRoleAssignments", assignments)
}

func getAssignment(c *call) error {
	assignment, err := c.api.tenant.Assignment(c.param("id"), c.param("assignment"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "appRoleAssignments/$entity", assignment)
}

func listAssignmentsOf(c *call) error {
	return c.list(directoryObjects, "appRoleAssignments", c.api.tenant.AssignmentsOf(c.param("id")))
}

// assignment is the body that makes one, the same from either side.
type assignment struct{ PrincipalID, ResourceID, AppRoleID string }

func createAssignment(c *call) error {
	var in assignment
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
	return c.assign(in)
}

// createAssignmentOf makes an assignment from the side of who is to hold it.
func createAssignmentOf(c *call) error {
	var in assignment
	if err := c.body(&in); err != nil {
		return err
	}
	if id := c.api.tenant.PrincipalID(c.param("id")); id == "" || in.PrincipalID != id {
		return tenant.BadRequest("The principalId '%s' is not the object of the request.", in.PrincipalID)
	}
	return c.assign(in)
}

func (c *call) assign(in assignment) error {
	made, err := c.api.tenant.Assign(in.ResourceID, in.PrincipalID, in.AppRoleID)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "appRoleAssignments/$entity", made)
}

func deleteAssignment(c *call) error {
	if err := c.api.tenant.Unassign(c.param("id"), c.param("assignment")); err != nil {
		return err
	}
	return c.noContent()
}

func deleteAssignmentOf(c *call) error {
	if err := c.api.tenant.UnassignFrom(c.param("id"), c.param("assignment")); err != nil {
		return err
	}
	return c.noContent()
}
