package syncschema

import (
	"encoding/json"
	"fmt"
	"time"
)

// RuleID is the id of the rule USERGROUP_OUTBOUND_USERGROUP, taken from a gallery SCIM application. Clients have to read it:
// unconfirmed(rule-id).
const RuleID = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8"

// Form is what the default schema of a real job may look like in one way or another.
type Form struct {
	// TightFlowTypes writes "Add,Update,Delete"; the default has spaces. Both were seen: unconfirmed(flow-types).
	TightFlowTypes bool

	// NewNames calls directory and mappings by Microsoft Entra ID rather than Azure Active Directory, as newer jobs do:
	// unconfirmed(directory-name).
	NewNames bool

	// SuffixedRuleID gives the rule an id with a suffix, as some have: unconfirmed(rule-id).
	SuffixedRuleID bool

	// ShortVersion writes versions as v1.7; the default is Date:..., Sequence:7. Clients have to treat them as opaque:
	// unconfirmed(schema-version).
	ShortVersion bool
}

// Source is the name of the source directory.
func (f Form) Source() string {
	if f.NewNames {
		return "Microsoft Entra ID"
	}
	return SourceDirectory
}

func (f Form) ruleID() string {
	if f.SuffixedRuleID {
		return RuleID + "#V2"
	}
	return RuleID
}

func (f Form) flowTypes() string {
	if f.TightFlowTypes {
		return "Add,Update,Delete"
	}
	return "Add, Update, Delete"
}

// Version is the text of a schema's version member.
func (f Form) Version(written time.Time, sequence int) string {
	if f.ShortVersion {
		return fmt.Sprintf("v1.%d", sequence)
	}
	return fmt.Sprintf("Date:%s, Sequence:%d", written.UTC().Format(time.RFC3339Nano), sequence)
}

// Default is the synthetic default schema of the template scim. The public sources have its mapping tables but not its
// JSON, so everything beyond the tables (ids, attribute flags, metadata) is made up: unconfirmed(default-schema). Some
// members are deliberately unknown to the published metadata: the real service has such members too, and a client that
// drops them on a PUT has to be found out here.
func Default(id string, written time.Time, sequence int, form Form) map[string]any {
	source := form.Source()
	return normal(map[string]any{
		"id":      id,
		"version": form.Version(written, sequence),
		"directories": []any{
			directory("66e4a8cc-1b7b-435e-95f8-f06cea133828", source, sourceUser(), sourceGroup()),
			directory("d1c2c1d7-8a31-4b3b-b4a1-2e2d3d9d2b11", TargetDirectory, targetUser(), targetGroup()),
		},
		"synchronizationRules": []any{map[string]any{
			"id":                  form.ruleID(),
			"name":                "USERGROUP_OUTBOUND_USERGROUP",
			"priority":            1,
			"editable":            true,
			"sourceDirectoryName": source,
			"targetDirectoryName": TargetDirectory,
			"containerFilter":     nil,
			"groupFilter":         nil,
			"metadata": []any{
				entry("defaultSourceObjectMappings", `[{"sourceObjectName":"User"},{"sourceObjectName":"Group"}]`),
				entry("supportsProvisionOnDemand", "true"),
				entry("syntheticOrigin", "entra-sim"),
			},
			"objectMappings": []any{userMapping(form), groupMapping(form)},
		}},
	})
}

// normal brings a tree into the types that decoding JSON gives, so that it compares equal to what a client sends back.
func normal(tree map[string]any) map[string]any {
	text, err := json.Marshal(tree)
	if err != nil {
		panic(fmt.Sprintf("encoding the built-in schema: %v", err))
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(fmt.Sprintf("decoding the built-in schema: %v", err))
	}
	return out
}

func directory(id, name string, objects ...any) map[string]any {
	return map[string]any{
		"id": id, "name": name, "discoverabilities": "None", "discoveryDateTime": nil, "readOnly": false,
		"version": "1.0", "objects": objects,
	}
}

func entry(key, value string) map[string]any { return map[string]any{"key": key, "value": value} }

func userMapping(form Form) map[string]any {
	const enterprise = UserTarget + ":"
	m := objectMapping(form, "Users", UserSource, UserTarget)
	m["attributeMappings"] = []any{
		match(direct("userPrincipalName", "userName")),
		activeMapping(),
		direct("displayName", "displayName"),
		direct("jobTitle", "title"),
		direct("mail", `emails[type eq "work"].value`),
		direct("preferredLanguage", "preferredLanguage"),
		direct("givenName", "name.givenName"),
		direct("surname", "name.familyName"),
		joinedName(),
		direct("physicalDeliveryOfficeName", `addresses[type eq "work"].formatted`),
		direct("streetAddress", `addresses[type eq "work"].streetAddress`),
		direct("city", `addresses[type eq "work"].locality`),
		direct("state", `addresses[type eq "work"].region`),
		direct("postalCode", `addresses[type eq "work"].postalCode`),
		direct("country", `addresses[type eq "work"].country`),
		direct("telephoneNumber", `phoneNumbers[type eq "work"].value`),
		direct("mobile", `phoneNumbers[type eq "mobile"].value`),
		direct("facsimileTelephoneNumber", `phoneNumbers[type eq "fax"].value`),
		direct("mailNickname", "externalId"),
		direct("employeeId", enterprise+"employeeNumber"),
		direct("department", enterprise+"department"),
		direct("manager", enterprise+"manager"),
	}
	return m
}

func groupMapping(form Form) map[string]any {
	m := objectMapping(form, "Groups", GroupSource, GroupTarget)
	m["attributeMappings"] = []any{
		match(direct("displayName", "displayName")),
		direct("objectId", "externalId"),
		direct("members", "members"),
	}
	return m
}

func objectMapping(form Form, kind, source, target string) map[string]any {
	return map[string]any{
		"name": "Provision " + form.Source() + " " + kind, "enabled": true, "flowTypes": form.flowTypes(),
		"sourceObjectName": source, "targetObjectName": target, "scope": nil,
		"metadata": []any{
			entry("EscrowBehavior", `"Default"`),
			entry("DisableMonitoringForChanges", "false"),
			entry("Disposition", `"Normal"`),
			entry("SyntheticUnknownKey", "keep me"),
		},
		"syntheticUnknownMember": "keep me",
	}
}

func mapping(source map[string]any, target string) map[string]any {
	return map[string]any{
		"defaultValue": nil, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always",
		"matchingPriority": 0, "targetAttributeName": target, "source": source,
	}
}

func direct(source, target string) map[string]any { return mapping(attributeSource(source), target) }

func match(m map[string]any) map[string]any {
	m["matchingPriority"] = 1
	return m
}

func attributeSource(name string) map[string]any {
	return map[string]any{"expression": "[" + name + "]", "name": name, "type": "Attribute", "parameters": []any{}}
}

func constantSource(text string) map[string]any {
	return map[string]any{"expression": `"` + text + `"`, "name": text, "type": "Constant", "parameters": []any{}}
}

func parameter(key string, value map[string]any) map[string]any {
	return map[string]any{"key": key, "value": value}
}

func activeMapping() map[string]any {
	return mapping(map[string]any{
		"expression": `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "name": "Switch", "type": "Function",
		"parameters": []any{
			parameter("source", attributeSource("IsSoftDeleted")),
			parameter("switchValue", constantSource("False")),
			parameter("switchValue", constantSource("True")),
			parameter("switchValue", constantSource("True")),
			parameter("switchValue", constantSource("False")),
		},
	}, "active")
}

func joinedName() map[string]any {
	return mapping(map[string]any{
		"expression": `Join(" ", [givenName], [surname])`, "name": "Join", "type": "Function",
		"parameters": []any{
			parameter("separator", constantSource(" ")),
			parameter("source", attributeSource("givenName")),
			parameter("source", attributeSource("surname")),
		},
	}, "name.formatted")
}
