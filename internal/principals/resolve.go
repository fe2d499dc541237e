package principals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
)

// Principal is an assignment's subject after its resolution.
type Principal struct {
	Assignment v1alpha1.Assignment
	// Reference is the name that it was resolved from, empty for an object ID.
	Reference string
	// ID is the object ID; it may be empty where there is a problem.
	ID string
	// Problem is why it cannot be assigned, with the field, the remedy and a reason of v1alpha1; nil where it can.
	Problem error
}

// Keeps is true for an assignment that stays because of the principal's problem: nobody loses access because something
// else did not work.
func (p Principal) Keeps(st v1alpha1.AssignmentStatus) bool {
	return p.Problem != nil && (p.Assignment.Name == st.Name || p.ID == st.PrincipalID)
}

// Kind is the type of object that an assignment is about.
func Kind(a v1alpha1.Assignment) entra.PrincipalKind {
	if a.User != nil {
		return entra.PrincipalUser
	}
	return entra.PrincipalGroup
}

// All resolves the assignments of a ScimApp in their order, and gives the groups among them as grants see them. Their names
// are read from the directory where named is true. A name that leads nowhere is the problem of its entry alone; the error is
// for failures of Graph.
func All(ctx context.Context, directory entra.Principals, app *v1alpha1.ScimApp, named bool) ([]Principal, []grant.Group, error) {
	var all []Principal
	var groups []grant.Group
	for _, a := range app.Spec.Assignments {
		p, err := resolve(ctx, directory, app.Status.Assignments, a)
		if err != nil {
			return nil, nil, resolving(a, err)
		}
		if a.Group != nil && p.Problem == nil {
			group := grant.Group{Name: a.Name, ObjectID: p.ID}
			if named {
				group.DisplayName, p.Problem, err = nameOf(ctx, directory, a, p.ID)
			}
			if err != nil {
				return nil, nil, resolving(a, err)
			}
			if p.Problem == nil {
				groups = append(groups, group)
			}
		}
		all = append(all, p)
	}
	return all, groups, nil
}

// resolving says which entry it was, unless the trouble is everybody's.
func resolving(a v1alpha1.Assignment, err error) error {
	if everybodys(err) {
		return err
	}
	return fmt.Errorf("resolving spec.assignments[%s]: %w", a.Name, err)
}

// everybodys is true for what has nothing to do with an entry.
func everybodys(err error) bool { return fault.ReasonOf(err, "") == entra.ReasonCredentialsInvalid }

// nameOf reads the name that a group has now.
func nameOf(ctx context.Context, directory entra.Principals, a v1alpha1.Assignment, id string) (name string, problem, err error) {
	found, err := directory.Group(ctx, id)
	if entra.IsNotFound(err) {
		return "", fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s].group: group %s is not in the directory; it may have been deleted: remove the entry, or name another group", a.Name, id)), nil
	}
	return found.DisplayName, nil, err
}

// resolve gives an assignment's object ID: the manifest's own, else the one that the name was resolved to before, else
// what Graph finds. The error is for Graph's failures; what the manifest got wrong is the principal's problem.
func resolve(ctx context.Context, directory entra.Principals, before []v1alpha1.AssignmentStatus, a v1alpha1.Assignment) (Principal, error) {
	if a.Group == nil && a.User == nil { // the API server takes none such, a file may have one
		return Principal{Assignment: a, Problem: fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s]: it names neither a group nor a user; set exactly one of the two", a.Name))}, nil
	}
	p := Principal{Assignment: a, ID: string(objectID(a))}
	if p.ID == "" {
		p.Reference = reference(a)
	}
	pinned := slices.IndexFunc(before, func(st v1alpha1.AssignmentStatus) bool {
		return st.Name == a.Name && st.Kind == string(Kind(a)) && st.Reference == p.Reference && (p.ID == "" || p.ID == st.PrincipalID)
	})
	if pinned >= 0 {
		p.ID = before[pinned].PrincipalID
		return p, nil
	}
	found, err := lookUp(ctx, directory, a)
	switch {
	case err != nil && fault.ClassOf(err) == fault.Terminal && !everybodys(err):
		p.Problem = err
		return p, nil
	case err != nil:
		return p, err
	}
	p.ID = found.ID
	return p, nil
}

func lookUp(ctx context.Context, directory entra.Principals, a v1alpha1.Assignment) (entra.Principal, error) {
	switch {
	case objectID(a) != "":
		return lookUpID(ctx, directory, a)
	case a.User != nil:
		return lookUpUser(ctx, directory, a)
	}
	name := a.Group.DisplayName
	groups, err := directory.GroupsByDisplayName(ctx, name)
	if err != nil {
		return entra.Principal{}, err
	}
	switch len(groups) {
	case 0:
		return entra.Principal{}, fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s].group.displayName: there is no group %q in the directory; the whole name has to be given, upper and lower case do not matter: check its spelling, or set objectID", a.Name, name))
	case 1:
		if !groups[0].SecurityEnabled {
			return entra.Principal{}, notSecurityEnabled(a, groups[0])
		}
		return groups[0], nil
	}
	ids := make([]string, 0, len(groups))
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	return entra.Principal{}, fault.NewTerminal(v1alpha1.ReasonPrincipalAmbiguous, fmt.Errorf(
		"spec.assignments[%s].group.displayName: %d groups are named %q (%s); set objectID to the one that is meant", a.Name, len(groups), name, strings.Join(ids, ", ")))
}

// lookUpID proves that the object is what the entry says. Graph would assign whatever the ID belongs to, and grants judge
// users and groups apart.
func lookUpID(ctx context.Context, directory entra.Principals, a v1alpha1.Assignment) (entra.Principal, error) {
	id, read := string(objectID(a)), directory.Group
	if a.User != nil {
		read = directory.User
	}
	found, err := read(ctx, id)
	switch {
	case entra.IsNotFound(err):
		return found, fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s].%s.objectID: the directory has no %s with the object ID %s; correct it", a.Name, field(a), field(a), id))
	case err != nil:
		return found, err
	case a.Group != nil && !found.SecurityEnabled:
		return found, notSecurityEnabled(a, found)
	}
	return found, nil
}

func lookUpUser(ctx context.Context, directory entra.Principals, a v1alpha1.Assignment) (entra.Principal, error) {
	user, err := directory.UserByPrincipalName(ctx, a.User.UserPrincipalName)
	if entra.IsNotFound(err) {
		return entra.Principal{}, fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s].user.userPrincipalName: there is no user %q in the directory; correct the name or set objectID", a.Name, a.User.UserPrincipalName))
	}
	return user, err
}

func notSecurityEnabled(a v1alpha1.Assignment, group entra.Principal) error {
	return fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
		"spec.assignments[%s].group: group %q (%s) is not security-enabled, and Entra assigns security groups only; use another group", a.Name, group.DisplayName, group.ID))
}

func field(a v1alpha1.Assignment) string { return strings.ToLower(string(Kind(a))) }

func objectID(a v1alpha1.Assignment) v1alpha1.ObjectID {
	if a.User != nil {
		return a.User.ObjectID
	}
	return a.Group.ObjectID
}

func reference(a v1alpha1.Assignment) string {
	if a.User != nil {
		return a.User.UserPrincipalName
	}
	return a.Group.DisplayName
}
