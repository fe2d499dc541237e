package expr

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// maxResult bounds each intermediate result in bytes. It is far above any attribute of Entra, and keeps nested replacements and joins
// from growing without end, and functions of two long texts from running for seconds.
const maxResult = 32_768

// Evaluate computes the expression for one object. The error is an *Error that names the call at fault: a function that this version
// does not evaluate (RoleFunction ones are the engine's work), an argument that is no number, a list where one value is needed.
func (n *Node) Evaluate(env Environment) (Value, error) {
	value, err := n.evaluate(env)
	if err != nil {
		return Null(), err
	}
	return value, nil
}

func (n *Node) evaluate(env Environment) (Value, *Error) {
	switch n.kind {
	case Attribute:
		value, _ := env.Attribute(n.text)
		return value, nil
	case Constant:
		return String(n.text), nil
	case Condition:
		return n.compare(env)
	case Function:
		return n.evaluateCall(env)
	default:
		return Null(), nil
	}
}

func (n *Node) evaluateCall(env Environment) (Value, *Error) {
	if n.function.role {
		return Null(), n.at.errorf("%s is computed by the provisioning engine from the person's app roles, not by evaluation", n.text)
	}
	if n.function.evaluate == nil {
		return Null(), n.at.errorf("%s is a function of Entra that is not evaluated here; Entra itself evaluates it", n.text)
	}
	value, err := n.function.evaluate(&call{node: n, env: env})
	if err != nil {
		return Null(), err
	}
	size := 0
	for _, text := range value.values {
		size += len(text)
	}
	if size > maxResult {
		return Null(), n.tooLong()
	}
	return value, nil
}

func (n *Node) tooLong() *Error {
	return n.at.errorf("the result of %s is longer than %d bytes", n.text, maxResult)
}

// compare evaluates a condition. Texts compare case-sensitively; the order of two whole numbers is that of the numbers. A null side
// compares as the empty text (unconfirmed; IIF never gets there).
func (n *Node) compare(env Environment) (Value, *Error) {
	left, err := n.arguments[0].single(env)
	if err != nil {
		return Null(), err
	}
	right, err := n.arguments[1].single(env)
	if err != nil {
		return Null(), err
	}
	order := compareTexts(left.Single(), right.Single())
	switch n.text {
	case "=":
		return boolean(left.Single() == right.Single()), nil
	case "<>":
		return boolean(left.Single() != right.Single()), nil
	case ">":
		return boolean(order > 0), nil
	case ">=":
		return boolean(order >= 0), nil
	case "<":
		return boolean(order < 0), nil
	default: // "<=": the lexer makes no other operator
		return boolean(order <= 0), nil
	}
}

func compareTexts(left, right string) int {
	leftNumber, leftIsNumber := parseInteger(left)
	rightNumber, rightIsNumber := parseInteger(right)
	if leftIsNumber && rightIsNumber {
		return cmp.Compare(leftNumber, rightNumber)
	}
	return strings.Compare(left, right)
}

// single evaluates where one value is needed: a list of several is an error, because Entra documents no function but Join, Item, Count,
// RemoveDuplicates and Split that takes one.
func (n *Node) single(env Environment) (Value, *Error) {
	value, err := n.evaluate(env)
	if err == nil && len(value.values) > 1 {
		return Null(), n.at.errorf("%s has %d values where one is needed; choose one with Item or join them with Join", n, len(value.values))
	}
	return value, err
}

// call is one evaluation of a call. Arguments are evaluated when they are asked for, so that a branch not taken cannot fail.
type call struct {
	node *Node
	env  Environment
}

func (c *call) count() int { return len(c.node.arguments) }

// given says whether the argument is there and not left out.
func (c *call) given(i int) bool { return i < c.count() && c.node.arguments[i].kind != Empty }

// value is the argument's value, a list included; null when it was left out.
func (c *call) value(i int) (Value, *Error) {
	if !c.given(i) {
		return Null(), nil
	}
	return c.node.arguments[i].evaluate(c.env)
}

// single is the argument's one value or null.
func (c *call) single(i int) (Value, *Error) {
	if !c.given(i) {
		return Null(), nil
	}
	return c.node.arguments[i].single(c.env)
}

// text is the argument's one value, the empty text for null.
func (c *call) text(i int) (string, *Error) {
	value, err := c.single(i)
	return value.Single(), err
}

// integer is the argument as a whole number.
func (c *call) integer(i int) (int64, *Error) {
	text, err := c.text(i)
	if err != nil {
		return 0, err
	}
	number, ok := parseInteger(text)
	if !ok {
		return 0, c.node.arguments[i].at.errorf("%s of %s must be a whole number, not %s", c.node.function.parameter(i).name, c.node.text, quote(text))
	}
	return number, nil
}

var integerForm = regexp.MustCompile(`^(?:(-?[0-9]+)|&H([0-9A-Fa-f]+))$`)

// parseInteger reads a decimal number or, after &H, a hexadecimal one.
func parseInteger(text string) (int64, bool) {
	parts := integerForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	digits, base := parts[1], 10
	if digits == "" {
		digits, base = parts[2], 16
	}
	number, err := strconv.ParseInt(digits, base, 64)
	return number, err == nil
}
