package defaults

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// The schemas that the default mapping writes to.
const (
	userTarget  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupTarget = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// row is one default attribute mapping.
type row struct {
	expression, target string
	match              int
}

// userRows are in the portal's order.
var userRows = []row{
	{"[userPrincipalName]", "userName", 1},
	{`Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "active", 0},
	{"[displayName]", "displayName", 0},
	{"[jobTitle]", "title", 0},
	{"[mail]", `emails[type eq "work"].value`, 0},
	{"[preferredLanguage]", "preferredLanguage", 0},
	{"[givenName]", "name.givenName", 0},
	{"[surname]", "name.familyName", 0},
	{`Join(" ", [givenName], [surname])`, "name.formatted", 0},
	{"[physicalDeliveryOfficeName]", `addresses[type eq "work"].formatted`, 0},
	{"[streetAddress]", `addresses[type eq "work"].streetAddress`, 0},
	{"[city]", `addresses[type eq "work"].locality`, 0},
	{"[state]", `addresses[type eq "work"].region`, 0},
	{"[postalCode]", `addresses[type eq "work"].postalCode`, 0},
	{"[country]", `addresses[type eq "work"].country`, 0},
	{"[telephoneNumber]", `phoneNumbers[type eq "work"].value`, 0},
	{"[mobile]", `phoneNumbers[type eq "mobile"].value`, 0},
	{"[facsimileTelephoneNumber]", `phoneNumbers[type eq "fax"].value`, 0},
	{"[mailNickname]", "externalId", 0},
	{"[employeeId]", userTarget + ":employeeNumber", 0},
	{"[department]", userTarget + ":department", 0},
	{"[manager]", userTarget + ":manager", 0},
}

var groupRows = []row{
	{"[displayName]", "displayName", 1},
	{"[objectId]", "externalId", 0},
	{"[members]", "members", 0},
}

// Schema is the synchronizationSchema, as Graph would answer it. The caller must not change it.
var Schema = sync.OnceValue(func() []byte {
	text, err := json.Marshal(map[string]any{
		"id": "scim.default", "version": "offline",
		"directories": []any{
			directory("Azure Active Directory", object("User", sourceUser), object("Group", sourceGroup)),
			directory("customappsso", object(userTarget, targetUser), object(groupTarget, targetGroup)),
		},
		"synchronizationRules": []any{map[string]any{
			"id": "offline", "name": "USERGROUP_OUTBOUND_USERGROUP", "priority": 1, "editable": true,
			"sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "customappsso", "metadata": []any{},
			"objectMappings": []any{
				objectMapping("Provision Microsoft Entra ID Users", "User", userTarget, userRows),
				objectMapping("Provision Microsoft Entra ID Groups", "Group", groupTarget, groupRows),
			},
		}},
	})
	if err != nil {
		panic(fmt.Sprintf("encoding the built-in default schema: %v", err)) // only texts, numbers and booleans are in it
	}
	return text
})

func directory(name string, objects ...any) map[string]any {
	return map[string]any{"id": name, "name": name, "discoverabilities": "None", "readOnly": false, "version": "1.0", "metadata": []any{}, "objects": objects}
}

func objectMapping(name, source, target string, rows []row) map[string]any {
	mappings := make([]any, len(rows))
	for i, r := range rows {
		node, err := expr.Parse(r.expression)
		if err != nil {
			panic(fmt.Sprintf("the built-in default mapping of %s: %v", r.target, err))
		}
		mappings[i] = map[string]any{
			"targetAttributeName": r.target, "source": node.Source(), "matchingPriority": r.match,
			"defaultValue": nil, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always",
		}
	}
	return map[string]any{
		"name": name, "enabled": true, "flowTypes": "Add, Update, Delete", "sourceObjectName": source, "targetObjectName": target,
		"scope": nil, "metadata": []any{}, "attributeMappings": mappings,
	}
}

// object defines an object with its attributes, which are written as attribute reads them.
func object(name string, attributes []string) map[string]any {
	definitions := make([]any, 0, len(attributes))
	for _, text := range attributes {
		definitions = append(definitions, attribute(text))
	}
	return map[string]any{"name": name, "supportedApis": []any{}, "metadata": []any{}, "attributes": definitions}
}

// attribute reads "name", "name Type" or "name Type many"; without a type it is a String.
func attribute(text string) map[string]any {
	kind, multivalued := "String", false
	if rest, found := strings.CutSuffix(text, " many"); found {
		text, multivalued = rest, true
	}
	for _, known := range []string{"Boolean", "Integer", "DateTime", "Reference"} {
		if rest, found := strings.CutSuffix(text, " "+known); found {
			text, kind = rest, known
		}
	}
	return map[string]any{
		"name": text, "type": kind, "anchor": text == "objectId" || text == "id", "caseExact": text == "externalId" || text == "objectId" || text == "id",
		"defaultValue": nil, "flowNullValues": false, "multivalued": multivalued, "mutability": "ReadWrite", "required": text == "userName",
		"apiExpressions": []any{}, "metadata": []any{}, "referencedObjects": []any{},
	}
}
