package cli

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// planRole is an app role that is not as declared.
type planRole struct {
	AppRole string `json:"appRole"`
	// Change is create, update, disable or delete. A role that goes is disabled first, and deleted when nobody has it.
	Change string `json:"change"`
}

// planAssignment is an assignment that the operator would make or delete.
type planAssignment struct {
	// Change is create or delete.
	Change string `json:"change"`
	// Entry is the name in spec.assignments; empty of one that is deleted.
	Entry string `json:"entry,omitempty"`
	// Kind is User or Group, Principal its name, or its object ID where no name is known.
	Kind        string `json:"kind"`
	Principal   string `json:"principal"`
	PrincipalID string `json:"principalID"`
	// AppRole is the value of the role; empty for the application's basic access.
	AppRole string `json:"appRole"`
}

// assignmentChanges are those of a plan.
func (a *access) assignmentChanges(plan diff.AssignmentPlan) []planAssignment {
	changes := []planAssignment{}
	for _, created := range plan.Create {
		i := a.entryOf(created)
		changes = append(changes, a.assignmentChange("create", a.entries[i], a.wanted[i]))
	}
	for _, deleted := range plan.Delete {
		changes = append(changes, a.assignmentChange("delete", "", deleted))
	}
	return changes
}

func (a *access) assignmentChange(change, entry string, of entra.Assignment) planAssignment {
	name := of.PrincipalDisplayName
	if name == "" {
		name = of.PrincipalID
	}
	return planAssignment{
		Change: change, Entry: entry, Kind: string(of.PrincipalKind), Principal: name, PrincipalID: of.PrincipalID,
		AppRole: role(a.roles, of.AppRoleID).Value,
	}
}

// roleChanges compares the app roles with the declared ones, as the operator does.
func (a *access) roleChanges(want diff.Application) []planRole {
	inUse := func(id string) bool {
		return slices.ContainsFunc(a.live, func(l entra.Assignment) bool { return l.AppRoleID == id })
	}
	patch, _ := want.OfApplication(a.registration, inUse)
	changes := []planRole{}
	if patch.AppRoles == nil {
		return changes
	}
	named := func(roles []entra.AppRole, id string) (entra.AppRole, bool) {
		i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.ID == id })
		if i < 0 {
			return entra.AppRole{}, false
		}
		return roles[i], true
	}
	for _, before := range a.registration.AppRoles {
		after, stays := named(patch.AppRoles, before.ID)
		switch {
		case !stays:
			changes = append(changes, planRole{before.Value, "delete"})
		case before.IsEnabled && !after.IsEnabled:
			changes = append(changes, planRole{before.Value, "disable"})
		case before.IsEnabled != after.IsEnabled, before.DisplayName != after.DisplayName, before.Description != after.Description:
			changes = append(changes, planRole{before.Value, "update"})
		}
	}
	for _, after := range patch.AppRoles {
		if _, had := named(a.registration.AppRoles, after.ID); !had {
			changes = append(changes, planRole{after.Value, "create"})
		}
	}
	return changes
}

// addAccess takes over what becomes of roles and assignments.
func (r *planReport) addAccess(a access, want diff.Application, app plannedApp) {
	r.AppRoles = a.roleChanges(want)
	r.Assignments = a.assignmentChanges(a.plan(app.app.Status.Assignments))
	for _, c := range r.AppRoles {
		r.Lines = append(r.Lines, "app role "+c.AppRole+": "+roleWords[c.Change])
	}
	for _, c := range r.Assignments {
		r.Lines = append(r.Lines, c.String())
	}
}

var roleWords = map[string]string{
	"create": "made", "update": "changed to what is declared", "disable": "disabled, since it is not declared any more", "delete": "deleted, since nobody has it",
}

func (c planAssignment) String() string {
	text := "assignment of " + map[string]string{"User": "user", "Group": "group"}[c.Kind] + " " + c.Principal
	if c.AppRole != "" {
		text += " as " + c.AppRole
	}
	if c.Change == "delete" {
		return text + ": deleted, since it is not declared any more"
	}
	return text + ": made (spec.assignments[" + c.Entry + "])"
}
