package expr

import (
	"slices"
	"strings"
)

// Kind says what a Node is.
type Kind int

const (
	// Empty is an optional argument that was left out between its commas.
	Empty Kind = iota
	// Function is a call; Text is its name, Arguments are its arguments.
	Function
	// Attribute is a source attribute; Text is its name without brackets.
	Attribute
	// Constant is a text, a number or a keyword; Text is its value without quotes.
	Constant
	// Condition is a comparison; Text is the operator, Arguments are its two sides.
	Condition
)

// Node is a parsed expression, or a part of one. It does not change after it was made, and may be shared between goroutines.
type Node struct {
	kind      Kind
	text      string
	bare      bool // a constant that stands without quotes
	arguments []*Node
	function  *function // of a call
	at        position
}

// NewAttribute is the direct mapping of a source attribute. The name is taken as it is.
func NewAttribute(name string) *Node { return &Node{kind: Attribute, text: name} }

// NewConstant is the constant with that value.
func NewConstant(value string) *Node { return &Node{kind: Constant, text: value} }

// Kind says what the node is.
func (n *Node) Kind() Kind { return n.kind }

// Text is the function's or attribute's name, the constant's value or the operator, by Kind; empty for Empty.
func (n *Node) Text() string { return n.text }

// Arguments are the arguments of a call, left-out ones as Empty, or the two sides of a Condition. The caller must not change them.
func (n *Node) Arguments() []*Node { return n.arguments }

// String is the canonical text, as Graph's parseExpression spells it: one space after each comma, none elsewhere but around operators.
func (n *Node) String() string {
	var text strings.Builder
	n.write(&text)
	return text.String()
}

func (n *Node) write(text *strings.Builder) {
	switch n.kind {
	case Empty:
	case Attribute:
		text.WriteString("[" + n.text + "]")
	case Constant:
		if n.bare {
			text.WriteString(n.text)
		} else {
			text.WriteString(quote(n.text))
		}
	case Condition:
		n.arguments[0].write(text)
		text.WriteString(" " + n.text + " ")
		n.arguments[1].write(text)
	case Function:
		text.WriteString(n.text + "(")
		for i, argument := range n.arguments {
			if i > 0 {
				text.WriteString(", ")
			}
			argument.write(text)
		}
		text.WriteString(")")
	}
}

// Attributes are the names of all source attributes that the expression reads, sorted, each once.
func (n *Node) Attributes() []string {
	var names []string
	n.walk(func(part *Node) {
		if part.kind == Attribute {
			names = append(names, part.text)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// RoleFunction is the name of the role function that the expression is or contains (SingleAppRoleAssignment,
// AppRoleAssignmentsComplex or AssertiveAppRoleAssignmentsComplex), the outermost first; empty when there is none.
func (n *Node) RoleFunction() string {
	name := ""
	n.walk(func(part *Node) {
		if name == "" && part.kind == Function && part.function.role {
			name = part.text
		}
	})
	return name
}

// Functions are the names of all functions that the expression calls, sorted, each once.
func (n *Node) Functions() []string {
	var names []string
	n.walk(func(part *Node) {
		if part.kind == Function {
			names = append(names, part.text)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// takesList says whether the parameter at index takes several values; the sides of a comparison do not.
func (n *Node) takesList(index int) bool {
	return n.kind == Function && n.function.parameter(index).list
}

func (n *Node) walk(visit func(*Node)) {
	visit(n)
	for _, argument := range n.arguments {
		argument.walk(visit)
	}
}

// Equal says whether two expressions mean the same: positions do not count, nor whether a constant is quoted, nor left-out arguments
// at the end of a call.
func Equal(a, b *Node) bool {
	if a.kind != b.kind || a.text != b.text {
		return false
	}
	return slices.EqualFunc(withoutTrailingEmpty(a.arguments), withoutTrailingEmpty(b.arguments), Equal)
}

func withoutTrailingEmpty(arguments []*Node) []*Node {
	for len(arguments) > 0 && arguments[len(arguments)-1].kind == Empty {
		arguments = arguments[:len(arguments)-1]
	}
	return arguments
}
