package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
	kyaml "sigs.k8s.io/yaml"
)

// Write writes the manifests, fields in the order of the API, notes as comments.
func Write(w io.Writer, m Manifests) error {
	for i := range m.Mappings {
		if err := write(w, &m.Mappings[i], nil); err != nil {
			return err
		}
		fmt.Fprintln(w, "---")
	}
	return write(w, &m.App, m.Notes)
}

func write(w io.Writer, object any, notes []Note) error {
	raw, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("encoding a manifest: %w", err)
	}
	var document yaml.Node // JSON is YAML, and a node keeps the order of its members
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return fmt.Errorf("encoding a manifest: %w", err)
	}
	root := document.Content[0]
	plain(root)
	versionFirst(root)
	for _, note := range notes {
		comment(root, note)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	encoder.CompactSeqIndent()
	if err := encoder.Encode(root); err != nil {
		return fmt.Errorf("encoding a manifest: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// versionFirst puts apiVersion above kind, as manifests are written.
func versionFirst(root *yaml.Node) {
	c := root.Content
	if len(c) > 3 && c[0].Value == "kind" && c[2].Value == "apiVersion" {
		c[0], c[1], c[2], c[3] = c[2], c[3], c[0], c[1]
	}
}

// plain takes JSON's look off, and quotes what kubectl would else read as something other than a text.
func plain(node *yaml.Node) {
	node.Style = 0
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
		var read any
		if err := kyaml.Unmarshal([]byte(node.Value), &read); err != nil || read != node.Value {
			node.Style = yaml.DoubleQuotedStyle
		}
		if strings.Contains(node.Value, `"`) && !strings.ContainsAny(node.Value, "'\n") {
			node.Style = yaml.SingleQuotedStyle
		}
	}
	for _, child := range node.Content {
		plain(child)
	}
}

// comment puts a note above the field that it is about; at the top of the object where there is no such field.
func comment(root *yaml.Node, note Note) {
	at := root.Content[0]
	node := root
	for name := range strings.SplitSeq(note.Path, ".") {
		key, value := member(node, name)
		if key == nil {
			break
		}
		at, node = key, value
	}
	text := wrapped(note.Message)
	if at.HeadComment != "" {
		text = at.HeadComment + "\n" + text
	}
	at.HeadComment = text
}

// commentWidth is how wide comments are.
const commentWidth = 100

// wrapped is a comment in lines that a reader can see whole.
func wrapped(message string) string {
	lines := []string{"#"}
	for word := range strings.FieldsSeq(message) {
		last := &lines[len(lines)-1]
		if len(*last)+len(word) > commentWidth {
			lines = append(lines, "#")
			last = &lines[len(lines)-1]
		}
		*last += " " + word
	}
	return strings.Join(lines, "\n")
}

func member(node *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Kind == yaml.MappingNode && node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}
