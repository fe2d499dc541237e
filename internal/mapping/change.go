package mapping

import (
	"fmt"
	"slices"
	"strconv"
)

// Aspect is what of an object mapping a change is about.
type Aspect string

// The aspects, in the order in which a plan lists them.
const (
	AspectState           Aspect = "State"
	AspectActions         Aspect = "Actions"
	AspectScope           Aspect = "Scope"
	AspectSourceAttribute Aspect = "SourceAttribute"
	AspectTargetAttribute Aspect = "TargetAttribute"
	AspectAttribute       Aspect = "Attribute"
)

// Change is one change of a schema's meaning.
type Change struct {
	// Object is the object type whose mapping changes.
	Object Object
	// Aspect is what of it changes.
	Aspect Aspect
	// Target names the mapped target, the defined attribute or the scope group; empty for State, Actions and a whole Scope.
	Target string
	// Old and New are it in words, such as `[mail], match 1`, "not mapped" or "everybody".
	Old, New string
}

// String is the change in one line.
func (c Change) String() string {
	what := c.Target
	switch c.Aspect {
	case AspectState:
		what = "state"
	case AspectActions:
		what = "actions"
	case AspectScope:
		what = "scope"
		if c.Target != "" {
			what += " group " + c.Target
		}
	case AspectSourceAttribute:
		what += ", an attribute of Entra"
	case AspectTargetAttribute:
		what += ", an attribute of the app"
	}
	return fmt.Sprintf("%s %s: %s -> %s", c.Object, what, c.Old, c.New)
}

// Objects are the object types that the plan changes, each once, in its order.
func (p Plan) Objects() []Object {
	var objects []Object
	for _, change := range p.Changes {
		if !slices.Contains(objects, change.Object) {
			objects = append(objects, change.Object)
		}
	}
	return objects
}

// ChangesOf are the changes of these object types.
func (p Plan) ChangesOf(objects []Object) []Change {
	var changes []Change
	for _, change := range p.Changes {
		if slices.Contains(objects, change.Object) {
			changes = append(changes, change)
		}
	}
	return changes
}

// Lines are the plan for a reader: a line for each change, and what follows from them. An empty plan has none.
func (p Plan) Lines() []string {
	var lines []string
	for _, change := range p.Changes {
		lines = append(lines, change.String())
	}
	if len(lines) > 0 {
		lines = append(lines, p.consequence())
	}
	return lines
}

// consequence is what any write leads to, whatever it changes.
func (p Plan) consequence() string {
	switch p.People {
	case 0:
		return "a full cycle follows: Entra evaluates everybody in scope anew"
	case 1:
		return "a full cycle follows: this re-evaluates the one person in scope"
	default:
		return fmt.Sprintf("a full cycle follows: this re-evaluates all %s people", thousands(p.People))
	}
}

// thousands writes a number with commas, as 12,400.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
