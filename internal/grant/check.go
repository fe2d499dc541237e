package grant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// maxExamples bounds the denials of one kind: an app may have 1,500 assignments, and a condition's message has an end.
const maxExamples = 5

// Check holds a request against the tenant's grants and gives everything that they do not cover, in the order of the
// fields of Request. Grants for one namespace add up; what one of them denies by name is denied. None is given by default.
func Check(tenant *v1alpha1.EntraTenant, ns Namespace, req Request) []Denial {
	c := checker{tenant: tenant.Name, namespace: ns.Name, grants: grantsOf(tenant, ns)}
	if len(c.grants) == 0 {
		return []Denial{{
			Field: "spec.tenantRef.name",
			Message: fmt.Sprintf("no grant of EntraTenant %s names namespace %s, so its ScimApps may do nothing there; "+
				"ask for a grant with this namespace in spec.grants[].namespaces of the EntraTenant, or name another EntraTenant", c.tenant, c.namespace),
		}}
	}
	var denials []Denial
	denials = append(denials, c.scope(req.Scope)...)
	denials = append(denials, c.groups(req.Groups)...)
	denials = append(denials, c.users(req.Users)...)
	denials = append(denials, c.owners(req.Owners)...)
	denials = append(denials, c.adoption(req.Adopt, req.App)...)
	denials = append(denials, c.address(req.EndpointURL)...)
	denials = append(denials, c.pods(req.Pods)...)
	return append(denials, c.sources(req.SourceAttributes)...)
}

// checker judges for one namespace.
type checker struct {
	tenant, namespace string
	grants            []v1alpha1.Grant // those that name the namespace
}

func (c checker) scope(want v1alpha1.ProvisioningScope) []Denial {
	if want != v1alpha1.ScopeAll {
		// Every grant allows it: All includes who is assigned, and empty means Assigned.
		return nil
	}
	for _, g := range c.grants {
		if slices.Contains(g.Scopes, v1alpha1.ScopeAll) {
			return nil
		}
	}
	return []Denial{c.denial("spec.provisioning.scope", "scope All would send everybody in the directory to the app", "scopes", "has no All", "set scope: Assigned")}
}

func (c checker) groups(groups []Group) []Denial {
	var denials []Denial
	for _, group := range groups {
		if c.allowsGroup(group) {
			continue
		}
		denials = append(denials, c.denial(fmt.Sprintf("spec.assignments[%s].group", group.Name), "group "+describe(group)+" would be assigned",
			"groups", "does not allow it: neither Any, nor its object ID, nor a prefix of its name", "remove the assignment"))
	}
	return shorten(denials, "spec.assignments", "groups")
}

func (c checker) allowsGroup(group Group) bool {
	return slices.ContainsFunc(c.grants, func(g v1alpha1.Grant) bool {
		switch {
		case g.Groups == nil:
			return false
		case g.Groups.Allowed == v1alpha1.GroupsAny:
			return true
		case g.Groups.Allowed != v1alpha1.GroupsListed:
			return false
		}
		return slices.Contains(g.Groups.ObjectIDs, v1alpha1.ObjectID(group.ObjectID)) || hasPrefix(group.DisplayName, g.Groups.DisplayNamePrefixes)
	})
}

// hasPrefix compares with regard to case: what is granted is what somebody wrote.
func hasPrefix(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return prefix != "" && strings.HasPrefix(name, prefix) })
}

func describe(group Group) string {
	if group.DisplayName == "" {
		return group.ObjectID
	}
	return fmt.Sprintf("%q (%s)", group.DisplayName, group.ObjectID)
}

func (c checker) users(assignments []string) []Denial {
	allowed := slices.ContainsFunc(c.grants, func(g v1alpha1.Grant) bool { return g.Users != nil && g.Users.Allowed == v1alpha1.UsersAny })
	if allowed {
		return nil
	}
	var denials []Denial
	for _, name := range assignments {
		denials = append(denials, c.denial(fmt.Sprintf("spec.assignments[%s].user", name), "a single user would be assigned",
			"users", "is not Any", "assign a group instead"))
	}
	return shorten(denials, "spec.assignments", "users")
}

func (c checker) owners(ids []string) []Denial {
	var denials []Denial
	for _, id := range ids {
		if c.allowsOwner(v1alpha1.ObjectID(id)) {
			continue
		}
		denials = append(denials, c.denial("spec.application.owners", id+" would own the application and could change all that is set in Entra",
			"owners", "does not allow it: neither Any nor its object ID", "remove the owner"))
	}
	return shorten(denials, "spec.application.owners", "owners")
}

func (c checker) allowsOwner(id v1alpha1.ObjectID) bool {
	return slices.ContainsFunc(c.grants, func(g v1alpha1.Grant) bool {
		if g.Owners == nil {
			return false
		}
		return g.Owners.Allowed == v1alpha1.OwnersAny || g.Owners.Allowed == v1alpha1.OwnersListed && slices.Contains(g.Owners.ObjectIDs, id)
	})
}

// sources compares names without regard to case: a denied attribute must not come through in another spelling.
func (c checker) sources(uses []SourceAttribute) []Denial {
	var denials []Denial
	for _, use := range uses {
		i := slices.IndexFunc(c.grants, func(g v1alpha1.Grant) bool {
			return g.SourceAttributes != nil &&
				slices.ContainsFunc(g.SourceAttributes.Deny, func(name string) bool { return strings.EqualFold(name, use.Source) })
		})
		if i < 0 {
			continue
		}
		denials = append(denials, Denial{
			Field: "spec.attributeMappings",
			Message: fmt.Sprintf("%s, which spec.grants[%s].sourceAttributes.deny of EntraTenant %s forbids; "+
				"use another attribute there, or ask for its removal from that list", describeUse(use), c.grants[i].Name, c.tenant),
		})
	}
	return shorten(denials, "spec.attributeMappings", "attributes")
}

func describeUse(use SourceAttribute) string {
	origin := use.Mapping
	if origin == "" {
		origin = "Entra's default mapping"
	}
	if use.Target == "" {
		return fmt.Sprintf("%s decides by %s in scope group %s", origin, use.Source, use.ScopeGroup)
	}
	return fmt.Sprintf("%s sends %s to target %s", origin, use.Source, use.Target)
}

// denial says what was seen, which member of which grants stands against it, and the two ways out.
func (c checker) denial(field, seen, member, why, remedy string) Denial {
	return Denial{Field: field, Message: fmt.Sprintf("%s, but for namespace %s %s of EntraTenant %s %s; %s, or ask for a wider grant",
		seen, c.namespace, c.member(member), c.tenant, why, remedy)}
}

// member names a member of the grants of the namespace.
func (c checker) member(member string) string {
	if len(c.grants) == 1 {
		return fmt.Sprintf("spec.grants[%s].%s", c.grants[0].Name, member)
	}
	names := make([]string, 0, maxExamples)
	for _, g := range c.grants[:min(len(c.grants), maxExamples)] {
		names = append(names, g.Name)
	}
	text := fmt.Sprintf("spec.grants[].%s (%s", member, strings.Join(names, ", "))
	if more := len(c.grants) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ")"
}

// shorten keeps the first denials and counts the others.
func shorten(denials []Denial, field, what string) []Denial {
	if len(denials) <= maxExamples {
		return denials
	}
	more := len(denials) - maxExamples
	return append(denials[:maxExamples:maxExamples], Denial{Field: field,
		Message: fmt.Sprintf("%d more %s are denied for the same reason; see the grants of the EntraTenant, or remove them", more, what)})
}
