package scimapp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// resolvePrincipals turns the names of the assignments into object IDs, once for each name, and holds the groups
// against the grants. A name that leads nowhere is the assignments' problem alone: the rest goes on.
func (r *Reconciler) resolvePrincipals(ctx context.Context, s *scope) phase.Outcome {
	byPrefix := grantsByPrefix(s.tenant)
	var groups []grant.Group
	for _, a := range s.app.Spec.Assignments {
		p, err := resolve(ctx, s, a)
		if err != nil {
			return phase.Fail(v1alpha1.ReasonGraphUnreachable, fmt.Errorf("spec.assignments[%s]: %w", a.Name, err))
		}
		s.principals = append(s.principals, p)
		if a.Group == nil || p.problem != nil {
			continue
		}
		group := grant.Group{Name: a.Name, ObjectID: p.id}
		if byPrefix {
			found, err := s.directory.Group(ctx, p.id)
			if entra.IsNotFound(err) {
				s.principals[len(s.principals)-1].problem = groupGone(a, p.id)
				continue
			}
			if err != nil {
				return phase.Fail(v1alpha1.ReasonGraphUnreachable, fmt.Errorf("spec.assignments[%s]: %w", a.Name, err))
			}
			group.DisplayName = found.DisplayName
		}
		groups = append(groups, group)
	}
	namespace, err := r.namespace(ctx, s.app.Namespace)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonDenied, err)
	}
	if out, denied := r.deny(ctx, s, grant.Check(s.tenant, namespace, grant.Request{Scope: v1alpha1.ScopeAssigned, Groups: groups})); denied {
		return out
	}
	return phase.Succeed(v1alpha1.ReasonGranted, "a grant of EntraTenant %s covers this manifest", s.tenant.Name)
}

func groupGone(a v1alpha1.Assignment, id string) error {
	return fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
		"spec.assignments[%s].group: group %s is not in the directory; it may have been deleted: remove the entry, or name another group", a.Name, id))
}

// grantsByPrefix is true when group names matter, which costs a read for each group.
func grantsByPrefix(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool {
		return g.Groups != nil && len(g.Groups.DisplayNamePrefixes) > 0
	})
}

// resolve gives an assignment's object ID: the manifest's own, else the one that the name was resolved to before, else
// what Graph finds. The error is for Graph's failures; what the manifest got wrong is the principal's problem.
func resolve(ctx context.Context, s *scope, a v1alpha1.Assignment) (principal, error) {
	p := principal{assignment: a, id: string(objectID(a))}
	if p.id == "" {
		p.reference = reference(a)
	}
	pinned := slices.IndexFunc(s.app.Status.Assignments, func(st v1alpha1.AssignmentStatus) bool {
		return st.Name == a.Name && st.Kind == string(kindOf(a)) && st.Reference == p.reference && (p.id == "" || p.id == st.PrincipalID)
	})
	if pinned >= 0 {
		p.id = s.app.Status.Assignments[pinned].PrincipalID
		return p, nil
	}
	found, err := lookUp(ctx, s.directory, a)
	switch {
	case err != nil && fault.ClassOf(err) == fault.Terminal:
		p.problem = err
		return p, nil
	case err != nil:
		return p, err
	}
	p.id = found.ID
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
			"spec.assignments[%s].group.displayName: there is no group %q in the directory; the whole name has to be given, as Entra has it: check its spelling, or set objectID", a.Name, name))
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

func notSecurityEnabled(a v1alpha1.Assignment, group entra.Principal) error {
	return fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
		"spec.assignments[%s].group: group %q (%s) is not security-enabled, and Entra assigns security groups only; use another group", a.Name, group.DisplayName, group.ID))
}

func kindOf(a v1alpha1.Assignment) entra.PrincipalKind {
	if a.User != nil {
		return entra.PrincipalUser
	}
	return entra.PrincipalGroup
}

func field(a v1alpha1.Assignment) string { return strings.ToLower(string(kindOf(a))) }

func lookUpUser(ctx context.Context, directory entra.Principals, a v1alpha1.Assignment) (entra.Principal, error) {
	user, err := directory.UserByPrincipalName(ctx, a.User.UserPrincipalName)
	if entra.IsNotFound(err) {
		return entra.Principal{}, fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
			"spec.assignments[%s].user.userPrincipalName: there is no user %q in the directory; correct the name or set objectID", a.Name, a.User.UserPrincipalName))
	}
	return user, err
}

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
