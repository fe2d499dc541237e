package entrasim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Unconfirmed is a behaviour of the real service that no source confirms, or on which the sources disagree. Its name stands
// in the code as unconfirmed(name) where the simulator chooses.
type Unconfirmed struct {
	Name  string
	What  string
	Point string // of the reference on the synchronization API, such as 15.2: point 2 of its section 15

	// Values are the behaviours that can be switched to, the default first. Empty: only one is known, and what it leaves open
	// is a text or a figure that nobody should depend on.
	Values []string

	apply func(o *Options, value string) error
}

// Default is the behaviour without a switch.
func (u Unconfirmed) Default() string {
	if len(u.Values) == 0 {
		return "as it is"
	}
	return u.Values[0]
}

// Switch sets an unconfirmed behaviour by name.
func (o *Options) Switch(name, value string) error {
	at := slices.IndexFunc(unconfirmed, func(u Unconfirmed) bool { return u.Name == name })
	if at < 0 {
		return fmt.Errorf("no unconfirmed behaviour is named %q", name)
	}
	u := unconfirmed[at]
	switch {
	case u.apply == nil:
		return fmt.Errorf("%s has no switch: only one behaviour is known", name)
	case u.free():
	case !slices.Contains(u.Values, value):
		return fmt.Errorf("%s is one of %s, not %q", name, strings.Join(u.Values, ", "), value)
	}
	if err := u.apply(o, value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// free says that a behaviour takes a figure, of which Values holds the default and an example.
func (u Unconfirmed) free() bool { return strings.HasSuffix(u.Values[len(u.Values)-1], "...") }

// UnconfirmedBehaviours lists all of them, in the order of their names.
func UnconfirmedBehaviours() []Unconfirmed {
	out := slices.Clone(unconfirmed)
	slices.SortFunc(out, func(a, b Unconfirmed) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// between is a choice of two: the second value sets the field.
func between(first, second string, field func(*Options) *bool) ([]string, func(*Options, string) error) {
	return []string{first, second}, func(o *Options, value string) error {
		*field(o) = value == second
		return nil
	}
}

// number takes a whole number.
func number(field func(*Options) *int) func(*Options, string) error {
	return func(o *Options, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%q is no whole number", value)
		}
		*field(o) = n
		return nil
	}
}

// span takes a duration such as 5m.
func span(field func(*Options) *time.Duration) func(*Options, string) error {
	return func(o *Options, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%q is no duration", value)
		}
		*field(o) = d
		return nil
	}
}
