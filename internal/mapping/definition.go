package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/scim-operator/scim-operator/internal/mapping/nearest"
)

// enterpriseAttributes are those of RFC 7643 section 4.3 that hold a text.
var enterpriseAttributes = []string{"costCenter", "department", "division", "employeeNumber", "organization"}

// graphNames are the attributes that Microsoft Graph names otherwise than the provisioning service.
var graphNames = map[string]string{
	"id": "objectId", "mobilePhone": "mobile", "businessPhones": "telephoneNumber", "faxNumber": "facsimileTelephoneNumber",
	"officeLocation": "physicalDeliveryOfficeName", "onPremisesExtensionAttributes": "extensionAttribute1",
}

// computedAttributes are filled in by the provisioning service itself, whether or not the source directory's definition lists them.
var computedAttributes = map[Object][]string{User: {"IsSoftDeleted", appRoleAssignments}}

// attributeDefinition is Graph's resource of that name, as a target directory's object lists its attributes.
type attributeDefinition struct {
	Anchor            bool              `json:"anchor"`
	APIExpressions    []json.RawMessage `json:"apiExpressions"`
	CaseExact         bool              `json:"caseExact"`
	DefaultValue      *string           `json:"defaultValue"`
	FlowNullValues    bool              `json:"flowNullValues"`
	Multivalued       bool              `json:"multivalued"`
	Mutability        string            `json:"mutability"`
	Name              string            `json:"name"`
	Required          bool              `json:"required"`
	Type              string            `json:"type"`
	Metadata          []json.RawMessage `json:"metadata"`
	ReferencedObjects []json.RawMessage `json:"referencedObjects"`
}

// newDefinition is a writable text attribute. Its metadata marks it as the customer's where the object's other attributes are marked so.
func newDefinition(object gjson.Result, target string) json.RawMessage {
	d := attributeDefinition{
		Name: target, Type: "String", Mutability: "ReadWrite",
		// roles is the one multi-valued attribute that is ever added; the value path of a single role is not.
		Multivalued: target == roleMappings[RolesAssertive].Target,
		// Entra sends a change of case alone only to attributes where case counts; the endpoint's definition agrees.
		CaseExact:      true,
		APIExpressions: []json.RawMessage{}, Metadata: []json.RawMessage{}, ReferencedObjects: []json.RawMessage{},
	}
	for _, attribute := range object.Get("attributes").Array() {
		for _, entry := range attribute.Get("metadata").Array() {
			if entry.Get("key").String() == "IsCustomerDefined" && strings.EqualFold(entry.Get("value").String(), "true") {
				d.Metadata = []json.RawMessage{json.RawMessage(entry.Raw)}
				return encode(d)
			}
		}
	}
	return encode(d)
}

// missingDefinition gives the attributeDefinition that the target directory's object lacks for the target: the default schema's own
// where that has it, else a new one where the target may be added. It is nil where the object has it. False means that the target is
// none that the app could know.
func missingDefinition(live, template gjson.Result, target string, isRole bool) (json.RawMessage, bool) {
	if slices.Contains(attributeNames(live), target) {
		return nil, true
	}
	for _, attribute := range template.Get("attributes").Array() {
		if attribute.Get("name").String() == target {
			return withoutAnnotations([]byte(attribute.Raw)), true
		}
	}
	extension, isExtension := parseExtension(target)
	if isRole || isExtension && (extension.custom() || slices.Contains(enterpriseAttributes, extension.attribute)) {
		return newDefinition(live, target), true
	}
	return nil, false
}

// unknownTarget is the finding about a target that neither Entra nor the extension rule knows.
func unknownTarget(mapping Ref, target string, known []string) Finding {
	for _, name := range enterpriseAttributes {
		known = append(known, enterpriseExtension+":"+name)
	}
	remedy := "use an attribute of SCIM as Entra writes it, or an extension: urn:ietf:params:scim:schemas:extension:<name>:2.0:User:<attribute>"
	if name, ok := nearest.Name(target, known); ok {
		remedy = fmt.Sprintf("did you mean %s?", name)
	}
	return Finding{Mapping: mapping, Target: target, Severity: SeverityError,
		Message: "the app's schema in Entra has no such attribute", Remedy: remedy}
}

// unknownSource is the finding about a source attribute that the source directory does not list.
func unknownSource(mapping Ref, target string, object Object, source string, known []string) Finding {
	f := Finding{Mapping: mapping, Target: target, Severity: SeverityError,
		Message: fmt.Sprintf("Entra has no attribute %q of %s for provisioning", source, object)}
	name, isNear := nearest.Name(source, known)
	switch {
	case graphNames[source] != "":
		f.Remedy = fmt.Sprintf("use %s: provisioning has its own names, not those of Microsoft Graph", graphNames[source])
	case strings.HasPrefix(source, "extension_"):
		f.Remedy = "add the directory extension to the job's source attributes in the portal; its name is extension_<application ID without dashes>_<name>, and case counts"
	case isNear:
		f.Remedy = fmt.Sprintf("did you mean %s? Case counts", name)
	default:
		f.Remedy = "use one of the provisioning service's source attributes, such as userPrincipalName, mail or objectId; case counts"
	}
	return f
}
