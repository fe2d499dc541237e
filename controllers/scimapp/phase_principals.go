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
			if err != nil && !entra.IsNotFound(err) {
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

// grantsByPrefix is true when group names matter, which costs a read for each group.
func grantsByPrefix(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool {
		return g.Groups != nil && len(g.Groups.DisplayNamePrefixes) > 0
	})
}

// resolve gives an assignment's object ID: the manifest's own, else the one that the name was resolved to before, else
// what Graph finds. The error is for Graph's failures; what the manifest got wrong is the principal's problem.
func resolve(ctx context.Context, s *scope, a v1alpha1.Assignment) (principal, error) {
	p := principal{assignment: a}
	if id := objectID(a); id != "" {
		p.id = string(id)
		return p, nil
	}
	p.reference = reference(a)
	pinned := slices.IndexFunc(s.app.Status.Assignments, func(st v1alpha1.AssignmentStatus) bool {
		return st.Name == a.Name && st.Reference == p.reference
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
	if a.User != nil {
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
			"spec.assignments[%s].group.displayName: there is no group %q in the directory; names are matched exactly, so check spelling and case, or set objectID", a.Name, name))
	case 1:
		if !groups[0].SecurityEnabled {
			return entra.Principal{}, fault.NewTerminal(v1alpha1.ReasonPrincipalNotFound, fmt.Errorf(
				"spec.assignments[%s].group.displayName: group %q (%s) is not security-enabled, and Entra assigns security groups only; use another group", a.Name, name, groups[0].ID))
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
