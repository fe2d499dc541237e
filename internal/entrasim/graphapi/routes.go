package graphapi

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// routes is the table of all calls that are served. Operations are named in camel case, as fault rules and the journal use
// them.
func (a *API) routes() []route {
	return slices.Concat(
		[]route{{method: "POST", path: "/$batch", operation: operationBatch, handle: batch}},
		applicationRoutes(), objectRoutes("/applications", tenant.Application, "Application"),
		objectRoutes("/servicePrincipals", tenant.ServicePrincipal, "ServicePrincipal"), userRoutes(), groupRoutes(),
		ownerRoutes("/groups", tenant.Group, "Group", readsGroups(), writesGroups()), assignmentRoutes(), deletedRoutes(), logRoutes(),
		a.syncRoutes("/servicePrincipals/{id}/synchronization"), a.syncRoutes("/applications/{id}/synchronization"),
	)
}

// read is a call for one object.
func read(path, operation string, a access, handle func(*call) error) route {
	return route{method: "GET", path: path, operation: operation, access: a, handle: handle}
}

// collect is a call for a collection, which can be counted.
func collect(path, operation string, a access, handle func(*call) error) route {
	return route{method: "GET", path: path, operation: operation, access: a, handle: handle, countable: true}
}

func applicationRoutes() []route {
	return []route{
		// Any authenticated caller may read the gallery.
		collect("/applicationTemplates", "listApplicationTemplates", access{}, listTemplatesOfApplications),
		read("/applicationTemplates/{template}", "getApplicationTemplate", access{}, getTemplateOfApplications),
		{method: "POST", path: "/applicationTemplates/{template}/instantiate", operation: "instantiate", access: makesApplications(), handle: instantiate},
		{method: "POST", path: "/applications", operation: "createApplication", access: makesApplications(), handle: createApplication},
		{method: "POST", path: "/servicePrincipals", operation: "createServicePrincipal", access: makesApplications(), handle: createPrincipal},
		read("/directoryObjects/{id}", "getDirectoryObject", readsDirectory(), getDirectoryObject),
	}
}

func objectRoutes(path, kind, name string) []route {
	return append([]route{
		collect(path, "list"+name+"s", readsApplications(), listObjects(kind)),
		read(path+"/{id}", "get"+name, readsApplications(), getObject(kind)),
		{method: "PATCH", path: path + "/{id}", operation: "update" + name, access: writes(kind), handle: patchObject(kind)},
		{method: "DELETE", path: path + "/{id}", operation: "delete" + name, access: writes(kind), handle: deleteObject(kind)},
	}, ownerRoutes(path, kind, name, readsApplications(), writesOwners(kind))...)
}

func ownerRoutes(path, kind, name string, reads, writes access) []route {
	owners := path + "/{id}/owners"
	return []route{
		collect(owners, "list"+name+"Owners", reads, listOwners(kind)),
		{method: "POST", path: owners + "/$ref", operation: "add" + name + "Owner", access: writes, handle: addOwner(kind)},
		{method: "DELETE", path: owners + "/{owner}/$ref", operation: "remove" + name + "Owner", access: writes, handle: removeOwner(kind)},
	}
}

func userRoutes() []route {
	return []route{
		collect("/users", "listUsers", readsUsers(), listUsers),
		{method: "POST", path: "/users", operation: "createUser", access: writesUsers(), handle: createUser},
		read("/users/{id}", "getUser", readsUsers(), getUser),
		{method: "PATCH", path: "/users/{id}", operation: "updateUser", access: writesUsers(), handle: patchUser},
		{method: "DELETE", path: "/users/{id}", operation: "deleteUser", access: writesUsers(), handle: deleteUser},
		read("/users/{id}/manager", "getManager", readsUsers(), getManager),
		{method: "PUT", path: "/users/{id}/manager/$ref", operation: "setManager", access: writesUsers(), handle: setManager},
		{method: "DELETE", path: "/users/{id}/manager/$ref", operation: "removeManager", access: writesUsers(), handle: removeManager},
		collect("/users/{id}/memberOf", "listUserMemberOf", readsUsers(), listMemberOf(false)),
		collect("/users/{id}/transitiveMemberOf", "listUserTransitiveMemberOf", readsUsers(), listMemberOf(true)),
	}
}

func groupRoutes() []route {
	return []route{
		collect("/groups", "listGroups", readsGroups(), listGroups),
		{method: "POST", path: "/groups", operation: "createGroup", access: writesGroups(), handle: createGroup},
		read("/groups/{id}", "getGroup", readsGroups(), getGroup),
		{method: "PATCH", path: "/groups/{id}", operation: "updateGroup", access: writesGroups(), handle: patchGroup},
		{method: "DELETE", path: "/groups/{id}", operation: "deleteGroup", access: writesGroups(), handle: deleteGroup},
		collect("/groups/{id}/members", "listMembers", readsGroups(), listMembers(false)),
		collect("/groups/{id}/transitiveMembers", "listTransitiveMembers", readsGroups(), listMembers(true)),
		{method: "POST", path: "/groups/{id}/members/$ref", operation: "addMember", access: writesGroups(), handle: addMember},
		{method: "DELETE", path: "/groups/{id}/members/{member}/$ref", operation: "removeMember", access: writesGroups(), handle: removeMember},
		collect("/groups/{id}/memberOf", "listGroupMemberOf", readsGroups(), listMemberOf(false)),
	}
}

// assignmentRoutes: assignments are the same objects from the side of the application and from that of who holds them.
func assignmentRoutes() []route {
	const assigned = "/servicePrincipals/{id}/appRoleAssignedTo"
	list := []route{
		collect(assigned, "listAppRoleAssignedTo", readsApplications(), listAssignedTo),
		{method: "POST", path: assigned, operation: "createAppRoleAssignedTo", access: assigns(), handle: createAssignment},
		read(assigned+"/{assignment}", "getAppRoleAssignedTo", readsApplications(), getAssignment),
		{method: "DELETE", path: assigned + "/{assignment}", operation: "deleteAppRoleAssignedTo", access: assigns(), handle: deleteAssignment},
	}
	for path, name := range map[string]string{"/users": "User", "/groups": "Group", "/servicePrincipals": ""} {
		held := path + "/{id}/appRoleAssignments"
		list = append(list,
			collect(held, "list"+name+"AppRoleAssignments", readsApplications(), listAssignmentsOf),
			route{method: "POST", path: held, operation: "create" + name + "AppRoleAssignment", access: assigns(), handle: createAssignmentOf},
			route{method: "DELETE", path: held + "/{assignment}", operation: "delete" + name + "AppRoleAssignment", access: assigns(), handle: deleteAssignmentOf},
		)
	}
	return list
}

func deletedRoutes() []route {
	return []route{
		collect("/directory/deletedItems/{id}", "getDeletedItems", readsDeleted(), getDeleted),
		{method: "POST", path: "/directory/deletedItems/{id}/restore", operation: "restoreDeletedItem", handle: restoreDeleted},
		{method: "DELETE", path: "/directory/deletedItems/{id}", operation: "purgeDeletedItem", handle: purgeDeleted},
	}
}

func logRoutes() []route {
	return []route{
		read("/auditLogs/provisioning", "listProvisioningLogs", readsLogs(), listLogs),
		read("/auditLogs/directoryAudits", "listDirectoryAudits", readsAudits(), listAudits),
		read("/auditLogs/directoryAudits/{audit}", "getDirectoryAudit", readsAudits(), getAudit),
	}
}

// syncRoutes are the rows of the synchronization API.
func (a *API) syncRoutes(sync string) []route {
	job := sync + "/jobs/{job}"
	return []route{
		collect(sync+"/templates", "listTemplates", readsSync(), listTemplates),
		read(sync+"/templates/{template}", "getTemplate", readsSync(), getTemplate),
		read(sync+"/templates/{template}/schema", "getTemplateSchema", readsSync(), getTemplateSchema),
		collect(sync+"/jobs", "listJobs", readsSync(), listJobs),
		{method: "POST", path: sync + "/jobs", operation: "createJob", access: writesSync(), handle: createJob},
		{method: "POST", path: sync + "/jobs/validateCredentials", operation: "validateCredentials", access: writesSync(), handle: validateCredentials},
		read(job, "getJob", readsSync(), getJob),
		{method: "PATCH", path: job, operation: "patchJob", access: writesSync(), handle: notServed},
		{method: "DELETE", path: job, operation: "deleteJob", access: writesSync(), handle: deleteJob},
		{method: "POST", path: job + "/start", operation: "startJob", access: writesSync(), handle: startJob},
		{method: "POST", path: job + "/pause", operation: "pauseJob", access: writesSync(), handle: pauseJob},
		{method: "POST", path: job + "/restart", operation: "restartJob", access: a.restartsSync(), handle: restartJob},
		{method: "POST", path: job + "/validateCredentials", operation: "validateJobCredentials", access: writesSync(), handle: validateCredentials},
		{method: "POST", path: job + "/provisionOnDemand", operation: "provisionOnDemand", access: writesSync(), handle: provisionOnDemand},
		read(job+"/schema", "getSchema", readsSync(), getSchema),
		{method: "PUT", path: job + "/schema", operation: "putSchema", access: writesSync(), handle: putSchema},
		{method: "PATCH", path: job + "/schema", operation: "patchSchema", access: writesSync(), handle: notServed},
		{method: "DELETE", path: job + "/schema", operation: "deleteSchema", access: writesSync(), handle: deleteSchema},
		read(job+"/schema/filterOperators", "filterOperators", writesSync(), filterOperators),
		read(job+"/schema/functions", "functions", writesSync(), functions),
		{method: "POST", path: job + "/schema/parseExpression", operation: "parseExpression", access: writesSync(), handle: parseExpression},
		{method: "POST", path: job + "/schema/directories/{directory}/discover", operation: "discover", access: writesSync(), handle: discover},
		{method: "GET", path: job + "/objectConnections/{object}", operation: "getObjectConnection", access: readsSync(), handle: getConnection, beta: true},
		{method: "DELETE", path: job + "/objectConnections/{object}", operation: "deleteObjectConnection", access: writesSync(), handle: deleteConnection, beta: true},
		collect(sync+"/secrets", "getSecrets", writesSync(), getSecrets),
		{method: "PUT", path: sync + "/secrets", operation: "putSecrets", access: writesSync(), handle: putSecrets},
		{method: "POST", path: sync + "/acquireAccessToken", operation: "acquireAccessToken", access: writesSync(), handle: acquireAccessToken},
	}
}
