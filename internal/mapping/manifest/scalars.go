package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"
	kubernetesyaml "sigs.k8s.io/yaml"
)

// NotText is a value of a mapping's manifest that has to be a text and that YAML reads as something else.
type NotText struct {
	// Path is the field, such as spec.attributes[3].constant.
	Path string
	// Line and Column are its place in the document, 1-based.
	Line, Column int
	// Written is the value as it stands, Type what YAML makes of it: a boolean, a number or nothing.
	Written, Type string
	// Message says what is wrong, Remedy what to do; both are sentences without a full stop.
	Message, Remedy string
}

// textFields are the members of a mapping's spec that hold texts of the user's own choice; values is a list of them.
var textFields = map[string]bool{"constant": true, "default": true, "source": true, "expression": true, "target": true, "values": true, "attribute": true, "name": true}

// NotTexts finds the values in one YAML document of a mapping that are no texts for Kubernetes, where a text is needed: true, 42 or
// null without quotes. The API server refuses them as well, without saying why they are not what was meant.
func NotTexts(document []byte) ([]NotText, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	spec := member(root.Content[0], "spec")
	if spec == nil {
		return nil, nil
	}
	var found []NotText
	walk("spec", spec, false, &found)
	return found, nil
}

func member(node *yaml.Node, name string) *yaml.Node {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

// walk looks at all values below the node; isText says that the node itself, or what is in its list, has to be a text.
func walk(path string, node *yaml.Node, isText bool, found *[]NotText) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := node.Content[i].Value
			walk(path+"."+name, node.Content[i+1], textFields[name], found)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			walk(fmt.Sprintf("%s[%d]", path, i), item, isText, found)
		}
	case yaml.ScalarNode:
		if kind := kindOf(node); isText && kind != "" {
			*found = append(*found, NotText{
				Path: path, Line: node.Line, Column: node.Column, Written: node.Value, Type: kind,
				Message: fmt.Sprintf("YAML reads %s as %s, and a text is needed", node.Value, kind), Remedy: fmt.Sprintf("put it into quotes: %q", node.Value),
			})
		}
	}
}

// kindOf says what Kubernetes' own reader makes of an unquoted value: it knows YAML 1.1, in which yes and on are booleans too. It is empty
// for a text.
func kindOf(node *yaml.Node) string {
	if node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || node.Tag == "!!str" && node.Style&yaml.TaggedStyle != 0 {
		return ""
	}
	var value any
	if err := kubernetesyaml.Unmarshal([]byte(node.Value), &value); err != nil {
		return "" // a text with signs of YAML in it, which another document around it makes one
	}
	switch value.(type) {
	case bool:
		return "a boolean"
	case float64, int64:
		return "a number"
	case nil:
		return "nothing"
	default:
		return ""
	}
}
