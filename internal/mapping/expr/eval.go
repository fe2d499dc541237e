package expr

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

const (
	// maxResult bounds each intermediate result in bytes. It is far above any attribute of Entra, and keeps nested replacements and
	// joins from growing without end.
	maxResult = 32_768
	// maxWork bounds a whole evaluation, in characters looked at, so that a hostile expression ends after a second or two at worst.
	// A mapping that a person wrote takes some thousands.
	maxWork = 200_000_000
)

// evaluation is one run of Evaluate.
type evaluation struct {
	env   Environment
	work  int // done so far
	depth int // of the running call
}

// Evaluate computes the expression for one object. The error is an *Error that names the call at fault: an argument that is no number,
// a list where one value is needed, a function that is not evaluated here.
func (n *Node) Evaluate(env Environment) (Value, error) {
	value, err := n.evaluate(&evaluation{env: env})
	if err != nil {
		return Null(), err
	}
	return value, nil
}

func (n *Node) evaluate(e *evaluation) (Value, *Error) {
	var value Value
	switch n.kind {
	case Attribute:
		value = e.attribute(n.text)
	case Constant:
		value = String(n.text)
	case Function, Condition:
		return n.evaluateCall(e)
	}
	return value, e.charge(n, value.size())
}

func (e *evaluation) attribute(name string) Value {
	if e.env.Attribute == nil {
		return Null()
	}
	value, _ := e.env.Attribute(name)
	return value
}

// charge adds to the work done, and ends an evaluation that does too much.
func (e *evaluation) charge(n *Node, work int) *Error {
	if e.work += work; e.work > maxWork {
		return n.at.errorf("the expression is too costly to be evaluated; shorten its patterns and texts")
	}
	return nil
}

func (n *Node) evaluateCall(e *evaluation) (Value, *Error) {
	c := &call{node: n, evaluation: e}
	e.depth++
	value, err := c.run()
	e.depth--
	if e.env.Observe != nil {
		e.env.Observe(Step{Node: n, Depth: e.depth, Inputs: c.inputs, Result: value, Note: c.note, Err: err})
	}
	return value, err
}

// run computes the call and bounds its result.
func (c *call) run() (Value, *Error) {
	evaluate := compare
	if c.node.kind == Function {
		evaluate = c.node.function.evaluate
	}
	if evaluate == nil {
		return Null(), c.node.at.errorf("%s", c.node.function.unsupported)
	}
	value, err := evaluate(c)
	if err != nil {
		return Null(), err
	}
	size := value.size()
	if size > maxResult {
		return Null(), c.node.tooLong()
	}
	if err := c.charge(c.node, size); err != nil {
		return Null(), err
	}
	return value, nil
}

func (n *Node) tooLong() *Error {
	return n.at.errorf("the result of %s is longer than %d bytes", n.text, maxResult)
}

// compare evaluates a condition. Texts compare case-sensitively; the order of two whole numbers is that of the numbers. A null side
// compares as the empty text (unconfirmed; IIF never gets there).
func compare(c *call) (Value, *Error) {
	left, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	right, err := c.text(1)
	if err != nil {
		return Null(), err
	}
	order := compareTexts(left, right)
	switch c.node.text {
	case "=":
		return boolean(left == right), nil
	case "<>":
		return boolean(left != right), nil
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

// call is one evaluation of a call or comparison. Arguments are evaluated when they are asked for, so that a branch not taken cannot fail.
type call struct {
	*evaluation
	node   *Node
	inputs []Input // kept only for an observer
	note   string
}

func (c *call) count() int { return len(c.node.arguments) }

// given says whether the argument is there and not left out.
func (c *call) given(i int) bool { return i < c.count() && c.node.arguments[i].kind != Empty }

// value is the argument's value; null when it was left out. A list of several is an error where the parameter takes one value.
func (c *call) value(i int) (Value, *Error) {
	if !c.given(i) {
		return Null(), nil
	}
	argument := c.node.arguments[i]
	value, err := argument.evaluate(c.evaluation)
	if err != nil {
		return Null(), err
	}
	if c.env.Observe != nil {
		c.inputs = append(c.inputs, Input{Parameter: c.node.key(i), Node: argument, Value: value})
	}
	if len(value.values) > 1 && !c.node.takesList(i) {
		return Null(), argument.at.errorf("%s has %d values where one is needed; choose one with Item or join them with Join", argument, len(value.values))
	}
	return value, nil
}

// text is the argument's one value, the empty text for null.
func (c *call) text(i int) (string, *Error) {
	value, err := c.value(i)
	return value.Single(), err
}

// choice is the argument as one of the texts that the parameter takes.
func (c *call) choice(i int) (string, *Error) {
	text, err := c.text(i)
	if err == nil {
		err = c.node.function.parameter(i).choose(c.node.function, text, c.node.arguments[i].at)
	}
	return text, err
}

// integer is the argument as a whole number.
func (c *call) integer(i int) (int64, *Error) {
	text, err := c.text(i)
	if err != nil {
		return 0, err
	}
	number, ok := parseInteger(text)
	if !ok {
		return 0, c.notInteger(i, text)
	}
	return number, nil
}

func (c *call) notInteger(i int, text string) *Error {
	return c.node.arguments[i].at.errorf("%s of %s must be a whole number, not %s", c.node.function.parameter(i).name, c.node.text, quote(text))
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
