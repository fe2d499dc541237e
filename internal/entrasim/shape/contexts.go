package shape

import (
	"regexp"
	"strings"
)

// contexts tell the type of an answer from what follows # in its @odata.context.
var contexts = []struct {
	fragment *regexp.Regexp
	name     string
}{
	{regexp.MustCompile(`^users(/\$entity)?$`), "user"},
	{regexp.MustCompile(`^groups(/\$entity)?$`), "group"},
	{regexp.MustCompile(`^applications(/\$entity)?$`), "application"},
	{regexp.MustCompile(`^servicePrincipals(/\$entity)?$`), "servicePrincipal"},
	{regexp.MustCompile(`^directoryObjects(/\$entity)?$`), "directoryObject"},
	{regexp.MustCompile(`^appRoleAssignments(/\$entity)?$`), "appRoleAssignment"},
	{regexp.MustCompile(`^applicationTemplates(/\$entity)?$`), "applicationTemplate"},
	{regexp.MustCompile(`applicationServicePrincipal$`), "applicationServicePrincipal"},
	{regexp.MustCompile(`synchronization/templates(/\$entity)?$`), "synchronizationTemplate"},
	{regexp.MustCompile(`synchronization/jobs(/\$entity)?$`), "synchronizationJob"},
	{regexp.MustCompile(`/schema/\$entity$`), "synchronizationSchema"},
	{regexp.MustCompile(`synchronization/secrets$`), "synchronizationSecretKeyStringValuePair"},
	{regexp.MustCompile(`stringKeyStringValuePair$`), "stringKeyStringValuePair"},
	{regexp.MustCompile(`^auditLogs/provisioning$`), "provisioningObjectSummary"},
	{regexp.MustCompile(`^auditLogs/directoryAudits(/\$entity)?$`), "directoryAudit"},
	{regexp.MustCompile(`filterOperatorSchema\)$`), "filterOperatorSchema"},
	{regexp.MustCompile(`attributeMappingFunctionSchema\)$`), "attributeMappingFunctionSchema"},
	{regexp.MustCompile(`parseExpressionResponse$`), "parseExpressionResponse"},
	{regexp.MustCompile(`objectConnections/\$entity$`), "objectConnection"},
}

// typeOf finds the type of an answer; empty when no context is known.
func typeOf(context string) string {
	_, fragment, _ := strings.Cut(context, "#")
	for _, c := range contexts {
		if c.fragment.MatchString(fragment) {
			return "microsoft.graph." + c.name
		}
	}
	return ""
}

// described are types that answers have and that the metadata at hand does not describe. Their members are as the reference
// to the synchronization API and Microsoft's documentation show them. objectConnection is of /beta.
var described = map[string]map[string]property{
	"microsoft.graph.filterOperatorSchema": {
		"id": {Type: "Edm.String"}, "name": {Type: "Edm.String"}, "arity": {Type: "Edm.String"},
		"multivaluedComparisonType": {Type: "Edm.String"},
		"supportedAttributeTypes":   {Type: "microsoft.graph.attributeType", Collection: true},
	},
	"microsoft.graph.attributeMappingFunctionSchema": {
		"id": {Type: "Edm.String"}, "name": {Type: "Edm.String"},
		"parameters": {Type: "microsoft.graph.attributeMappingParameterSchema", Collection: true},
	},
	"microsoft.graph.attributeMappingParameterSchema": {
		"name": {Type: "Edm.String"}, "required": {Type: "Edm.Boolean"}, "allowMultipleOccurrences": {Type: "Edm.Boolean"},
		"type": {Type: "microsoft.graph.attributeType"},
	},
	"microsoft.graph.parseExpressionResponse": {
		"error": {Type: "microsoft.graph.synchronizationError"}, "parsingSucceeded": {Type: "Edm.Boolean"},
		"evaluationSucceeded": {Type: "Edm.Boolean"}, "evaluationResult": {Type: "Edm.String", Collection: true},
		"parsedExpression": {Type: "microsoft.graph.attributeMappingSource"},
	},
	"microsoft.graph.objectConnection": {
		"objectId": {Type: "Edm.String"}, "sourceAnchor": {Type: "Edm.String"}, "targetAnchor": {Type: "Edm.String"},
		"displayName": {Type: "Edm.String"}, "objectTypeName": {Type: "Edm.String"},
	},
	errorType: {
		"code": {Type: "Edm.String"}, "message": {Type: "Edm.String"}, "innerError": {Type: innerErrorType},
	},
	innerErrorType: {
		"date": {Type: "Edm.String"}, "request-id": {Type: "Edm.String"}, "client-request-id": {Type: "Edm.String"},
	},
}

const (
	errorType      = "microsoft.graph.publicError"
	innerErrorType = "microsoft.graph.publicInnerError"
)
