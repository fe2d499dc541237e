package mapping

import (
	"regexp"

	"github.com/tidwall/gjson"
)

// Sources are the source attributes that a reads, each once. An expression with a syntax error has none: Validate finds it.
func Sources(a Attribute) []string {
	node, err := a.node()
	if err != nil || node == nil {
		return nil
	}
	return node.Attributes()
}

// Sources are the source attributes that the mapping reads: for each target, and for each group of its scope.
func (m Mapping) Sources() []SourceInUse {
	var out []SourceInUse
	for _, a := range m.Attributes {
		for _, source := range Sources(a) {
			out = append(out, SourceInUse{Object: m.Object, Target: a.Target, Source: source})
		}
	}
	return append(out, scopeSources(m.Object, m.Scope)...)
}

func scopeSources(object Object, scope []ScopeGroup) []SourceInUse {
	var out []SourceInUse
	for _, group := range scope {
		for _, clause := range group.Clauses {
			out = append(out, SourceInUse{Object: object, Group: group.Name, Source: clause.Attribute})
		}
	}
	return out
}

// SourceInUse is a source attribute that a schema sends to the app, or decides by who is in scope.
type SourceInUse struct {
	Object Object
	// Target is where it is sent to; empty where it is in a scope.
	Target string
	// Group is the scope group that asks for it.
	Group  string
	Source string
}

// attributeReference is a reference to a source attribute in an expression's text.
var attributeReference = regexp.MustCompile(`\[([^\[\]]+)\]`)

// SourcesInUse are the source attributes that a synchronizationSchema uses, whoever mapped them: Entra's default mapping
// is as much in force as ours. The text of each expression is searched, so that a function which the language here does
// not know hides nothing.
func SourcesInUse(schema []byte) []SourceInUse {
	var out []SourceInUse
	for _, rule := range gjson.GetBytes(schema, "synchronizationRules").Array() {
		for _, mapping := range rule.Get("objectMappings").Array() {
			object := Object(mapping.Get("sourceObjectName").String())
			for _, element := range mapping.Get("attributeMappings").Array() {
				for _, match := range attributeReference.FindAllStringSubmatch(element.Get("source.expression").String(), -1) {
					out = append(out, SourceInUse{Object: object, Target: element.Get("targetAttributeName").String(), Source: match[1]})
				}
			}
			out = append(out, scopeSources(object, readScope(mapping.Get("scope")))...)
		}
	}
	return out
}
