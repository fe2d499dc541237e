package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// place is where one object type is mapped in a synchronization schema. Paths are sjson's.
type place struct {
	// path is that of the object mapping, and mapping is what is there.
	path    string
	mapping gjson.Result
	// mappings is the path of its attributeMappings; elements are what is there.
	mappings string
	elements []gjson.Result
	// source and target are the object definitions of the two directories.
	source, target objectDefinition
}

// objectDefinition is an object of a directory, with the path of its attributes.
type objectDefinition struct {
	name       string
	path       string
	attributes []gjson.Result
}

// actions are what the object mapping lets Entra do, and what else its flow types say.
func (p place) actions() (actions []Action, others []string) {
	return readActions(p.mapping.Get("flowTypes").String())
}

// state says whether the object mapping is in force; one that does not say so is.
func (p place) state() State {
	if enabled := p.mapping.Get("enabled"); enabled.IsBool() && !enabled.Bool() {
		return StateDisabled
	}
	return StateEnabled
}

// locate finds the object mapping from the object to its counterpart by what its rule connects, not by the names of rules and
// directories, which differ between tenants of different age.
func locate(schema []byte, object Object) (place, error) {
	var found []place
	for i, rule := range gjson.GetBytes(schema, "synchronizationRules").Array() {
		for j, mapping := range rule.Get("objectMappings").Array() {
			if mapping.Get("sourceObjectName").String() != string(object) {
				continue
			}
			source, hasSource := definition(schema, rule.Get("sourceDirectoryName").String(), string(object))
			target, hasTarget := definition(schema, rule.Get("targetDirectoryName").String(), mapping.Get("targetObjectName").String())
			if !hasSource || !hasTarget {
				continue
			}
			path := fmt.Sprintf("synchronizationRules.%d.objectMappings.%d", i, j)
			found = append(found, place{
				path: path, mapping: mapping,
				mappings: path + ".attributeMappings", elements: mapping.Get("attributeMappings").Array(),
				source: source, target: target,
			})
		}
	}
	if len(found) != 1 {
		return place{}, fmt.Errorf("the job's schema has %d object mappings with source object %s between directories that define both objects, where one is needed; "+
			"restore the default mapping in the portal, or use an application made from the non-gallery template", len(found), object)
	}
	return found[0], nil
}

// definition finds the object of that name in the directory of that name.
func definition(schema []byte, directory, object string) (objectDefinition, bool) {
	for i, d := range gjson.GetBytes(schema, "directories").Array() {
		if d.Get("name").String() != directory {
			continue
		}
		for j, o := range d.Get("objects").Array() {
			if o.Get("name").String() == object {
				path := fmt.Sprintf("directories.%d.objects.%d.attributes", i, j)
				return objectDefinition{name: object, path: path, attributes: o.Get("attributes").Array()}, true
			}
		}
	}
	return objectDefinition{}, false
}

// bracketed is one of our paths as a reader writes it: synchronizationRules[0].objectMappings[1].
func bracketed(path string) string { return pathIndex.ReplaceAllString(path, "[$1]") }

var pathIndex = regexp.MustCompile(`\.(\d+)`)

// attributeNames are the names that an object definition lists.
func attributeNames(object objectDefinition) []string {
	var names []string
	for _, attribute := range object.attributes {
		names = append(names, attribute.Get("name").String())
	}
	return names
}

// targetName is how the schema names the app's counterpart of an object. Where it maps none it is the documented name.
func targetName(schema []byte, object Object) string {
	if there, err := locate(schema, object); err == nil {
		return there.target.name
	}
	return documentedTarget[object]
}

var documentedTarget = map[Object]string{User: enterpriseExtension, Group: "urn:ietf:params:scim:schemas:core:2.0:Group"}

// checkSchema refuses what is no JSON object.
func checkSchema(schema []byte) error {
	if !gjson.ValidBytes(schema) || !gjson.ParseBytes(schema).IsObject() {
		return fmt.Errorf("the schema is not a JSON object")
	}
	return nil
}

// withoutAnnotations drops the OData control members (@odata.context and the like) that Graph adds to answers, because they do not
// belong into a request; type annotations stay. Everything else stays byte for byte.
func withoutAnnotations(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("@odata.")) {
		return raw
	}
	value := gjson.ParseBytes(raw)
	if !value.IsArray() && !value.IsObject() {
		return raw // a text that only mentions one
	}
	var members [][]byte
	value.ForEach(func(key, member gjson.Result) bool {
		switch {
		case value.IsArray():
			members = append(members, withoutAnnotations([]byte(member.Raw)))
		case !isAnnotation(key.String()):
			members = append(members, append([]byte(key.Raw+":"), withoutAnnotations([]byte(member.Raw))...))
		}
		return true
	})
	if value.IsArray() {
		return enclose('[', members, ']')
	}
	return enclose('{', members, '}')
}

func isAnnotation(key string) bool {
	return strings.Contains(key, "@odata.") && !strings.HasSuffix(key, "@odata.type")
}

func enclose(open byte, members [][]byte, end byte) []byte {
	joined := append([]byte{open}, bytes.Join(members, []byte(","))...)
	return append(joined, end)
}

// edit puts raw JSON at the path of a document. The paths are our own, so it cannot fail on a valid document.
func edit(document []byte, path string, raw []byte) ([]byte, error) {
	changed, err := sjson.SetRawBytes(document, path, raw)
	if err != nil {
		return nil, fmt.Errorf("writing %s of the schema: %w", path, err)
	}
	return changed, nil
}

// appendTo puts raw at the end of the array at path, which may be missing or null.
func appendTo(document []byte, path string, raw []byte) ([]byte, error) {
	if !gjson.GetBytes(document, path).IsArray() {
		return edit(document, path, []byte("["+string(raw)+"]"))
	}
	return edit(document, path+".-1", raw)
}

// encode writes a value as JSON without escaping <, > and &, which expressions are full of.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("encoding %T: %v", value, err)) // only strings, numbers and trees of them come here
	}
	return bytes.TrimSpace(text.Bytes())
}
