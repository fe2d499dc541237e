package manifest

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	kyaml "sigs.k8s.io/yaml"
)

// Problem is something in a file that no object could be made of.
type Problem struct {
	Position
	Message string
}

// Object is one object of a file.
type Object struct {
	unstructured.Unstructured
	source *document
	node   *yaml.Node
}

// document is one of the documents of a file.
type document struct {
	file string
	// first is the line of the file that is the document's first.
	first int
	lines []string
}

// parse reads all documents of a file. Documents that are not objects of Kubernetes are left out.
func parse(file string, content []byte) ([]Object, []Problem) {
	var objects []Object
	var problems []Problem
	for _, d := range split(file, string(content)) {
		found, err := d.objects()
		if err != nil {
			problems = append(problems, d.problem(err))
			continue
		}
		objects = append(objects, found...)
	}
	return objects, problems
}

// split cuts a file at its separators, as kubectl does.
func split(file, content string) []*document {
	current := &document{file: file, first: 1}
	documents := []*document{current}
	for i, line := range strings.Split(content, "\n") {
		if strings.HasPrefix(line, "---") {
			current = &document{file: file, first: i + 2}
			documents = append(documents, current)
			continue
		}
		current.lines = append(current.lines, strings.TrimSuffix(line, "\r"))
	}
	return documents
}

func (d *document) objects() ([]Object, error) {
	text := []byte(strings.Join(d.lines, "\n"))
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, nil // nothing but comments
	}
	// Values are read by what kubectl reads them with: an unquoted yes is true for it, and a text for the reader of positions.
	raw, err := kyaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, err
	}
	var value map[string]any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, errors.New("this is not an object: a manifest begins with apiVersion and kind")
	}
	return d.flatten(value, root.Content[0]), nil
}

// flatten takes the items of a List for themselves.
func (d *document) flatten(value map[string]any, node *yaml.Node) []Object {
	object := Object{Unstructured: unstructured.Unstructured{Object: value}, source: d, node: node}
	items, isList := value["items"].([]any)
	if object.GetKind() != "List" || !isList {
		return []Object{object}
	}
	var all []Object
	for i, item := range items {
		if item, isObject := item.(map[string]any); isObject {
			all = append(all, d.flatten(item, child(child(node, step{key: "items"}), step{index: i, isIndex: true}))...)
		}
	}
	return all
}

var lineInError = regexp.MustCompile(`^(?:yaml: |error converting YAML to JSON: yaml: )*(?:unmarshal errors:\s*)?line (\d+): `)

// problem leads an error of a YAML reader to its line in the file.
func (d *document) problem(err error) Problem {
	message := err.Error()
	p := Problem{Position: Position{File: d.file, Line: d.first, Column: 1}, Message: message}
	if m := lineInError.FindStringSubmatch(message); m != nil {
		line, _ := strconv.Atoi(m[1]) // it has nothing but digits
		p.Line = d.first + line - 1
		p.Message = message[len(m[0]):]
	}
	p.Message = fmt.Sprintf("this is not valid YAML: %s", strings.TrimPrefix(strings.TrimPrefix(p.Message, "error converting YAML to JSON: "), "yaml: "))
	return p
}
