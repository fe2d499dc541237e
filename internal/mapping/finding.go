package mapping

import (
	"slices"
	"strings"
)

// Severity says what a finding stops.
type Severity string

const (
	// SeverityError stops the mapping: nothing is written.
	SeverityError Severity = "Error"
	// SeverityWarning stops nothing.
	SeverityWarning Severity = "Warning"
)

// Finding is something wrong with a mapping, in words for whoever wrote it.
type Finding struct {
	// Mapping is the mapping at fault; zero where the ScimApp's roles or Entra's schema are. Other is the second party of a clash.
	Mapping, Other Ref
	// Path is the place: a field of the mapping, such as spec.attributes[3].expression, or in a finding of Import the member of the
	// schema, such as synchronizationRules[0].objectMappings[1].scope. Empty where no single place is at fault.
	Path string
	// Line and Column are the place in an expression's text, 1-based; 0 where none is meant.
	Line, Column int
	// Rule is the stable name of what was found, for tools.
	Rule string
	// Target is the attribute; empty when the finding is about the whole mapping.
	Target string
	// Severity says what it stops.
	Severity Severity
	// Message says what is wrong, Remedy what to do; both are sentences without a full stop.
	Message, Remedy string
}

// String is the finding in one line.
func (f Finding) String() string {
	var where []string
	if who := f.Mapping.String(); who != "" {
		if f.Other != (Ref{}) {
			who += " and " + f.Other.String()
		}
		where = append(where, who)
	}
	if f.Mapping == (Ref{}) && f.Target == "" && f.Path != "" {
		where = append(where, f.Path)
	}
	if f.Target != "" {
		where = append(where, "target "+f.Target)
	}
	text := f.Message + "; " + f.Remedy
	if len(where) > 0 {
		text = strings.Join(where, ", ") + ": " + text
	}
	return text
}

// parties are the two sides of a clash, of which either may be nobody or both the same.
func parties(a, b Ref) (first, second Ref) {
	switch {
	case a == Ref{}:
		return b, Ref{}
	case a == b:
		return a, Ref{}
	default:
		return a, b
	}
}

// Findings are an error when any of them has SeverityError.
type Findings []Finding

// Error lists the findings of SeverityError, one in a line.
func (f Findings) Error() string {
	var lines []string
	for _, finding := range f.Errors() {
		lines = append(lines, finding.String())
	}
	return strings.Join(lines, "\n")
}

// Errors are the findings that stop the mapping.
func (f Findings) Errors() Findings {
	return slices.DeleteFunc(slices.Clone(f), func(finding Finding) bool { return finding.Severity != SeverityError })
}

// asError is the findings' errors, or nil without any.
func (f Findings) asError() error {
	if errors := f.Errors(); len(errors) > 0 {
		return errors
	}
	return nil
}
