package filter

import "github.com/scim-operator/scim-operator/internal/scim/schema"

// Expr is a parsed filter whose attributes are resolved: *And, *Or, *Not, *Compare, *Present or *ValuePath.
type Expr interface{ expr() }

// And is true when both sides are.
type And struct{ Left, Right Expr }

// Or is true when one side is.
type Or struct{ Left, Right Expr }

// Not is true when its operand is not.
type Not struct{ Expr Expr }

// Op is a comparison operator in lower case.
type Op string

// The comparison operators of RFC 7644 table 3.
const (
	Eq Op = "eq"
	Ne Op = "ne"
	Co Op = "co"
	Sw Op = "sw"
	Ew Op = "ew"
	Gt Op = "gt"
	Lt Op = "lt"
	Ge Op = "ge"
	Le Op = "le"
)

// Compare is true when one of the values at Path stands in relation Op to Value.
type Compare struct {
	Path schema.Path
	Op   Op
	// Value is a string, bool, float64 or time.Time, as the attribute's type asks; nil for null.
	Value any
}

// Present is true when Path has a value ("pr").
type Present struct{ Path schema.Path }

// ValuePath is true when one element of the multi-valued or complex attribute at Path satisfies Filter. Entra's
// attr[filter].sub op value parses to the conjunction of both inside the brackets (F-1).
type ValuePath struct {
	Path   schema.Path
	Filter Expr
}

func (*And) expr()       {}
func (*Or) expr()        {}
func (*Not) expr()       {}
func (*Compare) expr()   {}
func (*Present) expr()   {}
func (*ValuePath) expr() {}

// Equalities returns the comparisons of a conjunction of eq terms; ok is false for any other filter. A PATCH
// builds a missing element from them (P-18).
func Equalities(e Expr) (terms []*Compare, ok bool) {
	switch e := e.(type) {
	case *And:
		left, ok := Equalities(e.Left)
		if !ok {
			return nil, false
		}
		right, ok := Equalities(e.Right)
		return append(left, right...), ok
	case *Compare:
		return []*Compare{e}, e.Op == Eq && e.Value != nil
	}
	return nil, false
}
