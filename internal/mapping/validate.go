package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// documentedMatch is the one target that Entra's default mapping of each object matches by, with precedence 1. It serves the checks
// that are made before the job's own default mapping is known.
var documentedMatch = map[Object]string{User: "userName", Group: "displayName"}

// Validate finds what is wrong with the mappings without looking into Entra: in the order of the mappings, Errors and Warnings mixed.
func Validate(d Desired) Findings {
	var found Findings
	for _, m := range d.Mappings {
		for _, a := range m.Attributes {
			found = append(found, validateAttribute(d, m, a)...)
		}
	}
	found = append(found, duplicateTargets(d)...)
	if d.ScopeAll && d.mapsRoles() {
		found = append(found, Finding{Severity: SeverityError, Target: roleMappings[d.Roles].Target,
			Message: fmt.Sprintf("roles: %s needs people to be assigned, but the provisioning scope is All", d.Roles),
			Remedy:  "set spec.roles: None or spec.provisioning.scope: Assigned"})
	}
	for _, object := range []Object{User, Group} {
		if d.mapped(object) {
			documented := []matcher{{target: documentedMatch[object], precedence: 1}}
			found = append(found, checkMatching(object, mergeMatchers(d, object, documented))...)
		}
	}
	return append(found, externalIDWarning(d)...)
}

// validateAttribute checks one attribute by itself; the first error hides the others, which mostly follow from it.
func validateAttribute(d Desired, m Mapping, a Attribute) Findings {
	finding := Finding{Mapping: m.Ref, Target: a.Target, Severity: SeverityError}
	node, err := a.node()
	if err != nil {
		finding.Message = "the expression is wrong: " + err.Error()
		finding.Remedy = "correct it at that place"
		if a.Source != "" {
			finding.Message = fmt.Sprintf("source %q is no attribute name", a.Source)
			finding.Remedy = "write the name alone, without brackets and quotes"
		}
		return Findings{finding}
	}
	for _, check := range []func(Desired, Mapping, Attribute, *expr.Node) (message, remedy string){
		checkTarget, checkReference, checkMatchSource, checkRoles, checkFunctions,
	} {
		if finding.Message, finding.Remedy = check(d, m, a, node); finding.Message != "" {
			return Findings{finding}
		}
	}
	return nil
}

func checkTarget(_ Desired, m Mapping, a Attribute, _ *expr.Node) (message, remedy string) {
	if sameName(a.Target, "id") {
		return "id is given by the SCIM server and cannot be mapped", "map externalId instead"
	}
	if extension, ok := parseExtension(a.Target); ok && !sameName(extension.resourceType, string(m.Object)) {
		return fmt.Sprintf("the extension %s is one of %s, but the mapping is about %s", extension.urn, extension.resourceType, m.Object),
			fmt.Sprintf("use an extension whose URN ends in :%s", m.Object)
	}
	return "", ""
}

// checkReference: Entra resolves references to other objects itself, and only from a direct mapping.
func checkReference(_ Desired, _ Mapping, a Attribute, node *expr.Node) (message, remedy string) {
	name := a.Target
	if extension, ok := parseExtension(a.Target); ok && !extension.custom() {
		name = extension.attribute
	}
	if !sameName(name, "manager") && !sameName(name, "members") {
		return "", ""
	}
	if node == nil || node.Kind() != expr.Attribute {
		return name + " refers to other people or groups and takes only a direct mapping", fmt.Sprintf("set source: %s instead", name)
	}
	return "", ""
}

func checkMatchSource(_ Desired, _ Mapping, a Attribute, node *expr.Node) (message, remedy string) {
	if a.MatchPrecedence == 0 || node != nil && node.Kind() != expr.Constant {
		return "", ""
	}
	return "matchPrecedence needs a source that differs from person to person, not a constant or a default alone",
		"set source or expression, or remove matchPrecedence"
}

func checkRoles(d Desired, _ Mapping, a Attribute, node *expr.Node) (message, remedy string) {
	role := ""
	if node != nil {
		role = node.RoleFunction()
		if role == "" && slices.Contains(node.Attributes(), appRoleAssignments) {
			return "appRoleAssignments cannot be mapped without a role function",
				"set spec.roles of the ScimApp, or wrap it: AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"
		}
	}
	if role != "" && d.ScopeAll {
		return role + " needs people to be assigned, but the provisioning scope is All", "remove the mapping, or set spec.provisioning.scope: Assigned"
	}
	isRoleTarget := sameName(a.Target, "roles") || strings.HasPrefix(strings.ToLower(a.Target), "roles[")
	if d.mapsRoles() && (role != "" || isRoleTarget) {
		return fmt.Sprintf("the ScimApp's roles: %s maps app roles already", d.Roles), "remove this mapping, or set spec.roles: None in the ScimApp"
	}
	return "", ""
}

func checkFunctions(_ Desired, _ Mapping, _ Attribute, node *expr.Node) (message, remedy string) {
	if node != nil && slices.Contains(node.Functions(), "SelectUniqueValue") {
		return "SelectUniqueValue works only in provisioning from HR to Active Directory; Entra does not run it for a SCIM app",
			"map an attribute that is unique already, such as userPrincipalName or objectId"
	}
	return "", ""
}

// duplicateTargets finds targets that two mappings, or one mapping twice, own.
func duplicateTargets(d Desired) Findings {
	var found Findings
	type owner struct {
		object Object
		target string
	}
	owners := map[owner]Ref{}
	for _, m := range d.Mappings {
		for _, a := range m.Attributes {
			key := owner{m.Object, strings.ToLower(a.Target)}
			first, taken := owners[key]
			if !taken {
				owners[key] = m.Ref
				continue
			}
			first, second := parties(first, m.Ref)
			found = append(found, Finding{Mapping: first, Other: second, Target: a.Target, Severity: SeverityError,
				Message: "the target is mapped twice", Remedy: "keep one of the two"})
		}
	}
	return found
}

// externalIDWarning: mailNickname, which Entra maps by default, is neither unique nor stable.
func externalIDWarning(d Desired) Findings {
	if !d.mapped(User) {
		return nil
	}
	name, source := Ref{}, "mailNickname"
	for _, m := range d.Mappings {
		if m.Object != User {
			continue
		}
		if name == (Ref{}) {
			name = m.Ref
		}
		for _, a := range m.Attributes {
			if sameName(a.Target, "externalId") {
				name, source = m.Ref, a.Source
			}
		}
	}
	if source != "mailNickname" {
		return nil
	}
	return Findings{{Mapping: name, Target: "externalId", Severity: SeverityWarning,
		Message: "externalId comes from mailNickname, Entra's default, which can change and be given to another person",
		Remedy:  "add {target: externalId, source: objectId}"}}
}
