package graphapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

const (
	ownedBy         = "Application.ReadWrite.OwnedBy"
	applicationsAll = "Application.ReadWrite.All"
	directoryRead   = "Directory.Read.All"
	directoryWrite  = "Directory.ReadWrite.All"
	syncRead        = "Synchronization.Read.All"
	syncWrite       = "Synchronization.ReadWrite.All"
)

// access is what a call asks of the caller's token.
type access struct {
	// any: one of these permissions is enough. Empty means that any authenticated caller may.
	any []string
	// owned: Application.ReadWrite.OwnedBy is enough for an owner of the object {id} of this kind.
	owned string
	// made: so is having made the object, which is how an application that does not own what it made becomes an owner.
	made bool
	// also: one of these is needed besides.
	also []string
	// sync: the refusal is the synchronization service's 401 without a message, not 403.
	sync bool
}

func readsApplications() access {
	return access{any: []string{"Application.Read.All", ownedBy, applicationsAll, directoryRead, directoryWrite}}
}

func writes(kind string) access {
	return access{any: []string{applicationsAll, directoryWrite}, owned: kind}
}

func writesOwners(kind string) access {
	a := writes(kind)
	a.made, a.also = true, []string{directoryRead, directoryWrite, applicationsAll}
	return a
}

// readsDirectory is for objects of any kind.
func readsDirectory() access { return access{any: []string{directoryRead, directoryWrite}} }

// readsDeleted: who may read objects may read deleted ones; people are told apart by getDeleted.
func readsDeleted() access {
	return access{any: slices.Concat(readsApplications().any, []string{"User.Read.All", "User.ReadWrite.All"})}
}

func readsUsers() access {
	return access{any: []string{"User.Read.All", "User.ReadWrite.All", directoryRead, directoryWrite}}
}

func readsGroups() access {
	return access{any: []string{"GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", directoryRead, directoryWrite}}
}

func assigns() access {
	return access{any: []string{"AppRoleAssignment.ReadWrite.All"},
		also: []string{"Application.Read.All", applicationsAll, directoryRead, directoryWrite}}
}

func readsSync() access {
	return access{any: []string{syncRead, syncWrite}, owned: tenant.ServicePrincipal, sync: true}
}

func writesSync() access {
	return access{any: []string{syncWrite}, owned: tenant.ServicePrincipal, sync: true}
}

// restartsSync leaves ownership out: a restart by an owner was refused by the real service.
func (a *API) restartsSync() access {
	if a.options.OwnersRestart {
		return writesSync()
	}
	return access{any: []string{syncWrite}, sync: true}
}

func readsLogs() access {
	return access{any: []string{"AuditLog.Read.All", "ProvisioningLog.Read.All"}}
}

func readsAudits() access { return access{any: []string{"AuditLog.Read.All"}} }

func makesApplications() access {
	return access{any: []string{ownedBy, applicationsAll, directoryWrite}}
}

func writesUsers() access {
	return access{any: []string{"User.ReadWrite.All", directoryWrite}}
}

func writesGroups() access {
	return access{any: []string{"Group.ReadWrite.All", directoryWrite}}
}

func (a access) check(c *call) error {
	if a.allows(c) {
		return nil
	}
	if a.sync {
		return tenant.UnknownError()
	}
	return &tenant.Error{Status: http.StatusForbidden, Code: "Authorization_RequestDenied",
		Message: "Insufficient privileges to complete the operation."}
}

func (a access) allows(c *call) bool {
	if len(a.any) == 0 {
		return true
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(p string) bool { return slices.Contains(c.claims.Roles, p) })
	}
	if len(a.also) > 0 && !has(a.also) {
		return false
	}
	if has(a.any) {
		return true
	}
	if a.owned == "" || !slices.Contains(c.claims.Roles, ownedBy) {
		return false
	}
	key := c.param("id")
	return c.api.tenant.Owns(a.owned, key, c.claims.PrincipalID) ||
		a.made && c.api.tenant.Made(a.owned, key, c.claims.PrincipalID)
}

// lastSegment is the object ID at the end of an @odata.id.
func lastSegment(reference string) string {
	path, _ := normalised(reference[strings.Index(reference+"/v1.0", "/v1.0"):])
	if path == "" {
		path = reference
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}
