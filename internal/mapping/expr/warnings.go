package expr

import "slices"

// The traps that Warnings knows, by the name that tools report.
const (
	// TrapSwitch is a Switch that gives null on updates which do not touch its source.
	TrapSwitch = "switch-on-update"
	// TrapSwitchPresence is a Switch on whether an attribute is empty.
	TrapSwitchPresence = "switch-on-presence"
	// TrapIIF is an IIF that asks whether an attribute is empty.
	TrapIIF = "iif-on-empty"
	// TrapReference is an expression on a reference to another object.
	TrapReference = "reference-in-expression"
	// TrapPattern is a regular expression that is not evaluated here, so that nothing can be said about its results.
	TrapPattern = "pattern-not-evaluated"
	// TrapUndocumented is a function that Microsoft lists without saying what it does.
	TrapUndocumented = "undocumented-function"
)

// Warning is about a part of an expression that Entra takes but that mostly does not do what its author wants.
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
	name    string
	example string
	find    func(*Node) (message, remedy string)
}{
	{TrapSwitch, `Switch([state], "other", "CA", "west", "NY", "east")`, switchOnUpdate},
	{TrapSwitchPresence, `Switch(IsPresent([country]), "no", "True", "yes")`, switchOnPresence},
	{TrapIIF, `IIF(IsNullOrEmpty([country]), "Other", [country])`, iifOnEmpty},
	{TrapReference, `ToLower([manager])`, referenceInCall},
	{TrapPattern, `Replace([mail], , "(?<=@).*", , "", , )`, patternNotEvaluated},
	{TrapUndocumented, `Prepend("x-", [mailNickname])`, undocumented},
}

// Trap is one of the known traps.
type Trap struct {
	// Name is what tools report.
	Name string
	// Example is an expression that Warnings says it of.
	Example string
}

// Traps are all known traps.
func Traps() []Trap {
	var all []Trap
	for _, trap := range traps {
		all = append(all, Trap{Name: trap.name, Example: trap.example})
	}
	return all
}

// asking are the functions that say whether a value is there.
var asking = []string{"IsNothing", "IsNull", "IsNullOrEmpty", "IsPresent"}

func switchOnUpdate(n *Node) (message, remedy string) {
	if !n.calls("Switch") {
		return "", ""
	}
	reads := n.arguments[0].Attributes()
	if len(reads) == 0 || slices.Equal(reads, []string{softDeleted}) {
		return "", ""
	}
	message = "Switch can give null, and the target is cleared, when a person changes in another mapped attribute but not in [" + reads[0] + "]"
	if len(n.arguments) == 4 && n.arguments[2].isEmptyText() && Equal(n.arguments[0], n.arguments[1]) {
		return message, "write Coalesce(" + n.arguments[0].String() + ", " + n.arguments[3].String() + ")"
	}
	return message, "nest IIF instead: " + n.asIIF()
}

// asIIF is the beginning of what a Switch is as nested IIFs, for a remedy.
func (n *Node) asIIF() string {
	return "IIF(" + n.arguments[0].String() + " = " + n.arguments[2].String() + ", " + n.arguments[3].String() + ", ...)"
}

func switchOnPresence(n *Node) (message, remedy string) {
	if !n.calls("Switch") || !n.arguments[0].calls(asking...) {
		return "", ""
	}
	return "Switch does not work on " + n.arguments[0].text, "give Switch the value itself, and the key \"\" for one that is null or empty"
}

func iifOnEmpty(n *Node) (message, remedy string) {
	if !n.calls("IIF") {
		return "", ""
	}
	asked := n.arguments[0].asked()
	if asked == nil {
		return "", ""
	}
	return "IIF cannot ask whether " + asked.String() + " is empty: with a null or empty attribute the check fails, whatever the condition is",
		"write Switch(" + asked.String() + ", " + asked.String() + ", \"\", \"...\") or Coalesce(" + asked.String() + ", \"...\")"
}

// asked is what a condition asks the presence of; nil where it asks something else, or reads no attribute.
func (n *Node) asked() *Node {
	var asked *Node
	n.walk(func(part *Node) {
		candidate := part.presenceOf()
		if asked == nil && candidate != nil && len(candidate.Attributes()) > 0 {
			asked = candidate
		}
	})
	return asked
}

// presenceOf is the argument of a function that asks for presence, or what is compared to the empty text; else nil.
func (n *Node) presenceOf() *Node {
	switch {
	case n.calls(asking...):
		return n.arguments[0]
	case n.kind == Condition && n.arguments[1].isEmptyText():
		return n.arguments[0]
	case n.kind == Condition && n.arguments[0].isEmptyText():
		return n.arguments[1]
	default:
		return nil
	}
}

// referenceInCall looks for references to other objects, by the names that Entra's own source objects have for them.
func referenceInCall(n *Node) (message, remedy string) {
	for _, argument := range n.arguments {
		if argument.kind == Attribute && (argument.text == "manager" || argument.text == "members") {
			return argument.String() + " refers to other people or groups, which Entra resolves only in a direct mapping", "map the attribute directly"
		}
	}
	return "", ""
}

func patternNotEvaluated(n *Node) (message, remedy string) {
	if !n.calls("Replace") || n.arguments[replacePattern].kind != Constant {
		return "", ""
	}
	if _, fault := compilePattern(n.arguments[replacePattern].text); fault != "" {
		return fault, "Entra may take it: try it there on one person with provision on demand"
	}
	return "", ""
}

func undocumented(n *Node) (message, remedy string) {
	if n.kind != Function || !n.function.undocumented {
		return "", ""
	}
	return "Microsoft lists " + n.text + " without a description, so that its results are an assumption", "use a documented function"
}

// isEmptyText says whether the node is the constant "".
func (n *Node) isEmptyText() bool { return n.kind == Constant && n.text == "" }

// calls says whether the node is a call of one of those functions.
func (n *Node) calls(names ...string) bool {
	return n.kind == Function && slices.Contains(names, n.text)
}
