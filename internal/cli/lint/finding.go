package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/cli/manifest"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that is wrong.
type Finding struct {
	manifest.Position
	Severity Severity
	// Rule is the stable name of the check.
	Rule string
	// Object is what it is about, such as AttributeMapping wiki-users; empty where no object could be read.
	Object string
	// Message says what is wrong, Remedy what to do; empty where the message says it too.
	Message, Remedy string
}

// String is the finding in one line, as compilers write it.
func (f Finding) String() string {
	text := fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Column, f.Severity, f.Message)
	if f.Remedy != "" {
		text += " (" + f.Remedy + ")"
	}
	return text
}

// Findings are what a run found.
type Findings []Finding

// Count tells how many there are of a severity.
func (f Findings) Count(severity Severity) int {
	n := 0
	for _, finding := range f {
		if finding.Severity == severity {
			n++
		}
	}
	return n
}

// sorted puts the findings into the order of the files, each once: an object that two apps use is checked for both.
func (f Findings) sorted() Findings {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(f)
}

// The names of the rules, beside those of the mappings themselves.
const (
	ruleSyntax  = "yaml-syntax"
	ruleVersion = "unknown-version"
	ruleField   = "unknown-field"
	ruleType    = "not-a-text"
	ruleAPI     = "api-validation"
	ruleTwice   = "defined-twice"
	ruleMissing = "mapping-missing"
)

// descriptions are a sentence about what each rule finds.
var descriptions = map[string]string{
	ruleSyntax:  "The file is not valid YAML.",
	ruleVersion: "The API group has no such kind or version.",
	ruleField:   "The kind has no such field.",
	ruleType:    "A value has to be a text, and YAML makes something else of it.",
	ruleAPI:     "The API server would refuse the object.",
	ruleTwice:   "Two objects have the same kind, namespace and name.",
	ruleMissing: "A ScimApp names a mapping that is not among the files.",
}

// describe gives a sentence about a rule. Those of the mappings are explained by their findings.
func describe(rule string) string {
	if text, ok := descriptions[rule]; ok {
		return text
	}
	return "A mapping cannot be applied, or does not do what it seems to do: " + strings.ReplaceAll(rule, "-", " ") + "."
}
