package patch

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// MessageURN is the schema of a PATCH request.
const MessageURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// MaxOperations is the most operations one PATCH may have.
const MaxOperations = 1000

// Op is the kind of an operation, in lower case.
type Op string

// The operations of RFC 7644 section 3.5.2.
const (
	Add     Op = "add"
	Replace Op = "replace"
	Remove  Op = "remove"
)

// Operation is one element of Operations.
type Operation struct {
	Op Op
	// Path is empty when the operation has none.
	Path string
	// Value is as decoded; HasValue tells null from absent.
	Value    any
	HasValue bool
}

// ParseMessage reads a PATCH body. Any other form is 400 invalidSyntax; keys it does not know are ignored (P-7).
func ParseMessage(d dialect.Dialect, body map[string]any) ([]Operation, error) {
	if d.RequireSchemas && !namesMessage(body) {
		return nil, syntax("schemas must name %s", MessageURN)
	}
	list, ok := resource.Lookup(body, "Operations").([]any)
	if !ok || len(list) == 0 {
		return nil, syntax("Operations must be a list of at least one operation")
	}
	if len(list) > MaxOperations {
		return nil, syntax("Operations has more than %d operations", MaxOperations)
	}
	operations := make([]Operation, 0, len(list))
	for i, element := range list {
		operation, err := parseOperation(element)
		if err != nil {
			return nil, scimerr.Prefix(err, "Operations[%d]", i)
		}
		operations = append(operations, operation)
	}
	return operations, nil
}

func namesMessage(body map[string]any) bool {
	urns, _ := resource.Lookup(body, "schemas").([]any)
	for _, urn := range urns {
		if s, ok := urn.(string); ok && strings.EqualFold(s, MessageURN) {
			return true
		}
	}
	return false
}

func parseOperation(element any) (Operation, error) {
	object, ok := element.(map[string]any)
	if !ok {
		return Operation{}, syntax("an operation must be an object")
	}
	var operation Operation
	name, _ := resource.Lookup(object, "op").(string)
	switch operation.Op = Op(strings.ToLower(name)); operation.Op {
	case Add, Replace, Remove:
	default:
		return Operation{}, syntax("op must be add, replace or remove")
	}
	switch path := resource.Lookup(object, "path").(type) {
	case nil:
	case string:
		operation.Path = strings.TrimSpace(path)
	default:
		return Operation{}, scimerr.BadRequest(scimerr.InvalidPath, "path must be a string")
	}
	for key, value := range object {
		if strings.EqualFold(key, "value") {
			operation.Value, operation.HasValue = value, true
		}
	}
	return operation, nil
}

func syntax(format string, args ...any) error {
	return scimerr.BadRequest(scimerr.InvalidSyntax, format, args...)
}
