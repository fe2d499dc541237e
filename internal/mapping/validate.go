package mapping

import (
	"errors"
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
		found = append(found, validateMapping(d, m)...)
	}
	found = append(found, duplicateTargets(d)...)
	found = append(found, disagreements(d)...)
	found = append(found, repeatedDefinitions(d)...)
	if d.ScopeAll && d.mapsRoles() {
		found = append(found, Finding{Severity: SeverityError, Target: roleMappings[d.Roles].Target, Rule: "roles-scope-all",
			Message: fmt.Sprintf("roles: %s needs people to be assigned, but the provisioning scope is All", d.Roles),
			Remedy:  "set spec.roles: None or spec.provisioning.scope: Assigned"})
	}
	for _, object := range []Object{User, Group} {
		declared := d.declaration(object)
		if !declared.owns() {
			continue
		}
		var defaults []matcher
		if declared.base != BaseEmpty {
			defaults = []matcher{{target: documentedMatch[object], precedence: 1}}
		}
		found = append(found, declared.checkMatching(mergeMatchers(d, object, defaults))...)
	}
	return append(found, userWarnings(d)...)
}

// validateMapping checks one mapping by itself.
func validateMapping(d Desired, m Mapping) Findings {
	var found Findings
	if m.Object == User && m.State == StateDisabled {
		found = append(found, Finding{Mapping: m.Ref, Path: "spec.state", Severity: SeverityError, Rule: "user-disabled",
			Message: "Entra cannot disable the mapping of users", Remedy: "set provisioning.state: Paused in the ScimApp, or use a scope that nobody passes"})
	}
	found = append(found, checkScope(m)...)
	for i, a := range m.TargetAttributes {
		if message, remedy := checkDeclaredTarget(d, m, a); message != "" {
			found = append(found, Finding{Mapping: m.Ref, Target: a.Name, Path: fmt.Sprintf("spec.targetAttributes[%d]", i), Severity: SeverityError,
				Rule: "target-attribute", Message: message, Remedy: remedy})
		}
	}
	for i, a := range m.Attributes {
		found = append(found, validateAttribute(d, m, i, a)...)
	}
	return found
}

// attributePath is the place of an attribute in a manifest.
func attributePath(i int) string { return fmt.Sprintf("spec.attributes[%d]", i) }

// attributeChecks judge one attribute by itself; the first that finds something hides the others, which mostly follow from it.
var attributeChecks = []struct {
	rule, field string
	check       func(Desired, Mapping, Attribute, *expr.Node) (message, remedy string)
}{
	{"target", ".target", checkTarget},
	{"unknown-target", ".target", checkServed},
	{"reference", "", checkReference},
	{"match-source", ".matchPrecedence", checkMatchSource},
	{"roles", "", checkRoles},
}

// validateAttribute checks one attribute by itself.
func validateAttribute(d Desired, m Mapping, i int, a Attribute) Findings {
	finding := Finding{Mapping: m.Ref, Target: a.Target, Path: attributePath(i), Severity: SeverityError}
	node, err := a.node()
	if err != nil {
		return Findings{unreadable(finding, a, err)}
	}
	for _, c := range attributeChecks {
		if finding.Message, finding.Remedy = c.check(d, m, a, node); finding.Message != "" {
			finding.Rule, finding.Path = c.rule, finding.Path+c.field
			return Findings{finding}
		}
	}
	if a.Expression == "" || a.Remove {
		return nil
	}
	return checkExpression(finding, node)
}

// unreadable is the finding about a source or an expression that cannot be parsed.
func unreadable(about Finding, a Attribute, err error) Finding {
	if a.Source != "" {
		about.Rule, about.Path = "source", about.Path+".source"
		about.Message = fmt.Sprintf("source %q is no attribute name", a.Source)
		about.Remedy = "write the name alone, without brackets and quotes"
		return about
	}
	if fault, ok := errors.AsType[*expr.Error](err); ok {
		about.Line, about.Column = fault.Line, fault.Column
	}
	about.Rule, about.Path = "expression", about.Path+".expression"
	about.Message, about.Remedy = "the expression is wrong: "+err.Error(), "correct it at that place"
	return about
}

// checkExpression finds what the language knows to be wrong with an expression, or to be a trap, whatever attributes there are.
func checkExpression(about Finding, node *expr.Node) Findings {
	about.Path += ".expression"
	for _, fault := range expr.Check(node, nil) {
		if fault.Attribute != "" {
			continue // which attributes there are, the job's schema says
		}
		wrong := wrongExpression(fault)
		wrong.Mapping, wrong.Target, wrong.Path = about.Mapping, about.Target, about.Path
		return Findings{wrong}
	}
	var found Findings
	for _, trap := range expr.Warnings(node) {
		found = append(found, Finding{Mapping: about.Mapping, Target: about.Target, Path: about.Path, Severity: SeverityWarning, Rule: trap.Trap,
			Line: trap.Line, Column: trap.Column, Message: trap.Message, Remedy: trap.Remedy})
	}
	return found
}

// wrongExpression is a fault of an expression as a finding, which the caller puts into its place.
func wrongExpression(fault *expr.Error) Finding {
	return Finding{Severity: SeverityError, Rule: "expression", Line: fault.Line, Column: fault.Column,
		Message: "the expression is wrong: " + fault.Error(), Remedy: "correct it at that place"}
}

func checkTarget(_ Desired, m Mapping, a Attribute, _ *expr.Node) (message, remedy string) {
	if sameName(a.Target, "id") {
		return "id is given by the SCIM server and cannot be mapped", "map externalId instead"
	}
	return checkExtension(m, a.Target)
}

func checkExtension(m Mapping, target string) (message, remedy string) {
	if extension, ok := parseExtension(target); ok && !sameName(extension.resourceType, string(m.Object)) {
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
	if a.Remove || !sameName(name, "manager") && !sameName(name, "members") {
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
	if d.mapsRoles() && (role != "" || isRoleTarget(a.Target)) {
		return fmt.Sprintf("the ScimApp's roles: %s maps app roles already", d.Roles), "remove this mapping, or set spec.roles: None in the ScimApp"
	}
	return "", ""
}

func isRoleTarget(target string) bool {
	return sameName(target, "roles") || strings.HasPrefix(strings.ToLower(target), "roles[")
}

// duplicateTargets finds targets that two mappings, or one mapping twice, own.
func duplicateTargets(d Desired) Findings {
	var found Findings
	type owner struct {
		object Object
		target string
	}
	type place struct {
		Ref
		index int
	}
	owners := map[owner]place{}
	for _, m := range d.Mappings {
		for i, a := range m.Attributes {
			key := owner{m.Object, strings.ToLower(a.Target)}
			first, taken := owners[key]
			if !taken {
				owners[key] = place{m.Ref, i}
				continue
			}
			at := first.index // the finding is about the first mapping
			if first.Ref == m.Ref {
				at = i
			}
			mine, other := parties(first.Ref, m.Ref)
			found = append(found, Finding{Mapping: mine, Other: other, Target: a.Target, Path: attributePath(at), Severity: SeverityError, Rule: "mapped-twice",
				Message: "the target is mapped twice", Remedy: "keep one of the two"})
		}
	}
	return found
}
