package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// The flow types that AttributeMappings ask for; a schema may hold others.
const (
	flowAlways   = "Always"
	flowOnCreate = "ObjectAddOnly"
)

// newElement is an attributeMapping of Graph before its own values are put in.
const newElement = `{"defaultValue":null,"exportMissingReferences":false,"flowBehavior":"FlowWhenChanged","flowType":"Always","matchingPriority":0,` +
	`"targetAttributeName":"","source":null}`

// flow is what an attributeMapping means, whatever its spelling: the members that AttributeMappings own.
type flow struct {
	target       string
	source       *expr.Node      // nil for none, and where the language does not know the expression
	text         string          // the expression without blanks outside of quotes, where source is nil
	tree         json.RawMessage // attributeMappingSource to write; nil for none
	defaultValue string          // empty for none
	precedence   int             // 0 for none
	flowType     string
}

// readFlow reads one element of attributeMappings. Missing and null are the same.
func readFlow(element gjson.Result) flow {
	f := flow{
		target:       element.Get("targetAttributeName").String(),
		defaultValue: element.Get("defaultValue").String(),
		precedence:   int(element.Get("matchingPriority").Int()),
		flowType:     element.Get("flowType").String(),
	}
	if f.flowType == "" {
		f.flowType = flowAlways
	}
	raw := element.Get("source")
	if !raw.IsObject() {
		return f
	}
	f.tree = json.RawMessage(raw.Raw)
	var tree expr.Source
	if err := json.Unmarshal(f.tree, &tree); err == nil {
		f.source, _ = expr.FromSource(tree) // an expression that is unknown here is compared as text
	}
	if f.source == nil {
		f.text = withoutBlanks(raw.Get("expression").String())
	}
	return f
}

// flow is what the attribute asks for. Its expression has been validated.
func (a Attribute) flow(parsed map[string]json.RawMessage) (flow, error) {
	f := flow{target: a.Target, defaultValue: a.Default, precedence: a.MatchPrecedence, flowType: flowAlways}
	if a.OnCreate {
		f.flowType = flowOnCreate
	}
	node, err := a.node()
	if err != nil || node == nil {
		return f, err
	}
	f.source = node
	if tree, ok := parsed[a.Expression]; ok && a.Expression != "" {
		f.tree = withoutAnnotations(tree)
	} else {
		f.tree = encode(node.Source())
	}
	return f, nil
}

func (f flow) sameSource(other flow) bool {
	if f.source != nil && other.source != nil {
		return expr.Equal(f.source, other.source)
	}
	return f.source == nil && other.source == nil && f.text == other.text && (f.tree == nil) == (other.tree == nil)
}

func (f flow) equal(other flow) bool {
	return f.target == other.target && f.sameSource(other) && f.defaultValue == other.defaultValue && f.precedence == other.precedence && f.flowType == other.flowType
}

// String is the flow in words; the zero flow is "not mapped".
func (f flow) String() string {
	if f.target == "" {
		return "not mapped"
	}
	words := []string{"no source"}
	switch {
	case f.source != nil:
		words[0] = f.source.String()
	case f.text != "":
		words[0] = f.text
	}
	if f.defaultValue != "" {
		words = append(words, fmt.Sprintf("default %q", f.defaultValue))
	}
	if f.precedence > 0 {
		words = append(words, fmt.Sprintf("match %d", f.precedence))
	}
	switch f.flowType {
	case flowAlways:
	case flowOnCreate:
		words = append(words, "on create only")
	default:
		words = append(words, f.flowType)
	}
	return strings.Join(words, ", ")
}

// writeOver puts the flow into an element of attributeMappings and touches no member that means the same already.
func (f flow) writeOver(element []byte) ([]byte, error) {
	have := readFlow(gjson.ParseBytes(element))
	tree, defaultValue := []byte("null"), []byte("null")
	if f.tree != nil {
		tree = f.tree
	}
	if f.defaultValue != "" {
		defaultValue = encode(f.defaultValue)
	}
	for _, member := range []struct {
		name string
		same bool
		raw  []byte
	}{
		{"targetAttributeName", f.target == have.target, encode(f.target)},
		{"source", f.sameSource(have), tree},
		{"defaultValue", f.defaultValue == have.defaultValue, defaultValue},
		{"matchingPriority", f.precedence == have.precedence, encode(f.precedence)},
		{"flowType", f.flowType == have.flowType, encode(f.flowType)},
	} {
		if member.same {
			continue
		}
		var err error
		if element, err = edit(element, member.name, member.raw); err != nil {
			return nil, err
		}
	}
	return element, nil
}

// withoutBlanks drops white space outside of quotes.
func withoutBlanks(expression string) string {
	quoted, escaped := false, false
	return strings.Map(func(r rune) rune {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case !quoted && unicode.IsSpace(r):
			return -1
		}
		return r
	}, expression)
}
