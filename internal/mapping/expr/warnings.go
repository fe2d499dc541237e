package expr

import "slices"

// The traps that Warnings knows, by the name that tools report.
const (
	// TrapSwitch is a Switch that gives null on updates which do not touch its source.
	TrapSwitch = "switch-on-update"
	// TrapIIF is an IIF that asks whether an attribute is empty.
	TrapIIF = "iif-on-empty"
	// TrapReference is an expression on a reference to another object.
	TrapReference = "reference-in-expression"
	// TrapPattern is a regular expression that is not evaluated here, so that nothing can be said about its results.
	TrapPattern = "pattern-not-evaluated"
	// TrapUndocumented is a function that Microsoft lists without saying what it does.
	TrapUndocumented = "undocumented-function"
)

// Warning is a part of an expression that Entra takes but that mostly does not do what its author wants.
type Warning struct {
	// Line and Column are 1-based; columns count characters. Both are 0 where the expression has no text of its own.
	Line, Column int
	// Trap is which of the known traps it is.
	Trap string
	// Message says what happens, Remedy what to write instead; both are sentences without a full stop.
	Message, Remedy string
}

// Warnings finds the known traps in an expression, in the order of its text.
func Warnings(n *Node) []Warning {
	var found []Warning
	n.walk(func(part *Node) {
		for _, trap := range traps {
			if message, remedy := trap.find(part); message != "" {
				found = append(found, Warning{Line: part.at.line, Column: part.at.column, Trap: trap.name, Message: message, Remedy: remedy})
			}
		}
	})
	return found
}

// traps are looked for in every part of an expression; an empty message is none.
var traps = []struct {
	name string
	find func(*Node) (message, remedy string)
}{
	{TrapSwitch, switchOnUpdate},
	{TrapIIF, iifOnEmpty},
	{TrapReference, referenceInExpression},
}

func switchOnUpdate(n *Node) (message, remedy string) {
	if !n.calls("Switch") || slices.Equal(n.arguments[0].Attributes(), []string{softDeleted}) {
		return "", ""
	}
	return "Switch gives null when a person changes in another mapped attribute but not in its source, and the target is cleared", "nest IIF instead"
}

func iifOnEmpty(n *Node) (message, remedy string) { return "", "" }

func referenceInExpression(n *Node) (message, remedy string) { return "", "" }

// calls says whether the node is a call of one of those functions.
func (n *Node) calls(names ...string) bool {
	return n.kind == Function && slices.Contains(names, n.text)
}
