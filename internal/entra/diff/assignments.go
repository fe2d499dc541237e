package diff

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// Pair is who holds which role.
type Pair struct {
	PrincipalID string
	AppRoleID   string
}

// AssignmentPlan is what has to be done to the assignments, in this order: all of Create first, and Delete only when
// every wanted pair was seen in a later read. So nobody is without access in between.
type AssignmentPlan struct {
	Create []Pair
	Delete []entra.Assignment
}

// Assignments compares the live assignments with the wanted pairs. Only pairs of owned that are no longer wanted are
// deleted: others were made by others.
func Assignments(live []entra.Assignment, wanted, owned []Pair) AssignmentPlan {
	var plan AssignmentPlan
	for _, pair := range wanted {
		if !slices.ContainsFunc(live, is(pair)) && !slices.Contains(plan.Create, pair) {
			plan.Create = append(plan.Create, pair)
		}
	}
	for _, assignment := range live {
		pair := Pair{PrincipalID: assignment.PrincipalID, AppRoleID: assignment.AppRoleID}
		if slices.Contains(owned, pair) && !slices.Contains(wanted, pair) {
			plan.Delete = append(plan.Delete, assignment)
		}
	}
	return plan
}

// Find gives the live assignment of the pair.
func Find(live []entra.Assignment, pair Pair) (entra.Assignment, bool) {
	if i := slices.IndexFunc(live, is(pair)); i >= 0 {
		return live[i], true
	}
	return entra.Assignment{}, false
}

func is(pair Pair) func(entra.Assignment) bool {
	return func(a entra.Assignment) bool {
		return a.PrincipalID == pair.PrincipalID && a.AppRoleID == pair.AppRoleID
	}
}
