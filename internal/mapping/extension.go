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

// ExtensionAttribute is one attribute of an extension, with the characteristics of RFC 7643 section 2.2.
type ExtensionAttribute struct {
	// Name without the URN.
	Name string
	// Type is a data type of RFC 7643 section 2.3.
	Type string
	// CaseExact says that letter case counts.
	CaseExact bool
	// MultiValued says that it holds a list.
	MultiValued bool
	// Required says that no value of the extension is complete without it.
	Required bool
	// Mutability is immutable, or empty for readWrite.
	Mutability string
	// ReferenceTypes are what a reference leads to.
	ReferenceTypes []string
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

// Extensions are the schema extensions that the mappings' targets and declared attributes belong to, sorted by ID, without the
// enterprise extension, which every endpoint knows. What is mapped and not declared is one text, in which letter case counts, so that a
// change of case alone arrives as well.
func Extensions(d Desired) []ExtensionSchema {
	var schemas []ExtensionSchema
	for _, m := range d.Mappings {
		for _, a := range m.TargetAttributes {
			schemas = withAttribute(schemas, a.Name, a.extensionAttribute())
		}
	}
	for _, m := range d.Mappings {
		for _, a := range m.Attributes {
			if !a.Remove {
				schemas = withAttribute(schemas, a.Target, TargetAttribute{}.extensionAttribute())
			}
		}
	}
	return schemas
}

// ExtensionsInUse are the schema extensions that a synchronizationSchema maps attributes of, with the types that it defines. An endpoint
// has to serve them for as long as Entra may send them, whatever the manifests say by now.
func ExtensionsInUse(live []byte) []ExtensionSchema {
	var schemas []ExtensionSchema
	for _, object := range []Object{User, Group} {
		there, err := locate(live, object)
		if err != nil {
			continue // a schema that does not map the object sends nothing of it
		}
		for _, element := range there.elements {
			target := element.Get("targetAttributeName").String()
			defined, _ := find(there.target, target)
			schemas = withAttribute(schemas, target, declaredTarget(live, defined).extensionAttribute())
		}
	}
	return schemas
}

// MergeExtensions adds to schemas what more has beyond them; where both have an attribute, that of schemas counts.
func MergeExtensions(schemas, more []ExtensionSchema) []ExtensionSchema {
	merged := []ExtensionSchema(nil)
	for _, schema := range slices.Concat(schemas, more) {
		for _, attribute := range schema.Attributes {
			merged = withAttribute(merged, schema.ID+":"+attribute.Name, attribute)
		}
	}
	return merged
}

// extensionAttribute is the attribute as an endpoint is told of it, still without its name.
func (a TargetAttribute) extensionAttribute() ExtensionAttribute {
	kind := a.Type
	if kind == "" {
		kind = TypeString
	}
	// RFC 7643 section 2.3 gives no letter case to numbers, dates and booleans.
	hasCase := kind == TypeString || kind == TypeBinary || kind == TypeReference
	out := ExtensionAttribute{
		Type: strings.ToLower(string(kind[:1])) + string(kind[1:]), CaseExact: hasCase && (a.CaseExact == nil || *a.CaseExact),
		MultiValued: a.MultiValued != nil && *a.MultiValued, Required: a.Required != nil && *a.Required,
	}
	if a.Mutability == MutabilityImmutable {
		out.Mutability = "immutable"
	}
	for _, object := range a.ReferencedObjects {
		out.ReferenceTypes = append(out.ReferenceTypes, string(object))
	}
	return out
}

// withAttribute adds the attribute of an extension of the customer's to its schema, both sorted and each once; any other target adds
// nothing.
func withAttribute(schemas []ExtensionSchema, target string, attribute ExtensionAttribute) []ExtensionSchema {
	extension, ok := parseExtension(target)
	if !ok || !extension.custom() {
		return schemas
	}
	attribute.Name = extension.attribute
	i := slices.IndexFunc(schemas, func(s ExtensionSchema) bool { return sameName(s.ID, extension.urn) })
	if i < 0 {
		schemas = append(schemas, ExtensionSchema{ID: extension.urn, Name: extension.name, ResourceType: extension.resourceType, Attributes: []ExtensionAttribute{attribute}})
		slices.SortFunc(schemas, func(a, b ExtensionSchema) int { return strings.Compare(a.ID, b.ID) })
		return schemas
	}
	have := schemas[i].Attributes
	if !slices.ContainsFunc(have, func(a ExtensionAttribute) bool { return sameName(a.Name, attribute.Name) }) {
		have = append(have, attribute)
		slices.SortFunc(have, func(a, b ExtensionAttribute) int { return strings.Compare(a.Name, b.Name) })
		schemas[i].Attributes = have
	}
	return schemas
}
