package expr

import "slices"

// Value is what an attribute holds and what an expression gives: null, one text, or several. Entra knows booleans only as the texts
// "True" and "False", and numbers and dates only as texts.
type Value struct{ values []string }

// Null is the value of an absent attribute; a mapping whose result is null sends nothing.
func Null() Value { return Value{} }

// String is a single text, which may be empty.
func String(s string) Value { return Value{values: []string{s}} }

// Strings is the value of a multi-valued attribute; without any value it is null.
func Strings(values []string) Value { return Value{values: slices.Clone(values)} }

// IsNull says that there is no value at all; an empty text is not null.
func (v Value) IsNull() bool { return len(v.values) == 0 }

// Single is the first value, or the empty text for null.
func (v Value) Single() string {
	if v.IsNull() {
		return ""
	}
	return v.values[0]
}

// Values are all values in order; none for null.
func (v Value) Values() []string { return slices.Clone(v.values) }

// isEmpty says that there is no value, or a single empty text.
func (v Value) isEmpty() bool { return len(v.values) < 2 && v.Single() == "" }

// size is the number of bytes of all values.
func (v Value) size() int {
	size := 0
	for _, text := range v.values {
		size += len(text)
	}
	return size
}

func boolean(b bool) Value {
	if b {
		return String("True")
	}
	return String("False")
}
