package graphapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// Writes of people and groups are for the administration of test tenants; no part of provisioning makes them.

func createUser(c *call) error {
	properties, err := c.properties()
	if err != nil {
		return err
	}
	var user directory.User
	if err := decode(properties, &user); err != nil {
		return err
	}
	id, err := c.api.tenant.AddUser(&user)
	if err != nil {
		return err
	}
	made, err := c.api.tenant.User(id, true)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "users/$entity", c.api.tenant.RenderUsers([]*directory.User{made})[0], userDefaults...)
}

// properties reads a body of properties without the ones that nothing depends on.
func (c *call) properties() (object, error) {
	properties := object{}
	if err := c.body(&properties); err != nil {
		return nil, err
	}
	delete(properties, "passwordProfile")
	delete(properties, "@odata.type")
	return properties, nil
}

// decode reads the properties of a new object. What the simulator has no use for is passed over.
func decode(properties object, into any) error {
	text, err := json.Marshal(properties)
	if err != nil {
		return fmt.Errorf("encoding the properties: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return badBody(err)
	}
	return nil
}

// patch reads the body of a change.
func (c *call) patch() ([]byte, error) {
	properties, err := c.properties()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(properties)
	if err != nil {
		return nil, fmt.Errorf("encoding the properties: %w", err)
	}
	return text, nil
}

func patchUser(c *call) error {
	patch, err := c.patch()
	if err != nil {
		return err
	}
	if _, err := c.api.tenant.PatchUser(c.param("id"), patch); err != nil {
		return err
	}
	return c.noContent()
}

func deleteUser(c *call) error {
	if err := c.api.tenant.DeleteUser(c.param("id"), false); err != nil {
		return err
	}
	return c.noContent()
}

func getManager(c *call) error {
	manager, err := c.api.tenant.Manager(c.param("id"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, "directoryObjects/$entity", manager)
}

func setManager(c *call) error {
	manager, err := c.reference()
	if err != nil {
		return err
	}
	return c.writeManager(manager)
}

func removeManager(c *call) error { return c.writeManager(nil) }

func (c *call) writeManager(manager any) error {
	patch, err := json.Marshal(object{"manager": manager})
	if err != nil {
		return fmt.Errorf("encoding the manager: %w", err)
	}
	if _, err := c.api.tenant.PatchUser(c.param("id"), patch); err != nil {
		return err
	}
	return c.noContent()
}

func createGroup(c *call) error {
	properties, err := c.properties()
	if err != nil {
		return err
	}
	owners, err := bound(properties, "owners")
	if err != nil {
		return err
	}
	members, err := bound(properties, "members")
	if err != nil {
		return err
	}
	var group directory.Group
	if err := decode(properties, &group); err != nil {
		return err
	}
	group.Members = append(group.Members, members...)
	id, err := c.api.tenant.AddGroup(&group, owners)
	if err != nil {
		return err
	}
	made, err := c.api.tenant.Group(id, true)
	if err != nil {
		return err
	}
	return c.one(http.StatusCreated, "groups/$entity", c.api.tenant.RenderGroups([]*directory.Group{made})[0])
}

func patchGroup(c *call) error {
	patch, err := c.patch()
	if err != nil {
		return err
	}
	if _, err := c.api.tenant.PatchGroup(c.param("id"), patch); err != nil {
		return err
	}
	return c.noContent()
}

func deleteGroup(c *call) error {
	if err := c.api.tenant.DeleteGroup(c.param("id")); err != nil {
		return err
	}
	return c.noContent()
}

func listMembers(transitive bool) func(*call) error {
	return func(c *call) error {
		members, err := c.api.tenant.Members(c.param("id"), transitive)
		if err != nil {
			return err
		}
		return c.list(directoryObjects, "directoryObjects", members)
	}
}

func listMemberOf(transitive bool) func(*call) error {
	return func(c *call) error {
		groups, err := c.api.tenant.MemberOf(c.param("id"), transitive)
		if err != nil {
			return err
		}
		return c.list(directoryObjects, "directoryObjects", groups)
	}
}

func addMember(c *call) error {
	member, err := c.reference()
	if err != nil {
		return err
	}
	if err := c.api.tenant.AddMember(c.param("id"), member); err != nil {
		return err
	}
	return c.noContent()
}

func removeMember(c *call) error {
	if err := c.api.tenant.RemoveMember(c.param("id"), c.param("member")); err != nil {
		return err
	}
	return c.noContent()
}
