package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// columns is how wide prose is.
const columns = 120

const introduction = `<!-- Written by make generate from the function table in internal/mapping/expr. Do not edit. -->

# Expressions

The value of a target attribute can be an expression, in the language of Entra's attribute mappings:

~~~yaml
attributes:
- {target: 'emails[type eq "work"].value', expression: 'Coalesce([mail], [userPrincipalName])'}
~~~

`

var rules = []string{
	"An expression is a function with its arguments in parentheses. An argument is another function, a source attribute in brackets, a text in straight double quotes, " +
		"or a whole number: `Mid([mail], 1, 8)`, or `&HFF` in hexadecimal.",
	"Function names, attribute names and comparisons of texts are case-sensitive.",
	"In a text a double quote is written `\\\"` and a backslash `\\\\`, so a digit in a regular expression is `\\\\d`. In YAML put the expression into single quotes.",
	"An optional argument is left out by leaving the place between its commas empty; the commas stay. At the end of a call they may go.",
	"An attribute that a person does not have is null. Where the result is null nothing is sent. The `default` of the mapping counts only when the account is created.",
	"Truths are the texts `True` and `False`.",
	fmt.Sprintf("An expression has at most %d characters. The operator takes at most %d calls inside each other.", expr.MaxLength, expr.MaxDepth),
	"Regular expressions are .NET's. Entra takes all of them; `kubectl scim` and the simulator do not evaluate look-around, back-references, atomic, conditional and balancing " +
		"groups, subtracted classes and the options n and x, and say so.",
	"“Unconfirmed” marks what Microsoft's documentation does not say: there the result of `kubectl scim` and the simulator is an assumption about Entra's.",
}

// page is the whole reference.
func page() (string, error) {
	var out strings.Builder
	out.WriteString(strings.ReplaceAll(introduction, "~~~", "```"))
	out.WriteString("## Rules\n\n")
	for _, rule := range rules {
		out.WriteString(wrap("- ", "  ", rule))
	}
	if err := traps(&out); err != nil {
		return "", err
	}
	out.WriteString("\n## Functions\n\n")
	described := expr.Describe()
	var names []string
	for _, d := range described {
		names = append(names, fmt.Sprintf("[%s](#%s)", d.Name, strings.ToLower(d.Name)))
	}
	out.WriteString(wrap("", "", strings.Join(names, " · ")))
	for _, d := range described {
		if err := function(&out, d); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// traps shows each trap by what is said of its example.
func traps(out *strings.Builder) error {
	out.WriteString("\n## Traps\n\n")
	out.WriteString(wrap("", "", "Entra takes these, but they mostly do not do what their author wants. Each is a warning."))
	out.WriteString("\n| Trap | Example | What happens | What to do |\n|---|---|---|---|\n")
	for _, trap := range expr.Traps() {
		node, err := expr.Parse(trap.Example)
		if err != nil {
			return fmt.Errorf("the example of %s: %w", trap.Name, err)
		}
		for _, warning := range expr.Warnings(node) {
			if warning.Trap == trap.Name {
				fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", trap.Name, code(trap.Example), cell(warning.Message), cell(warning.Remedy))
			}
		}
	}
	return nil
}

func function(out *strings.Builder, d expr.Description) error {
	fmt.Fprintf(out, "\n### %s\n\n`%s`\n\n", d.Name, d.Signature)
	about := d.Summary
	if d.Unsupported != "" {
		about += " " + d.Unsupported + "."
	}
	if d.Undocumented {
		about += " Microsoft lists this function without a description."
	}
	out.WriteString(wrap("", "", about))
	out.WriteString("\n" + wrap("", "", "Null: "+d.Nulls))
	parameters(out, d.Parameters)
	return examples(out, d.Examples)
}

func parameters(out *strings.Builder, all []expr.ParameterDescription) {
	if len(all) == 0 {
		return
	}
	out.WriteString("\n| Parameter | Takes | |\n|---|---|---|\n")
	for _, p := range all {
		var about []string
		if p.Optional {
			about = append(about, "optional")
		}
		if p.Repeated {
			about = append(about, "once or more")
		}
		if p.About != "" {
			about = append(about, p.About)
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", p.Name, p.Kind, cell(strings.Join(about, "; ")))
	}
}

// examples evaluates each example, so that no result stands here that the language does not give.
func examples(out *strings.Builder, all []expr.Example) error {
	if len(all) == 0 {
		return nil
	}
	out.WriteString("\n| Example | Source attributes | Result |\n|---|---|---|\n")
	for _, e := range all {
		node, err := expr.Parse(e.Expression)
		if err != nil {
			return fmt.Errorf("the example %s: %w", e.Expression, err)
		}
		value, err := node.Evaluate(e.Environment())
		if err != nil {
			return fmt.Errorf("the example %s: %w", e.Expression, err)
		}
		result := texts(value.Values())
		if e.Varies {
			result += ", for example"
		}
		var attributes []string
		for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
			attributes = append(attributes, name+" = "+texts(e.Attributes[name]))
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", code(e.Expression), strings.Join(attributes, "<br>"), result)
	}
	return nil
}

// texts shows a value: null, one text, or several.
func texts(values []string) string {
	if len(values) == 0 {
		return "null"
	}
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = code(`"` + value + `"`)
	}
	return strings.Join(shown, ", ")
}

func code(text string) string { return "`" + cell(text) + "`" }

// cell escapes what would end the cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// wrap breaks prose into lines.
func wrap(first, next, text string) string {
	var out strings.Builder
	line := first
	for i, word := range strings.Fields(text) {
		if i > 0 {
			if len([]rune(line))+1+len([]rune(word)) > columns {
				out.WriteString(line + "\n")
				line = next + word
				continue
			}
			line += " "
		}
		line += word
	}
	return out.String() + line + "\n"
}
