package graphapi

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

func listOwners(kind string) func(*call) error {
	return func(c *call) error {
		owners, err := c.api.tenant.Owners(kind, c.param("id"))
		if err != nil {
			return err
		}
		if kind == tenant.Group && !isBeta(c.URL.Path) {
			owners = slices.DeleteFunc(owners, isPrincipal)
		}
		return c.list(directoryObjects, "directoryObjects", owners)
	}
}

// isPrincipal: v1.0 does not show service principals among the owners of a group yet; the documentation of the call says so.
func isPrincipal(o object) bool { return o["@odata.type"] == "#microsoft.graph.servicePrincipal" }

func addOwner(kind string) func(*call) error {
	return func(c *call) error {
		owner, err := c.reference()
		if err != nil {
			return err
		}
		if err := c.api.tenant.AddOwner(kind, c.param("id"), owner); err != nil {
			return err
		}
		return c.noContent()
	}
}

// reference reads the object ID that the body of a $ref request names.
func (c *call) reference() (string, error) {
	var in struct {
		ID string `json:"@odata.id"`
	}
	if err := c.body(&in); err != nil {
		return "", err
	}
	if in.ID == "" {
		return "", tenant.BadRequest("The member '@odata.id' is missing.")
	}
	return lastSegment(in.ID), nil
}

func removeOwner(kind string) func(*call) error {
	return func(c *call) error {
		if err := c.api.tenant.RemoveOwner(kind, c.param("id"), c.param("owner")); err != nil {
			return err
		}
		return c.noContent()
	}
}

// bound takes the references to objects that are there already out of the properties of a new one, such as
// owners@odata.bind. Graph takes 20 of them.
func bound(properties object, name string) ([]string, error) {
	member := name + "@odata.bind"
	value, given := properties[member]
	if !given {
		return nil, nil
	}
	delete(properties, member)
	references, isList := value.([]any)
	if !isList || len(references) > 20 {
		return nil, tenant.BadRequest("The member '%s' has to be a list of at most 20 references.", member)
	}
	out := make([]string, 0, len(references))
	for _, reference := range references {
		address, _ := reference.(string)
		out = append(out, lastSegment(address))
	}
	return out, nil
}
