package expr

import (
	"io"
	"time"
)

// Environment is all that an evaluation may read, and who may watch it. What is left out is missing: a function that needs it is an
// error that says so, an attribute is null.
type Environment struct {
	// Attribute is the value of a source attribute of the object, by its case-sensitive name; false when the source has no such
	// attribute, which evaluates as null.
	Attribute func(name string) (Value, bool)
	// Now is the present time; its zone does not matter.
	Now func() time.Time
	// Random is where Guid and RandomString take their randomness from.
	Random io.Reader
	// DefaultDomain is the tenant's default domain.
	DefaultDomain string
	// Observe, where it is set, is told each step as soon as its outcome is known: inner calls before those that they are in. A branch
	// that is not taken is no step.
	Observe func(Step)
}

// Step is one evaluated call or comparison.
type Step struct {
	// Node is the call or comparison; its String is the canonical text.
	Node *Node
	// Depth is how many calls and comparisons it is in; 0 is the whole expression.
	Depth int
	// Inputs are the arguments that were evaluated, in that order.
	Inputs []Input
	// Result is the value; null where Err is set.
	Result Value
	// Note says why, where the inputs alone do not explain the result; mostly empty.
	Note string
	// Err is why there is no result. That of an inner call is the error of all calls around it.
	Err *Error
}

// Input is one argument of a Step.
type Input struct {
	// Parameter is the name of the parameter that takes it: left and right in a comparison.
	Parameter string
	// Node is the argument; its String is the canonical text.
	Node *Node
	// Value is what it evaluated to.
	Value Value
}
