package entratenant

import (
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// permission is an application permission of Microsoft Graph that the operator needs.
type permission struct {
	// name is the least privileged one.
	name string
	// wider are those that include it; any of them will do.
	wider []string
	// neededFor says what does not work without it.
	neededFor string
	// vital is true where no ScimApp can work without it.
	vital bool
}

// permissions are what the operator's calls need, from Graph's permissions reference. Synchronization.ReadWrite.All stands
// for itself: Application.ReadWrite.OwnedBy is said to be enough for the synchronization calls, but some of them have
// been seen to answer 401 with it.
var permissions = []permission{
	{
		name: "Synchronization.ReadWrite.All", vital: true,
		neededFor: "provisioning jobs: creating, starting and reading them, their credentials and attribute mappings",
	},
	{
		name: "Application.ReadWrite.OwnedBy", wider: []string{"Application.ReadWrite.All"}, vital: true,
		neededFor: "creating, changing and deleting the enterprise applications of ScimApps",
	},
	{
		name: "Application.Read.All", wider: []string{"Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}, vital: true,
		neededFor: "finding applications and reading their assignments",
	},
	{
		name:      "AppRoleAssignment.ReadWrite.All",
		neededFor: "spec.assignments: assigning users and groups",
	},
	{
		name: "User.Read.All", wider: []string{"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
		neededFor: "spec.assignments: finding users by userPrincipalName",
	},
	{
		name: "GroupMember.Read.All", wider: []string{"GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
		neededFor: "spec.assignments: finding groups by name, and grants by name prefix",
	},
	{
		name: "Directory.Read.All", wider: []string{"Directory.ReadWrite.All", "Application.ReadWrite.All"},
		neededFor: "owners of applications, the operator itself among them",
	},
	{
		name: "ProvisioningLog.Read.All", wider: []string{"AuditLog.Read.All"},
		neededFor: "the waves of a changed attribute mapping: counting how many accounts a cycle disabled",
	},
}

// compare gives the state of each needed permission, and the names of those that are missing and vital.
func compare(granted []string) (states []v1alpha1.PermissionStatus, vital []string) {
	for _, p := range permissions {
		status := v1alpha1.PermissionStatus{Name: p.name, State: v1alpha1.PermissionGranted, NeededFor: p.neededFor}
		if !p.grantedBy(granted) {
			status.State = v1alpha1.PermissionMissing
			if p.vital {
				vital = append(vital, p.name)
			}
		}
		states = append(states, status)
	}
	return states, vital
}

func (p permission) grantedBy(granted []string) bool {
	return slices.Contains(granted, p.name) || slices.ContainsFunc(p.wider, func(name string) bool { return slices.Contains(granted, name) })
}
