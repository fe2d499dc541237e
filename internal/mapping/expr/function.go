package expr

import (
	"slices"
	"strings"
)

// function is one row of the function table: everything that parsing, the source tree and evaluation know about a function.
type function struct {
	name       string
	parameters []parameter
	// check refuses what the parameters alone cannot; nil means nothing more. It returns the reason, or "".
	check func(arguments []*Node) string
	// evaluate computes a call.
	evaluate func(*call) (Value, *Error)
	// role marks the functions that turn app role assignments into roles.
	role bool
	// unsupported says why Entra has the function but not for SCIM apps; mostly empty.
	unsupported string
	// lists says that the result may be several values.
	lists bool
}

// parameter of a function. Its name is the key in Graph's source tree.
type parameter struct {
	name      string
	optional  bool // may be left out between its commas, and at the end
	repeated  bool // the last one only: takes all further arguments, at least one unless optional
	condition bool // may be a comparison
	integer   bool // a whole number
	list      bool // takes several values
}

func required(name string) parameter  { return parameter{name: name} }
func optional(name string) parameter  { return parameter{name: name, optional: true} }
func repeated(name string) parameter  { return parameter{name: name, repeated: true} }
func condition(name string) parameter { return parameter{name: name, condition: true} }
func list(name string) parameter      { return parameter{name: name, list: true} }
func integer(name string) parameter   { return parameter{name: name, integer: true} }

// parameter is the one that takes the argument at index; nil when there are too many arguments.
func (f *function) parameter(index int) *parameter {
	if index < len(f.parameters) {
		return &f.parameters[index]
	}
	if last := len(f.parameters) - 1; last >= 0 && f.parameters[last].repeated {
		return &f.parameters[last]
	}
	return nil
}

// checkArguments refuses a call with the wrong number of arguments, with a needed one left out, or that check refuses.
func (f *function) checkArguments(node *Node) *Error {
	for i, argument := range node.arguments {
		p := f.parameter(i)
		if p == nil {
			return argument.at.errorf("%s has %d arguments too many; it takes %s", f.name, len(node.arguments)-i, f.signature())
		}
		if argument.kind == Empty && !p.optional {
			return argument.at.errorf("the argument %s of %s must not be left out; it takes %s", p.name, f.name, f.signature())
		}
		if _, ok := parseInteger(argument.text); p.integer && argument.kind == Constant && !ok {
			return argument.at.errorf("%s of %s must be a whole number, not %s", p.name, f.name, argument)
		}
	}
	needed := 0
	for i, p := range f.parameters {
		if !p.optional {
			needed = i + 1
		}
	}
	if len(node.arguments) < needed {
		return node.at.errorf("%s has too few arguments; it takes %s", f.name, f.signature())
	}
	if f.check != nil {
		if reason := f.check(node.arguments); reason != "" {
			return node.at.errorf("%s", reason)
		}
	}
	return nil
}

// signature is the form of a call, as Mid(source, start, length); optional parameters carry a ?, repeated ones dots.
func (f *function) signature() string {
	names := make([]string, len(f.parameters))
	for i, p := range f.parameters {
		names[i] = p.name
		if p.optional {
			names[i] += "?"
		}
		if p.repeated {
			names[i] += "..."
		}
	}
	return f.name + "(" + strings.Join(names, ", ") + ")"
}

// lookup finds a function by its case-sensitive name; nil when there is none.
func lookup(name string) *function {
	i, found := slices.BinarySearchFunc(functions, name, func(f *function, name string) int { return strings.Compare(f.name, name) })
	if !found {
		return nil
	}
	return functions[i]
}

func functionNames() []string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.name
	}
	return names
}
