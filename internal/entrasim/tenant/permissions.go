package tenant

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// graphAppID is the appId of Microsoft Graph in every cloud.
const graphAppID = "00000003-0000-0000-c000-000000000000"

// permissionIDs are the published IDs of Graph's application permissions. Others get an ID of their own when a client holds
// them.
var permissionIDs = map[string]string{
	"Synchronization.ReadWrite.All":   "9b50c33d-700f-43b1-b2eb-87e89b703581",
	"AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
	"Application.Read.All":            "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
	"AuditLog.Read.All":               "b0afded3-3588-46d8-8b3d-9842eff778da",
	"Group.ReadWrite.All":             "62a82d76-70ea-41e2-9197-370581804d09",
	"User.ReadWrite.All":              "741f803b-c850-494e-b5df-cde7c675a1ca",
	"Application.ReadWrite.OwnedBy":   "18a4783c-866b-4cc7-a460-3d5e5662c884",
	"Application.ReadWrite.All":       "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
	"Directory.Read.All":              "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
	"Directory.ReadWrite.All":         "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
	"User.Read.All":                   "df021288-bdef-4463-88db-98f22de89214",
	"GroupMember.Read.All":            "98830695-27a2-44f7-8c18-0c3ebc9698f6",
	"Group.Read.All":                  "5b567255-7703-4780-807c-7be8301ae99b",
	"Synchronization.Read.All":        "5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce",
	"ProvisioningLog.Read.All":        "",
}

// permissionID is the published ID of a permission, or one that is always the same for its name.
func permissionID(name string) string {
	if id := permissionIDs[name]; id != "" {
		return id
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://graph.microsoft.com/"+name)).String()
}

// addGraph makes the service principal of Graph itself, whose app roles are the application permissions.
func (t *Tenant) addGraph() {
	var roles []any
	for name := range permissionIDs {
		roles = append(roles, permissionRole(name))
	}
	slices.SortFunc(roles, func(a, b any) int {
		if a.(Object)["value"].(string) < b.(Object)["value"].(string) {
			return -1
		}
		return 1
	})
	principal := newPrincipal(graphAppID, "Microsoft Graph", "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "", roles)
	principal["servicePrincipalNames"] = []any{graphAppID, "https://graph.microsoft.com"}
	t.graph = t.principals.add(principal["id"].(string), principal, time.Time{}, t.touch())
}

func permissionRole(name string) Object {
	role := appRole(name)
	role["id"], role["value"], role["allowedMemberTypes"] = permissionID(name), name, []any{"Application"}
	return role
}

// AddClient makes the application and service principal behind a client of the token endpoint, with its permissions as
// assignments to Graph, and returns the object ID of the principal. It is there from the beginning, so it is not subject to
// lag.
func (t *Tenant) AddClient(clientID, displayName string, permissions []string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.find(ServicePrincipal, "appId="+clientID); known != nil {
		return known.id // from a snapshot, with the permissions that it had
	}
	application := newApplication(clientID, displayName, t.domain, "", []any{}, time.Time{})
	principal := newPrincipal(clientID, displayName, t.id, "", []any{})
	// Tokens name the principal, so that it has the same ID in every run.
	principal["id"] = uuid.NewSHA1(uuid.NameSpaceOID, []byte(t.id+" "+clientID)).String()
	t.addApplication(application, principal, time.Time{}, "")
	id := principal["id"].(string)
	for _, name := range permissions {
		if !hasRole(t.graph.value, permissionID(name)) {
			t.graph.value["appRoles"] = append(t.graph.value["appRoles"].([]any), permissionRole(name))
		}
		t.assignments = append(t.assignments, &Assignment{ID: assignmentID(), PrincipalID: id, PrincipalType: ServicePrincipalType,
			ResourceID: t.graph.id, RoleID: permissionID(name)})
	}
	return id
}

// Permissions are the application permissions that a service principal holds now. Whoever assigns one of Graph's roles to it
// grants it; tokens that were issued before do not change.
func (t *Tenant) Permissions(principal string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := map[string]string{}
	for _, r := range t.graph.value["appRoles"].([]any) {
		role, _ := r.(map[string]any)
		id, _ := role["id"].(string)
		names[id], _ = role["value"].(string)
	}
	out := []string{}
	for _, a := range t.assignments {
		if a.PrincipalID == principal && a.ResourceID == t.graph.id {
			out = append(out, names[a.RoleID])
		}
	}
	return out
}
