package expr

import (
	"maps"
	"slices"
	"strings"
)

// function is one row of the function table: everything that parsing, the source tree, evaluation and documentation know about a function.
type function struct {
	name string
	// summary says what it gives, nulls what it does with null; both are sentences for the reader of the documentation.
	summary, nulls string
	parameters     []parameter
	examples       []Example
	// check refuses what the parameters alone cannot; nil means nothing more. It returns the reason, or "".
	check func(arguments []*Node) string
	// evaluate computes a call; nil where unsupported says why not.
	evaluate func(*call) (Value, *Error)
	// unsupported says why Entra has the function but not for SCIM apps; mostly empty.
	unsupported string
	// undocumented marks the functions that Microsoft lists without a description.
	undocumented bool
	// role marks the functions that turn app role assignments into roles.
	role bool
	// lists says that the result may be several values.
	lists bool
}

// functions are all functions of the language by name. Parameter names are the keys of Graph's source tree: those of Append,
// FormatDateTime, Join, Mid, Not, Prepend, Replace, SingleAppRoleAssignment, Split, StripSpaces and Switch as the functions call of the
// synchronization API publishes them, those of the others as the documented signatures spell them (unconfirmed).
var functions = byName(textFunctions, logicFunctions, listFunctions, roleFunctions, dateFunctions, otherFunctions)

func byName(tables ...[]function) map[string]*function {
	named := map[string]*function{}
	for _, table := range tables {
		for i := range table {
			named[table[i].name] = &table[i]
		}
	}
	return named
}

// lookup finds a function by its case-sensitive name; nil when there is none.
func lookup(name string) *function { return functions[name] }

func functionNames() []string {
	return slices.SortedFunc(maps.Keys(functions), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
}

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

// needed is how many arguments a call has at least.
func (f *function) needed() int {
	needed := 0
	for i, p := range f.parameters {
		if !p.optional {
			needed = i + 1
		}
	}
	return needed
}

// checkArguments refuses a call with the wrong number of arguments, with a needed one left out, or that check refuses.
func (f *function) checkArguments(node *Node) *Error {
	for i, argument := range node.arguments {
		p := f.parameter(i)
		if p == nil {
			return argument.at.errorf("%s has %d arguments too many; it takes %s", f.name, len(node.arguments)-i, f.signature())
		}
		if err := p.check(f, argument); err != nil {
			return err
		}
	}
	if len(node.arguments) < f.needed() {
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
