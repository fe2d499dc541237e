package syncschema

type operator struct {
	unary bool
	types []string
}

func (o operator) values() int {
	if o.unary {
		return 0
	}
	return 1
}

var anyType = []string{"Integer", "String", "Binary", "Boolean"}

// operators are the scope operators whose spelling is published; newer services list
// more, in a spelling that no source has: unconfirmed(newer-operators).
var operators = map[string]operator{
	"EQUALS":          {types: []string{"Integer", "String"}},
	"NOT EQUALS":      {types: []string{"Integer", "String"}},
	"REGEX MATCH":     {types: []string{"Integer", "String"}},
	"NOT REGEX MATCH": {types: []string{"Integer", "String"}},
	"IS NULL":         {unary: true, types: anyType},
	"IS NOT NULL":     {unary: true, types: anyType},
	"IS TRUE":         {unary: true, types: []string{"Boolean"}},
	"IS FALSE":        {unary: true, types: []string{"Boolean"}},
}

// FilterOperators is the value of GET schema/filterOperators.
func FilterOperators() []any {
	var out []any
	for _, name := range []string{"EQUALS", "NOT EQUALS", "REGEX MATCH", "NOT REGEX MATCH", "IS NULL", "IS NOT NULL",
		"IS TRUE", "IS FALSE"} {
		o := operators[name]
		arity := "Binary"
		if o.unary {
			arity = "Unary"
		}
		out = append(out, map[string]any{
			"id": name, "name": name, "arity": arity, "multivaluedComparisonType": "All", "supportedAttributeTypes": o.types,
		})
	}
	return out
}

// Functions is the value of GET schema/functions: the published list with the parameter names that trees use. The
// service knows more functions than this old list names.
func Functions() []any {
	type p struct {
		name, kind         string
		optional, repeated bool
	}
	list := []struct {
		name       string
		parameters []p
	}{
		{"Append", []p{{name: "source"}, {name: "suffix"}}},
		{"DefaultDomain", nil},
		{"AppRoleAssignments", []p{{name: "source"}}},
		{"FormatDateTime", []p{{name: "source"}, {name: "inputFormat"}, {name: "outputFormat"}}},
		{"IsNothing", []p{{name: "source", kind: "Boolean"}}},
		{"Join", []p{{name: "separator"}, {name: "source", repeated: true}}},
		{"Prepend", []p{{name: "prefix"}, {name: "source"}}},
		{"Mid", []p{{name: "source"}, {name: "start", kind: "Integer"}, {name: "length", kind: "Integer"}}},
		{"Not", []p{{name: "source", kind: "Boolean"}}},
		{"Replace", []p{{name: "source"}, {name: "Find", optional: true}, {name: "RegularExpression", optional: true},
			{name: "RegularExpressionGroupName", optional: true}, {name: "Replacement", optional: true},
			{name: "ReplacementPropertyName", optional: true}, {name: "Template", optional: true}}},
		{"SingleAppRoleAssignment", []p{{name: "source"}}},
		{"Split", []p{{name: "source"}, {name: "delimiter", optional: true}}},
		{"StripSpaces", []p{{name: "source"}}},
		{"Switch", []p{{name: "source"}, {name: "defaultValue", optional: true},
			{name: "switchValue", optional: true, repeated: true}}},
	}
	var out []any
	for _, f := range list {
		parameters := []any{}
		for _, p := range f.parameters {
			kind := p.kind
			if kind == "" {
				kind = "String"
			}
			parameters = append(parameters, map[string]any{
				"name": p.name, "required": !p.optional, "allowMultipleOccurrences": p.repeated, "type": kind,
			})
		}
		out = append(out, map[string]any{"id": f.name, "name": f.name, "parameters": parameters})
	}
	return out
}
