package manifest

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Position is a place in a file. Lines and columns count from 1, columns in characters.
type Position struct {
	File   string
	Line   int
	Column int
}

// At is where a field stands, such as spec.attributes[2].target. A field that is not there is where the nearest one above
// it stands.
func (o Object) At(path string) Position {
	node, key := o.find(path)
	if key != nil {
		node = key
	}
	return o.position(node.Line, node.Column)
}

// ValueAt is where the value of a field stands.
func (o Object) ValueAt(path string) Position {
	node, _ := o.find(path)
	return o.position(node.Line, node.Column)
}

// Scalar is a value as it is written, without regard to what YAML makes of it; empty for what is not a single value.
func (o Object) Scalar(path string) string {
	node, _ := o.find(path)
	if node.Kind != yaml.ScalarNode {
		return ""
	}
	return node.Value
}

// WithText is the object with a single value taken as the text that is written, as if it were quoted.
func (o Object) WithText(path string) Object {
	text := o.Scalar(path)
	o.Unstructured = *o.Unstructured.DeepCopy()
	var at any = o.Object
	all := steps(path)
	for i, s := range all {
		last := i == len(all)-1
		switch inside := at.(type) {
		case map[string]any:
			if last {
				inside[s.key] = text
			}
			at = inside[s.key]
		case []any:
			if !s.isIndex || s.index >= len(inside) {
				return o
			}
			if last {
				inside[s.index] = text
			}
			at = inside[s.index]
		}
	}
	return o
}

// InText is where a line and column of a text stand, both counting from 1. Where the text is folded, YAML has lost that,
// and it is where the text begins.
func (o Object) InText(path string, line, column int) Position {
	node, _ := o.find(path)
	begin := o.position(node.Line, node.Column)
	if node.Kind != yaml.ScalarNode || line < 1 {
		return begin
	}
	switch node.Style {
	case yaml.LiteralStyle:
		return o.inLiteral(node, line, column)
	case yaml.FoldedStyle:
		return begin
	}
	raw := []rune(o.source.line(node.Line))
	if line != 1 || node.Column > len(raw) || !onOneLine(raw[node.Column-1:], node) {
		return begin
	}
	return o.position(node.Line, node.Column+width(raw[node.Column-1:], node.Style, column-1))
}

// onOneLine says whether the value that begins raw ends there too.
func onOneLine(raw []rune, node *yaml.Node) bool {
	switch node.Style {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		end := width(raw, node.Style, utf8.RuneCountInString(node.Value))
		return end < len(raw) && raw[end] == raw[0]
	default:
		return strings.HasPrefix(string(raw), node.Value)
	}
}

// inLiteral: the lines of a literal block are its own, indented by what its first line is indented by.
func (o Object) inLiteral(node *yaml.Node, line, column int) Position {
	for i := node.Line + 1; i <= len(o.source.lines); i++ {
		text := o.source.line(i)
		if trimmed := strings.TrimLeft(text, " "); trimmed != "" {
			return o.position(node.Line+line, len(text)-len(trimmed)+column)
		}
	}
	return o.position(node.Line, node.Column)
}

// width is how much of a line the first characters of a value take, with the quotes and escapes that are written there.
func width(raw []rune, style yaml.Style, characters int) int {
	at := 0
	if style == yaml.DoubleQuotedStyle || style == yaml.SingleQuotedStyle {
		at++
	}
	for range characters {
		if at >= len(raw) {
			break
		}
		switch {
		case style == yaml.DoubleQuotedStyle && raw[at] == '\\':
			at += escapeLength(raw[at:])
		case style == yaml.SingleQuotedStyle && raw[at] == '\'':
			at += 2
		default:
			at++
		}
	}
	return at
}

// escapeLength is the length of an escape of a double-quoted value.
func escapeLength(raw []rune) int {
	if len(raw) < 2 {
		return 1
	}
	switch raw[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	default:
		return 2
	}
}

func (o Object) position(line, column int) Position {
	return Position{File: o.source.file, Line: o.source.first + line - 1, Column: max(column, 1)}
}

// line is a line of the document, counting from 1.
func (d *document) line(i int) string {
	if i < 1 || i > len(d.lines) {
		return ""
	}
	return d.lines[i-1]
}

// step is one step into a value.
type step struct {
	key     string
	index   int
	isIndex bool
}

// find gives the node of the field, or of the nearest one above that exists, and the node of its name where it has one.
func (o Object) find(path string) (node, key *yaml.Node) {
	node = o.node
	for _, s := range steps(path) {
		next := child(node, s)
		if next == nil {
			return node, key
		}
		if s.isIndex {
			key = nil
		} else {
			key = keyOf(node, s.key)
		}
		node = next
	}
	return node, key
}

// steps takes a path of the API server's messages apart. The keys of a map are in brackets there too.
func steps(path string) []step {
	var all []step
	for path != "" {
		switch path[0] {
		case '.':
			path = path[1:]
		case '[':
			inside, rest, _ := strings.Cut(path[1:], "]")
			if i, err := strconv.Atoi(inside); err == nil {
				all = append(all, step{index: i, isIndex: true})
			} else {
				all = append(all, step{key: inside})
			}
			path = rest
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			all = append(all, step{key: path[:end]})
			path = path[end:]
		}
	}
	return all
}

func child(node *yaml.Node, s step) *yaml.Node {
	node = resolved(node)
	if s.isIndex {
		if node.Kind != yaml.SequenceNode || s.index >= len(node.Content) {
			return nil
		}
		return resolved(node.Content[s.index])
	}
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == s.key {
			return resolved(node.Content[i+1])
		}
	}
	return nil
}

func keyOf(node *yaml.Node, key string) *yaml.Node {
	node = resolved(node)
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i]
		}
	}
	return nil
}

// resolved follows an alias to what it stands for.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
