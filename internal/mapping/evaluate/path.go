package evaluate

import (
	"fmt"
	"regexp"
	"strings"
)

// path is a target attribute taken apart, such as emails[type eq "work"].value or an extension's URN with its attribute.
type path struct {
	urn, attribute      string
	filterBy, filterFor string
	sub                 string
}

var pathForm = regexp.MustCompile(`^(?:(urn:.+):)?([^:\[\]."]+)(?:\[(\w+) eq "([^"]*)"\])?(?:\.([^:\[\]."]+))?$`)

// coreSchemas may be written before an attribute, and mean the resource itself.
var coreSchemas = []string{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"}

func parsePath(target string) (path, error) {
	parts := pathForm.FindStringSubmatch(target)
	if parts == nil {
		return path{}, fmt.Errorf(`target %q is none that Entra writes: attribute, attribute.sub, attribute[type eq "x"].sub, or one of these after a URN`, target)
	}
	p := path{urn: parts[1], attribute: parts[2], filterBy: parts[3], filterFor: parts[4], sub: parts[5]}
	for _, core := range coreSchemas {
		if strings.EqualFold(p.urn, core) {
			p.urn = ""
		}
	}
	if p.filterBy != "" && p.sub == "" {
		p.sub = "value"
	}
	return p, nil
}

// put sets the value in a resource.
func (p path) put(resource map[string]any, value any) {
	if p.urn != "" {
		resource = object(resource, p.urn)
	}
	switch {
	case p.filterBy != "":
		p.element(resource)[p.sub] = value
	case p.sub != "":
		object(resource, p.attribute)[p.sub] = value
	default:
		resource[p.attribute] = value
	}
}

// object is the member that is an object, made where it is missing.
func object(parent map[string]any, name string) map[string]any {
	child, ok := parent[name].(map[string]any)
	if !ok {
		child = map[string]any{}
		parent[name] = child
	}
	return child
}

// element is the element of a multi-valued attribute that the filter chooses, made where it is missing.
func (p path) element(resource map[string]any) map[string]any {
	list, _ := resource[p.attribute].([]any)
	var chosen any = p.filterFor
	if p.filterBy == "primary" {
		chosen = strings.EqualFold(p.filterFor, "true")
	}
	for _, have := range list {
		if element, ok := have.(map[string]any); ok && element[p.filterBy] == chosen {
			return element
		}
	}
	element := map[string]any{p.filterBy: chosen}
	switch {
	case p.attribute == "roles":
		element["type"] = roleType
	case p.attribute == "emails" && chosen == "work":
		element["primary"] = true // as in Microsoft's sample; for other elements none is known
	}
	resource[p.attribute] = append(list, element)
	return element
}
