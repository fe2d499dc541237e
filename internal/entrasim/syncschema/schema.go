package syncschema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Names that the default mapping uses; a client has to find the rule by them, not by its position.
const (
	SourceDirectory = "Azure Active Directory"
	TargetDirectory = "customappsso"
	UserSource      = "User"
	GroupSource     = "Group"
	UserTarget      = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	GroupTarget     = "urn:ietf:params:scim:schemas:core:2.0:Group"
	CoreUser        = "urn:ietf:params:scim:schemas:core:2.0:User"
)

// Schema is the typed view of Graph's synchronizationSchema, with the members that the engine acts on.
type Schema struct {
	ID          string      `json:"id"`
	Version     string      `json:"version"`
	Directories []Directory `json:"directories"`
	Rules       []Rule      `json:"synchronizationRules"`
}

// Directory is Graph's directoryDefinition.
type Directory struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Objects []Object `json:"objects"`
}

// Object is Graph's objectDefinition.
type Object struct {
	Name       string      `json:"name"`
	Attributes []Attribute `json:"attributes"`
}

// Attribute is Graph's attributeDefinition.
type Attribute struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Anchor      bool   `json:"anchor"`
	CaseExact   bool   `json:"caseExact"`
	Multivalued bool   `json:"multivalued"`
}

// Rule is Graph's synchronizationRule.
type Rule struct {
	ID                  string          `json:"id"`
	Name                string          `json:"name"`
	SourceDirectoryName string          `json:"sourceDirectoryName"`
	TargetDirectoryName string          `json:"targetDirectoryName"`
	ObjectMappings      []ObjectMapping `json:"objectMappings"`
}

// ObjectMapping is Graph's objectMapping.
type ObjectMapping struct {
	Name              string             `json:"name"`
	Enabled           bool               `json:"enabled"`
	FlowTypes         string             `json:"flowTypes"`
	SourceObjectName  string             `json:"sourceObjectName"`
	TargetObjectName  string             `json:"targetObjectName"`
	Scope             *Filter            `json:"scope"`
	AttributeMappings []AttributeMapping `json:"attributeMappings"`
}

// Filter is Graph's filter: groups are joined by OR.
type Filter struct {
	Groups []FilterGroup `json:"groups"`
}

// FilterGroup is Graph's filterGroup: clauses are joined by AND.
type FilterGroup struct {
	Name    string         `json:"name"`
	Clauses []FilterClause `json:"clauses"`
}

// FilterClause is Graph's filterClause.
type FilterClause struct {
	OperatorName      string `json:"operatorName"`
	SourceOperandName string `json:"sourceOperandName"`
	TargetOperand     *struct {
		Values []string `json:"values"`
	} `json:"targetOperand"`
}

// AttributeMapping is Graph's attributeMapping. Source is nil for the portal's "None".
type AttributeMapping struct {
	TargetAttributeName string       `json:"targetAttributeName"`
	Source              *expr.Source `json:"source"`
	DefaultValue        *string      `json:"defaultValue"`
	MatchingPriority    int          `json:"matchingPriority"`
	FlowType            string       `json:"flowType"`
}

// Parse reads the typed view out of raw JSON as decoded into maps.
func Parse(raw map[string]any) (*Schema, error) {
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	s := &Schema{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return s, nil
}

// Clone returns a deep copy of a raw schema.
func Clone(raw map[string]any) map[string]any {
	return cloneValue(raw).(map[string]any)
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneValue(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneValue(e)
		}
		return out
	default:
		return v
	}
}

// SameMappings says whether two raw schemas have the same object mappings, scopes included. A write that changes them
// makes the engine start over with a full cycle.
func SameMappings(a, b map[string]any) bool {
	return reflect.DeepEqual(mappings(a), mappings(b))
}

func mappings(raw map[string]any) []any {
	var out []any
	rules, _ := raw["synchronizationRules"].([]any)
	for _, rule := range rules {
		if rule, ok := rule.(map[string]any); ok {
			out = append(out, rule["objectMappings"])
		}
	}
	return out
}

// Flows says whether the mapping performs an operation: Add, Update or Delete. Graph writes the flags as a comma list
// with or without spaces.
func (m *ObjectMapping) Flows(operation string) bool {
	for flag := range strings.SplitSeq(m.FlowTypes, ",") {
		if strings.EqualFold(strings.TrimSpace(flag), operation) {
			return true
		}
	}
	return false
}

// Mapping finds the object mapping of a source object (User or Group) and the definition of its target object.
func (s *Schema) Mapping(source string) (*ObjectMapping, *Object) {
	for i := range s.Rules {
		rule := &s.Rules[i]
		for j := range rule.ObjectMappings {
			if m := &rule.ObjectMappings[j]; m.SourceObjectName == source {
				return m, s.Object(rule.TargetDirectoryName, m.TargetObjectName)
			}
		}
	}
	return nil, nil
}

// Object finds an object definition in the directory of that name; nil when there is none.
func (s *Schema) Object(directory, name string) *Object {
	for i := range s.Directories {
		if s.Directories[i].Name != directory {
			continue
		}
		for j := range s.Directories[i].Objects {
			if o := &s.Directories[i].Objects[j]; o.Name == name {
				return o
			}
		}
	}
	return nil
}

// Attribute finds an attribute definition by its exact name; nil when there is none.
func (o *Object) Attribute(name string) *Attribute {
	if o == nil {
		return nil
	}
	for i := range o.Attributes {
		if o.Attributes[i].Name == name {
			return &o.Attributes[i]
		}
	}
	return nil
}
