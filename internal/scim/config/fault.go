package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// faultError is what is wrong with the value of a key.
type faultError struct{ key, what string }

// Error implements error.
func (e *faultError) Error() string { return e.key + " " + e.what }

// fault says it of a key that is written with dots.
func fault(key, what string) error { return &faultError{key: key, what: what} }

// located puts into an error the line of the key that it is about.
func located(err error, document *yaml.Node) error {
	e, ok := errors.AsType[*faultError](err)
	if !ok {
		return err
	}
	return wrong(e.key, nodeOf(document, e.key), e.what)
}

// nodeOf is the value of a key that is written with dots, or the innermost that there is of those around it.
func nodeOf(node *yaml.Node, key string) *yaml.Node {
	for name := range strings.SplitSeq(key, ".") {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				node = node.Content[i+1]
				break
			}
		}
	}
	return node
}
