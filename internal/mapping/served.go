package mapping

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// valueFilter is the part of a target that chooses among the values of an attribute.
var valueFilter = regexp.MustCompile(`\[[^\]]*\]`)

// served says whether a managed endpoint can know the attribute: of RFC 7643 by itself, and of an extension once it is told.
func served(object Object, target string) bool {
	if extension, ok := parseExtension(target); ok && extension.custom() {
		return true
	}
	_, err := ownSchemas().ResourceType(string(object)).Resolve(valueFilter.ReplaceAllString(target, ""), false)
	return err == nil
}

// ownSchemas are what every endpoint of ours serves.
var ownSchemas = sync.OnceValue(func() *schema.Registry {
	registry, err := schema.NewRegistry()
	if err != nil {
		panic(fmt.Sprintf("the endpoint's own schemas: %v", err)) // they are constants
	}
	return registry
})

const ownExtension = "name one of your own as an extension, urn:ietf:params:scim:schemas:extension:<name>:2.0:%s:<attribute>, and declare it under targetAttributes if it is no text"

func checkServed(d Desired, m Mapping, a Attribute, _ *expr.Node) (message, remedy string) {
	if !d.Managed || a.Remove || served(m.Object, a.Target) {
		return "", ""
	}
	return "the managed endpoint has no such attribute", fmt.Sprintf(ownExtension, m.Object)
}

func checkDeclaredTarget(d Desired, m Mapping, a TargetAttribute) (message, remedy string) {
	switch {
	case sameName(a.Name, "id"):
		return "id is the SCIM server's own and cannot be declared", "leave it out"
	case (a.Type == TypeReference) != (len(a.ReferencedObjects) > 0):
		return "a Reference needs referencedObjects, and no other type has them", "set type: Reference and referencedObjects, or neither"
	case d.Managed && !served(m.Object, a.Name):
		return "a managed endpoint cannot serve this attribute", fmt.Sprintf(ownExtension, m.Object)
	}
	return checkExtension(m, a.Name)
}
