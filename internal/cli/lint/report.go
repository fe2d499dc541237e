package lint

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteText writes a line for each finding, and one that sums up.
func WriteText(w io.Writer, found Findings, checked int) {
	for _, f := range found {
		fmt.Fprintln(w, f)
	}
	fmt.Fprintf(w, "%s checked: %s, %s\n", count(checked, "object"), count(found.Count(Error), "error"), count(found.Count(Warning), "warning"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// report is the JSON form.
type report struct {
	Checked  int           `json:"checked"`
	Errors   int           `json:"errors"`
	Warnings int           `json:"warnings"`
	Findings []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`
	Object   string   `json:"object,omitempty"`
	Message  string   `json:"message"`
	Remedy   string   `json:"remedy,omitempty"`
}

// WriteJSON writes one object.
func WriteJSON(w io.Writer, found Findings, checked int) error {
	out := report{Checked: checked, Errors: found.Count(Error), Warnings: found.Count(Warning), Findings: []jsonFinding{}}
	for _, f := range found {
		out.Findings = append(out.Findings, jsonFinding{
			File: f.File, Line: f.Line, Column: f.Column, Severity: f.Severity, Rule: f.Rule, Object: f.Object, Message: f.Message, Remedy: f.Remedy,
		})
	}
	return encode(w, out)
}

func encode(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
