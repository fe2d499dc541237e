package mapping

import (
	"regexp"
	"slices"
	"strings"
)

// ExtensionSchema is a schema extension (RFC 7643 section 3.3) that the endpoint has to know.
type ExtensionSchema struct {
	// ID is the schema's id, such as urn:ietf:params:scim:schemas:extension:wiki:2.0:User.
	ID string
	// Name is the extension's own part of the URN, such as wiki.
	Name string
	// ResourceType is User or Group.
	ResourceType string
	// Attributes are sorted by name.
	Attributes []ExtensionAttribute
}

// ExtensionAttribute is one attribute of an extension.
type ExtensionAttribute struct {
	// Name without the URN.
	Name string
	// Type is a data type of RFC 7643 section 2.3.
	Type string
	// CaseExact says that letter case counts.
	CaseExact bool
	// MultiValued says that it holds a list.
	MultiValued bool
}

const enterpriseExtension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// extensionForm is an extension attribute: a URN that ends in the extension's name, its version and its resource type, then a simple
// attribute name (RFC 7643 section 2.1).
var extensionForm = regexp.MustCompile(`(?i)^(urn:(?:[^:\[\]" ]+:)*([^:\[\]" ]+):\d+\.\d+:(User|Group)):([a-z][a-z0-9$_-]*)$`)

// extensionTarget is a target taken apart.
type extensionTarget struct {
	urn, name, resourceType, attribute string
}

// parseExtension takes the target apart; false when it is no attribute of an extension schema.
func parseExtension(target string) (extensionTarget, bool) {
	parts := extensionForm.FindStringSubmatch(target)
	if len(parts) == 0 || strings.HasPrefix(strings.ToLower(parts[1]), "urn:ietf:params:scim:schemas:core:") {
		return extensionTarget{}, false
	}
	return extensionTarget{urn: parts[1], name: parts[2], resourceType: parts[3], attribute: parts[4]}, true
}

// custom says that the endpoint does not know the extension by itself.
func (e extensionTarget) custom() bool { return !sameName(e.urn, enterpriseExtension) }

// Extensions are the schema extensions that the mappings' targets belong to, sorted by ID, without the enterprise extension, which
// every endpoint knows. All attributes are single texts. Letter case counts in them, so that a change of case alone arrives as well.
func Extensions(d Desired) []ExtensionSchema {
	var schemas []ExtensionSchema
	for _, m := range d.Mappings {
		for _, a := range m.Attributes {
			target, ok := parseExtension(a.Target)
			if !ok || !target.custom() {
				continue
			}
			i := slices.IndexFunc(schemas, func(s ExtensionSchema) bool { return sameName(s.ID, target.urn) })
			if i < 0 {
				i = len(schemas)
				schemas = append(schemas, ExtensionSchema{ID: target.urn, Name: target.name, ResourceType: target.resourceType})
			}
			schemas[i].add(target.attribute)
		}
	}
	slices.SortFunc(schemas, func(a, b ExtensionSchema) int { return strings.Compare(a.ID, b.ID) })
	return schemas
}

// add keeps the attributes sorted, each once.
func (s *ExtensionSchema) add(name string) {
	if slices.ContainsFunc(s.Attributes, func(a ExtensionAttribute) bool { return sameName(a.Name, name) }) {
		return
	}
	s.Attributes = append(s.Attributes, ExtensionAttribute{Name: name, Type: "string", CaseExact: true})
	slices.SortFunc(s.Attributes, func(a, b ExtensionAttribute) int { return strings.Compare(a.Name, b.Name) })
}
