package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

// evaluation is what eval prints.
type evaluation struct {
	Subject string   `json:"subject"`
	Mapping string   `json:"mapping"`
	Notes   []string `json:"notes,omitempty"`
	evaluate.Result
}

func (o *evalOptions) write(e evaluation) error {
	switch o.output {
	case "text":
		e.text(o.Out)
		return nil
	case "json", "yaml":
		raw, err := plainJSON(e, "  ")
		if err == nil && o.output == "yaml" {
			raw, err = yaml.JSONToYAML(raw)
		}
		if err != nil {
			return fmt.Errorf("writing the evaluation: %w", err)
		}
		_, err = o.Out.Write(raw)
		return err
	default:
		return fmt.Errorf("--output %s: it has to be text, json or yaml", o.output)
	}
}

// plainJSON does not escape <, > and &, which expressions are full of.
func plainJSON(value any, indent string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return text.Bytes(), err
}

// shown is a value as a reader sees it: null, a text in quotes, a list.
func shown(value any) string {
	raw, err := plainJSON(value, "")
	if err != nil {
		return fmt.Sprint(value) // every value came from JSON or an expression, and encodes
	}
	return strings.TrimSpace(string(raw))
}

func (e evaluation) text(out io.Writer) {
	fmt.Fprintf(out, "%s %s\nmapping: %s\n", e.Object, e.Subject, e.Mapping)
	for _, note := range e.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	e.scope(out)
	if e.NotCreated != "" {
		fmt.Fprintf(out, "account: none is created: %s\n", e.NotCreated)
	} else {
		fmt.Fprintln(out, "account: it is created, or updated where it is there")
	}
	fmt.Fprintln(out, "\nattributes:")
	for _, a := range e.Attributes {
		attribute(out, a)
	}
	if e.Resource == nil {
		return
	}
	fmt.Fprintln(out, "\nwhat is sent to create the account:")
	raw, err := plainJSON(e.Resource, "  ")
	if err == nil {
		_, _ = out.Write(raw) // the stream is a terminal or a pipe that went away
	}
}

func (e evaluation) scope(out io.Writer) {
	if len(e.Scope.Groups) == 0 {
		fmt.Fprintln(out, "scope: there is no scoping filter, so it is in scope")
		return
	}
	fmt.Fprintf(out, "scope: %s\n", verdict(e.Scope.Passed, "in scope, because one group of clauses passes", "out of scope, because no group of clauses passes"))
	for _, group := range e.Scope.Groups {
		fmt.Fprintf(out, "  group %s %s\n", group.Name, verdict(group.Passed, "passes", "does not pass"))
		for _, c := range group.Clauses {
			operand := ""
			if c.Operand != "" {
				operand = " " + shown(c.Operand)
			}
			fmt.Fprintf(out, "    %s %s%s %s: %s\n", c.Attribute, c.Operator, operand, verdict(c.Passed, "passes", "does not pass"), c.Why)
		}
	}
}

func verdict(passed bool, yes, no string) string {
	if passed {
		return yes
	}
	return no
}

// attribute is a target with its outcome, and below it how it came about.
func attribute(out io.Writer, a evaluate.Attribute) {
	var remarks []string
	if a.MatchPrecedence > 0 {
		remarks = append(remarks, fmt.Sprintf("accounts are found by it, precedence %d", a.MatchPrecedence))
	}
	if a.OnCreate && a.Outcome != evaluate.OutcomeDefault {
		remarks = append(remarks, "on create only")
	}
	if a.Note != "" {
		remarks = append(remarks, a.Note)
	}
	remark := ""
	if len(remarks) > 0 {
		remark = " (" + strings.Join(remarks, "; ") + ")"
	}
	fmt.Fprintf(out, "  %s%s%s\n", a.Target, outcome(a), remark)
	if len(a.Inputs) != 1 || !strings.HasPrefix(a.Expression, "[") { // of a direct mapping the input says all
		fmt.Fprintf(out, "      %s\n", cmp.Or(a.Expression, "no source"))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Inputs)) {
		fmt.Fprintf(out, "      [%s] is %s\n", name, shown(a.Inputs[name]))
	}
	steps(out, a.Trace)
}

func outcome(a evaluate.Attribute) string {
	switch a.Outcome {
	case evaluate.OutcomeSent:
		return " = " + shown(a.Value)
	case evaluate.OutcomeDefault:
		return " = " + shown(a.Value) + ", the default, as the source has no value; on create only"
	case evaluate.OutcomeReference:
		return ": a reference"
	case evaluate.OutcomeFailed:
		return ": it fails"
	default:
		return ": there is no value, and nothing is sent"
	}
}

// steps shows the inner steps, and of the whole expression only what its result does not say.
func steps(out io.Writer, trace []evaluate.Step) {
	for _, s := range trace {
		note := ""
		if s.Note != "" {
			note = ", " + s.Note
		}
		switch {
		case s.Depth == 0 && s.Note != "":
			fmt.Fprintf(out, "      %s\n", s.Note)
		case s.Depth > 0 && s.Error == "":
			fmt.Fprintf(out, "      %s gives %s%s\n", s.Expression, shown(s.Result), note)
		}
	}
}
