package expr

import (
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

// parameter of a function. Its name is the key in Graph's source tree.
type parameter struct {
	name string
	// about says what the argument is, where the name does not.
	about     string
	optional  bool     // may be left out between its commas, and at the end
	repeated  bool     // the last one only: takes all further arguments, at least one unless optional
	condition bool     // may be a comparison
	integer   bool     // a whole number
	list      bool     // takes several values
	choices   []string // the only texts that it takes; none is any
}

// check refuses an argument that can be known to be wrong from the text alone.
func (p *parameter) check(f *function, argument *Node) *Error {
	switch argument.kind {
	case Empty:
		if !p.optional {
			return argument.at.errorf("the argument %s of %s must not be left out; it takes %s", p.name, f.name, f.signature())
		}
	case Constant:
		if _, ok := parseInteger(argument.text); p.integer && !ok {
			return argument.at.errorf("%s of %s must be a whole number, not %s", p.name, f.name, argument)
		}
		return p.choose(f, argument.text, argument.at)
	}
	return nil
}

// choose refuses a text that is none of the choices.
func (p *parameter) choose(f *function, text string, at position) *Error {
	if len(p.choices) == 0 || slices.Contains(p.choices, text) {
		return nil
	}
	last := len(p.choices) - 1
	err := at.expected(p.name+" of "+f.name+" to be "+strings.Join(p.choices[:last], ", ")+" or "+p.choices[last], quote(text))
	err.Suggestion, _ = nearest.Name(text, p.choices)
	return err
}

// kind is the kind of argument in a word or two, for the documentation.
func (p *parameter) kind() string {
	switch {
	case p.choices != nil:
		return "one of `" + strings.Join(p.choices, "`, `") + "`"
	case p.integer:
		return "whole number"
	case p.condition:
		return "truth or comparison"
	case p.list:
		return "text or list"
	default:
		return "text"
	}
}

func text(name, about string) parameter  { return parameter{name: name, about: about} }
func whole(name, about string) parameter { return parameter{name: name, about: about, integer: true} }
func list(name, about string) parameter  { return parameter{name: name, about: about, list: true} }

func (p parameter) orNone() parameter {
	p.optional = true
	return p
}

func (p parameter) orMore() parameter {
	p.repeated = true
	return p
}

func (p parameter) oneOf(choices ...string) parameter {
	p.choices = choices
	return p
}
