package evaluate

import "fmt"

// roleType is the type of every role that Entra sends.
const roleType = "WindowsAzureActiveDirectoryRole"

const roleSingle = "SingleAppRoleAssignment"

// roles is the result of a role function, which the engine computes itself. A list without roles is sent empty.
func (f *flow) roles(a Attribute, roles []Role) Attribute {
	a.Outcome = OutcomeSent
	if f.role == roleSingle {
		return f.singleRole(a, roles)
	}
	list := make([]any, len(roles))
	for i, role := range roles {
		list[i] = map[string]any{"primary": false, "type": roleType, "display": role.Display, "value": role.Value}
	}
	a.Value = list
	return a
}

// singleRole: which of several roles Entra takes is not guaranteed; here it is the first.
func (f *flow) singleRole(a Attribute, roles []Role) Attribute {
	if len(roles) == 0 {
		a.Outcome = OutcomeSkipped
		return a
	}
	a.Value = roles[0].Value
	if len(roles) > 1 {
		a.Note = fmt.Sprintf("one of %d roles: Entra does not say which it takes", len(roles))
	}
	return a
}
