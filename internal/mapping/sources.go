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

// SourceInUse is a source attribute that a schema sends to the app.
type SourceInUse struct {
	Object Object
	Target string
	Source string
}

// attributeReference is a reference to a source attribute in an expression's text.
var attributeReference = regexp.MustCompile(`\[([^\[\]]+)\]`)

// SourcesInUse are the source attributes that a synchronizationSchema sends, whoever mapped them: Entra's default mapping
// is as much in force as ours. The text of each expression is searched, so that a function which the language here does
// not know hides nothing.
func SourcesInUse(schema []byte) []SourceInUse {
	var out []SourceInUse
	for _, rule := range gjson.GetBytes(schema, "synchronizationRules").Array() {
		for _, object := range rule.Get("objectMappings").Array() {
			for _, element := range object.Get("attributeMappings").Array() {
				for _, match := range attributeReference.FindAllStringSubmatch(element.Get("source.expression").String(), -1) {
					out = append(out, SourceInUse{
						Object: Object(object.Get("sourceObjectName").String()), Target: element.Get("targetAttributeName").String(), Source: match[1],
					})
				}
			}
		}
	}
	return out
}
