package expr

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Description is what there is to be said about a function of the language.
type Description struct {
	Name string
	// Signature is the form of a call: optional parameters carry a ?, repeated ones dots.
	Signature string
	// Summary says what the function gives, Nulls what it does with null; both are sentences.
	Summary, Nulls string
	Parameters     []ParameterDescription
	Examples       []Example
	// Unsupported says why Entra does not have the function for SCIM apps; mostly empty.
	Unsupported string
	// Undocumented says that Microsoft lists the function without a description, so that what is said here is an assumption.
	Undocumented bool
}

// ParameterDescription is what there is to be said about a parameter of a function.
type ParameterDescription struct {
	// Name is the parameter's key in Graph's source tree.
	Name string
	// Kind is what it takes, in a word or two; About says more, where the name does not say it all.
	Kind, About        string
	Optional, Repeated bool
}

// Example is an evaluation that the documentation shows and that a test runs.
type Example struct {
	Expression string
	// Attributes are the source attributes that the expression reads; all others are null.
	Attributes map[string][]string
	// Result are the values of the result; none is null.
	Result []string
	// Varies says that the result is another one each time, or depends on the time.
	Varies bool
}

// Describe describes all functions in the order of their names.
func Describe() []Description {
	var described []Description
	for _, name := range functionNames() {
		f := functions[name]
		d := Description{Name: f.name, Signature: f.signature(), Summary: f.summary, Nulls: f.nulls,
			Examples: f.examples, Unsupported: f.unsupported, Undocumented: f.undocumented}
		for _, p := range f.parameters {
			d.Parameters = append(d.Parameters, ParameterDescription{Name: p.name, Kind: p.kind(), About: p.about, Optional: p.optional, Repeated: p.repeated})
		}
		described = append(described, d)
	}
	return described
}

// Environment is where the example gives its result: the clock stands still at the documented time, and chance is the same each time.
func (e Example) Environment() Environment {
	return Environment{
		Attribute: func(name string) (Value, bool) {
			values, ok := e.Attributes[name]
			return Strings(values), ok
		},
		Now:           func() time.Time { return time.Date(2021, 7, 2, 15, 33, 38, 0, time.UTC) },
		Random:        rand.NewChaCha8([32]byte{}),
		DefaultDomain: "contoso.com",
	}
}

// gives is an example whose result is those values; none is null.
func gives(expression string, result ...string) Example {
	return Example{Expression: expression, Result: result}
}

// where adds a source attribute with those values to an example.
func (e Example) where(attribute string, values ...string) Example {
	attributes := maps.Clone(e.Attributes)
	if attributes == nil {
		attributes = map[string][]string{}
	}
	attributes[attribute] = slices.Clone(values)
	e.Attributes = attributes
	return e
}

// varying marks an example whose result is another one each time.
func (e Example) varying() Example {
	e.Varies = true
	return e
}
