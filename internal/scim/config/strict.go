package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tags are what a value must be written as; the YAML library would cut 1.5 down to 1. A text may look like anything.
var tags = map[reflect.Kind]string{reflect.Bool: "!!bool", reflect.Int: "!!int", reflect.Int64: "!!int"}

// check holds a YAML node to the Go type that it is for: every key is known and there once, every value has the right
// form. Its errors name the whole key and the line, and never the value, which may be a secret in the wrong place.
func check(key string, node *yaml.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case node.Kind == yaml.AliasNode:
		return wrong(key, node, "is an alias: write the value itself")
	case node.Tag == "!!null":
		return nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()):
		if err := node.Decode(reflect.New(t).Interface()); err != nil {
			return wrong(key, node, err.Error())
		}
		return nil
	case t.Kind() == reflect.Struct:
		return checkMapping(key, node, t)
	case t.Kind() == reflect.Slice:
		return checkSequence(key, node, t)
	case node.Kind != yaml.ScalarNode || t.Kind() != reflect.String && node.ShortTag() != tags[t.Kind()] || node.Decode(reflect.New(t).Interface()) != nil:
		return wrong(key, node, "has the wrong form: write "+wanted(t))
	}
	if words := wordsOf(t); words != nil && !slices.Contains(words, node.Value) {
		return wrong(key, node, "is unknown: write "+strings.Join(words, " or ")+", or leave it out")
	}
	return nil
}

// wordsOf are those that a text is one of; nil where it may be any.
func wordsOf(t reflect.Type) []string {
	if choice, ok := reflect.TypeAssert[interface{ words() []string }](reflect.Zero(t)); ok {
		return choice.words()
	}
	return nil
}

func checkMapping(key string, node *yaml.Node, t reflect.Type) error {
	if node.Kind != yaml.MappingNode {
		return wrong(key, node, "has the wrong form: write keys and values")
	}
	fields := map[string]reflect.Type{}
	var known []string
	for field := range t.Fields() {
		name := field.Tag.Get("yaml")
		fields[name] = field.Type
		known = append(known, name)
	}
	seen := map[string]bool{}
	for i := 0; i < len(node.Content); i += 2 {
		name := node.Content[i].Value
		inner := strings.TrimPrefix(key+"."+name, ".")
		field, ok := fields[name]
		if !ok {
			return wrong(inner, node.Content[i], "is no known key: remove it, or write one of "+strings.Join(known, ", "))
		}
		if seen[name] {
			return wrong(inner, node.Content[i], "is there twice: remove one")
		}
		seen[name] = true
		if err := check(inner, node.Content[i+1], field); err != nil {
			return err
		}
	}
	return nil
}

func checkSequence(key string, node *yaml.Node, t reflect.Type) error {
	if node.Kind != yaml.SequenceNode {
		return wrong(key, node, "has the wrong form: write a list")
	}
	for i, element := range node.Content {
		if err := check(fmt.Sprintf("%s[%d]", key, i), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	}
	return "a text"
}

func wrong(key string, node *yaml.Node, what string) error {
	if key == "" {
		key = "the file"
	}
	return fmt.Errorf("%s (line %d) %s", key, node.Line, what)
}
