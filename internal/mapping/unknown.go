package mapping

import (
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

// enterpriseAttributes are those of RFC 7643 section 4.3 that hold a text.
var enterpriseAttributes = []string{"costCenter", "department", "division", "employeeNumber", "organization"}

// graphNames are the attributes that Microsoft Graph names otherwise than the provisioning service.
var graphNames = map[string]string{
	"id": "objectId", "mobilePhone": "mobile", "businessPhones": "telephoneNumber", "faxNumber": "facsimileTelephoneNumber",
	"officeLocation": "physicalDeliveryOfficeName", "onPremisesExtensionAttributes": "extensionAttribute1",
}

// unknownTarget is the finding about a target that neither Entra nor the extension rule knows.
func unknownTarget(mapping Ref, target string, known []string) Finding {
	for _, name := range enterpriseAttributes {
		known = append(known, enterpriseExtension+":"+name)
	}
	remedy := "use an attribute of SCIM as Entra writes it, or declare it under targetAttributes; one of your own is an extension, " +
		"urn:ietf:params:scim:schemas:extension:<name>:2.0:User:<attribute>, and needs no declaration if it is a text"
	if name, ok := nearest.Name(target, known); ok {
		remedy = fmt.Sprintf("did you mean %s?", name)
	}
	return Finding{Mapping: mapping, Target: target, Severity: SeverityError, Rule: "unknown-target",
		Message: "the app's schema in Entra has no such attribute", Remedy: remedy}
}

// unknownSource is the finding about a source attribute that the source directory does not list.
func unknownSource(mapping Ref, target string, object Object, source string, known []string) Finding {
	f := Finding{Mapping: mapping, Target: target, Severity: SeverityError, Rule: "unknown-source",
		Message: fmt.Sprintf("Entra has no attribute %q of %s for provisioning", source, object)}
	name, isNear := nearest.Name(source, known)
	switch {
	case graphNames[source] != "":
		f.Remedy = fmt.Sprintf("use %s: provisioning has its own names, not those of Microsoft Graph", graphNames[source])
	case strings.HasPrefix(source, "extension_"):
		f.Remedy = "declare the directory extension under sourceAttributes; its name is extension_<application ID without dashes>_<name>, and case counts"
	case isNear:
		f.Remedy = fmt.Sprintf("did you mean %s? Case counts", name)
	default:
		f.Remedy = "use one of the provisioning service's source attributes, such as userPrincipalName, mail or objectId, or declare it under sourceAttributes; case counts"
	}
	return f
}
