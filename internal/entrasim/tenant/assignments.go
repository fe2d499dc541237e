package tenant

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"
)

// DefaultAccess is the role ID of an assignment to an application that declares no roles.
const DefaultAccess = "00000000-0000-0000-0000-000000000000"

// Assignment is one appRoleAssignment of a user, group or service principal to an application.
type Assignment struct {
	ID            string
	PrincipalID   string
	PrincipalType string // User, Group or ServicePrincipal
	ResourceID    string
	RoleID        string
	Created       time.Time
}

// Assign gives a principal a role of the application whose service principal is resource.
func (t *Tenant) Assign(resource, principal, role string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sp, err := t.findReadable(ServicePrincipal, resource)
	if err != nil {
		return nil, err
	}
	kind, err := t.assignable(principal)
	if err != nil {
		return nil, err
	}
	if !hasRole(sp.value, role) && !(t.options.ZeroRole && role == DefaultAccess) {
		return nil, BadRequest("Permission being assigned was not found on application '%s'.", sp.value["appId"])
	}
	held := 0
	for _, a := range t.assignments {
		if a.PrincipalID != principal {
			continue
		}
		held++
		if a.ResourceID == sp.id && a.RoleID == role {
			return nil, BadRequest("Permission being assigned already exists on the object")
		}
	}
	if held >= 1500 {
		return nil, BadRequest("The principal already has the maximum of 1500 app role assignments.")
	}
	a := &Assignment{ID: assignmentID(), PrincipalID: principal, PrincipalType: kind, ResourceID: sp.id, RoleID: role,
		Created: t.clock.Now()}
	t.entitle(a, false)
	t.assignments = append(t.assignments, a)
	return t.render(a), nil
}

func (t *Tenant) assignable(principal string) (string, error) {
	if user := t.users.live(principal); user != nil && t.readable(user.created) {
		return "User", nil
	}
	if group := t.groups.live(principal); group != nil && t.readable(group.created) {
		if !group.value.Security() {
			return "", BadRequest("The group '%s' is not security-enabled and cannot be assigned to an application.", principal)
		}
		return "Group", nil
	}
	if sp := t.principals.live(principal); sp != nil && t.readable(sp.created) {
		return ServicePrincipalType, nil
	}
	return "", NotFound(principal)
}

// ServicePrincipalType is the principalType of an assignment that a service principal holds.
const ServicePrincipalType = "ServicePrincipal"

// hasRole applies the rule for appRoleId: a declared, enabled role, or zeros when the application declares none for users.
func hasRole(principal Object, role string) bool {
	roles, _ := principal["appRoles"].([]any)
	declared := false
	for _, r := range roles {
		entry, _ := r.(map[string]any)
		if entry["isEnabled"] != true {
			continue
		}
		declared = true
		if entry["id"] == role {
			return true
		}
	}
	return role == DefaultAccess && !declared
}

func assignmentID() string {
	raw := make([]byte, 33)
	if _, err := rand.Read(raw); err != nil {
		panic(err) // crypto/rand never fails on supported systems
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (t *Tenant) render(a *Assignment) Object {
	resource := ""
	if sp := t.principals.byID[a.ResourceID]; sp != nil {
		resource, _ = sp.value["displayName"].(string)
	}
	return Object{
		"id": a.ID, "deletedDateTime": nil, "appRoleId": a.RoleID, "createdDateTime": timestamp(a.Created),
		"principalDisplayName": t.principalName(a.PrincipalID), "principalId": a.PrincipalID, "principalType": a.PrincipalType,
		"resourceDisplayName": resource, "resourceId": a.ResourceID,
	}
}

func (t *Tenant) principalName(id string) string {
	if user := t.users.byID[id]; user != nil {
		return user.value.DisplayName
	}
	if group := t.groups.byID[id]; group != nil {
		return group.value.DisplayName
	}
	if sp := t.principals.byID[id]; sp != nil {
		name, _ := sp.value["displayName"].(string)
		return name
	}
	return ""
}

// AssignedTo lists the assignments to an application.
func (t *Tenant) AssignedTo(resource string) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sp, err := t.findReadable(ServicePrincipal, resource)
	if err != nil {
		return nil, err
	}
	out := []Object{}
	for _, a := range t.assignments {
		if a.ResourceID == sp.id && t.present(a) {
			out = append(out, t.render(a))
		}
	}
	return out, nil
}

// present hides the assignments of soft-deleted people until they are restored.
func (t *Tenant) present(a *Assignment) bool {
	return a.PrincipalType != "User" || t.users.live(a.PrincipalID) != nil
}

// AssignmentsOf lists the assignments that a user, group or service principal holds.
func (t *Tenant) AssignmentsOf(principal string) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	if sp := t.find(ServicePrincipal, principal); sp != nil {
		principal = sp.id
	} else if user := t.findUser(principal); user != nil {
		principal = user.id
	}
	out := []Object{}
	for _, a := range t.assignments {
		if a.PrincipalID == principal {
			out = append(out, t.render(a))
		}
	}
	return out
}

// Assignment returns one assignment to an application.
func (t *Tenant) Assignment(resource, assignment string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sp, err := t.findReadable(ServicePrincipal, resource)
	if err != nil {
		return nil, err
	}
	for _, a := range t.assignments {
		if a.ResourceID == sp.id && a.ID == assignment && t.present(a) {
			return t.render(a), nil
		}
	}
	return nil, NotFound(assignment)
}

// UnassignFrom removes an assignment that the user, group or service principal holds.
func (t *Tenant) UnassignFrom(principal, assignment string) error {
	id := t.PrincipalID(principal)
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.assignments, func(a *Assignment) bool { return a.PrincipalID == id && a.ID == assignment })
	if at < 0 {
		return NotFound(assignment)
	}
	t.entitle(t.assignments[at], true)
	t.assignments = slices.Delete(t.assignments, at, at+1)
	return nil
}

// Unassign removes an assignment of the application.
func (t *Tenant) Unassign(resource, assignment string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	sp, err := t.findReadable(ServicePrincipal, resource)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(t.assignments, func(a *Assignment) bool { return a.ResourceID == sp.id && a.ID == assignment })
	if at < 0 {
		return NotFound(assignment)
	}
	t.entitle(t.assignments[at], true)
	t.assignments = slices.Delete(t.assignments, at, at+1)
	return nil
}

func (t *Tenant) dropAssignmentsOf(principal string) {
	t.dropAssignments(func(a *Assignment) bool { return a.PrincipalID == principal })
}

// dropAssignments takes away the assignments of what is gone, at once.
func (t *Tenant) dropAssignments(dropped func(*Assignment) bool) {
	t.indexed()
	t.late = slices.DeleteFunc(t.late, func(l lateAssignment) bool {
		if dropped(l.assignment) && l.gone {
			t.book(l.assignment, true)
		}
		return dropped(l.assignment)
	})
	t.assignments = slices.DeleteFunc(t.assignments, func(a *Assignment) bool {
		if dropped(a) && a.PrincipalType != ServicePrincipalType {
			t.book(a, true)
		}
		return dropped(a)
	})
}
