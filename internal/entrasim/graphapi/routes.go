package graphapi

import "github.com/scim-operator/scim-operator/internal/entrasim/tenant"

// routes is the table of all calls that are served. Operations are named in camel case, as fault rules and the journal use
// them.
func (a *API) routes() []route {
	list := []route{
		{"POST", "/applicationTemplates/{template}/instantiate", "instantiate",
			access{any: []string{ownedBy, applicationsAll, directoryWrite}}, instantiate},
		{"GET", "/users", "listUsers", readsUsers(), listUsers},
		{"GET", "/users/{id}", "getUser", readsUsers(), getUser},
		{"GET", "/users/{id}/appRoleAssignments", "listUserAppRoleAssignments", readsApplications(), listAssignmentsOf},
		{"GET", "/groups", "listGroups", readsGroups(), listGroups},
		{"GET", "/groups/{id}", "getGroup", readsGroups(), getGroup},
		{"GET", "/groups/{id}/members", "listMembers", readsGroups(), listMembers},
		{"GET", "/groups/{id}/appRoleAssignments", "listGroupAppRoleAssignments", readsApplications(), listAssignmentsOf},
		{"GET", "/servicePrincipals/{id}/appRoleAssignedTo", "listAppRoleAssignedTo", readsApplications(), listAssignedTo},
		{"POST", "/servicePrincipals/{id}/appRoleAssignedTo", "createAppRoleAssignedTo", assigns(), createAssignment},
		{"DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", "deleteAppRoleAssignedTo", assigns(), deleteAssignment},
		{"GET", "/servicePrincipals/{id}/appRoleAssignments", "listAppRoleAssignments", readsApplications(), listAssignmentsOf},
		{"GET", "/directory/deletedItems/{id}", "getDeletedItems", readsApplications(), getDeleted},
		{"POST", "/directory/deletedItems/{id}/restore", "restoreDeletedItem", access{}, restoreDeleted},
		{"DELETE", "/directory/deletedItems/{id}", "purgeDeletedItem", access{}, purgeDeleted},
		{"GET", "/auditLogs/provisioning", "listProvisioningLogs", readsLogs(), listLogs},
	}
	for _, kind := range []struct{ path, kind, name string }{
		{"/applications", tenant.Application, "Application"}, {"/servicePrincipals", tenant.ServicePrincipal, "ServicePrincipal"},
	} {
		list = append(list, objectRoutes(kind.path, kind.kind, kind.name)...)
	}
	return append(list, syncRoutes()...)
}

func objectRoutes(path, kind, name string) []route {
	return []route{
		{"GET", path, "list" + name + "s", readsApplications(), listObjects(kind)},
		{"GET", path + "/{id}", "get" + name, readsApplications(), getObject(kind)},
		{"PATCH", path + "/{id}", "update" + name, writes(kind), patchObject(kind)},
		{"DELETE", path + "/{id}", "delete" + name, writes(kind), deleteObject(kind)},
		{"GET", path + "/{id}/owners", "list" + name + "Owners", readsApplications(), listOwners(kind)},
		{"POST", path + "/{id}/owners/$ref", "add" + name + "Owner", writesOwners(kind), addOwner(kind)},
		{"DELETE", path + "/{id}/owners/{owner}/$ref", "remove" + name + "Owner", writesOwners(kind), removeOwner(kind)},
	}
}

func syncRoutes() []route {
	const sync = "/servicePrincipals/{id}/synchronization"
	return []route{
		{"GET", sync + "/templates", "listTemplates", readsSync(), listTemplates},
		{"GET", sync + "/templates/{template}", "getTemplate", readsSync(), getTemplate},
		{"GET", sync + "/templates/{template}/schema", "getTemplateSchema", readsSync(), getTemplateSchema},
		{"GET", sync + "/jobs", "listJobs", readsSync(), listJobs},
		{"POST", sync + "/jobs", "createJob", writesSync(), createJob},
		{"POST", sync + "/jobs/validateCredentials", "validateCredentials", writesSync(), validateCredentials},
		{"GET", sync + "/jobs/{job}", "getJob", readsSync(), getJob},
		{"PATCH", sync + "/jobs/{job}", "patchJob", writesSync(), notServed},
		{"DELETE", sync + "/jobs/{job}", "deleteJob", writesSync(), deleteJob},
		{"POST", sync + "/jobs/{job}/start", "startJob", writesSync(), startJob},
		{"POST", sync + "/jobs/{job}/pause", "pauseJob", writesSync(), pauseJob},
		{"POST", sync + "/jobs/{job}/restart", "restartJob", restartsSync(), restartJob},
		{"POST", sync + "/jobs/{job}/validateCredentials", "validateJobCredentials", writesSync(), validateCredentials},
		{"GET", sync + "/jobs/{job}/schema", "getSchema", readsSync(), getSchema},
		{"PUT", sync + "/jobs/{job}/schema", "putSchema", writesSync(), putSchema},
		{"PATCH", sync + "/jobs/{job}/schema", "patchSchema", writesSync(), notServed},
		{"DELETE", sync + "/jobs/{job}/schema", "deleteSchema", writesSync(), deleteSchema},
		{"GET", sync + "/jobs/{job}/schema/filterOperators", "filterOperators", writesSync(), filterOperators},
		{"GET", sync + "/jobs/{job}/schema/functions", "functions", writesSync(), functions},
		{"POST", sync + "/jobs/{job}/schema/parseExpression", "parseExpression", writesSync(), parseExpression},
		{"GET", sync + "/secrets", "getSecrets", writesSync(), getSecrets},
		{"PUT", sync + "/secrets", "putSecrets", writesSync(), putSecrets},
	}
}
