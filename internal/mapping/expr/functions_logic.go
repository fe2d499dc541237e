package expr

import (
	"fmt"
	"strings"
)

// checkSwitch wants pairs of key and value after source and default: an even number of arguments in all.
func checkSwitch(arguments []*Node) string {
	if len(arguments)%2 != 0 || len(arguments) < 4 {
		return "Switch takes a source, a default (which may be left out between its commas) and then pairs of key and value; " +
			"here a key, a value or the comma of the default is missing"
	}
	return ""
}

// evaluateSwitch compares case-sensitively; the key "" stands for a null or empty source. Without a match it gives the default, which
// is null when left out.
func evaluateSwitch(c *call) (Value, *Error) {
	source, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	for i := 2; i < c.count(); i += 2 {
		key, err := c.text(i)
		if err != nil {
			return Null(), err
		}
		if key == source {
			return c.value(i + 1)
		}
	}
	return c.value(1)
}

// evaluateIIF chooses a branch. A null or empty attribute anywhere in the condition makes the check fail, so that the second branch is
// taken, even by IsNullOrEmpty and <> (that the failed check means the second branch is unconfirmed).
func evaluateIIF(c *call) (Value, *Error) {
	for _, name := range c.node.arguments[0].Attributes() {
		if c.attribute(name).isEmpty() {
			c.note = fmt.Sprintf("the check fails because [%s] is null or empty", name)
			return c.value(2)
		}
	}
	holds, err := c.boolean(0)
	if err != nil {
		return Null(), err
	}
	if holds {
		return c.value(1)
	}
	return c.value(2)
}

// boolean is the argument as a truth: "True" or "False" in any case, or a number, of which 0 is false. Null is false.
func (c *call) boolean(i int) (bool, *Error) {
	text, err := c.text(i)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	number, ok := parseInteger(text)
	if !ok {
		return false, c.node.arguments[i].at.errorf("%s needs True, False or a number, not %s", c.node.text, quote(text))
	}
	return number != 0, nil
}

func evaluateCBool(c *call) (Value, *Error) {
	holds, err := c.boolean(0)
	return boolean(holds), err
}

func evaluateCoalesce(c *call) (Value, *Error) {
	for i := range c.count() {
		if value, err := c.value(i); err != nil || !value.IsNull() {
			return value, err
		}
	}
	return Null(), nil
}

// evaluateIgnoreFlow turns the empty text into null, and nothing is sent for null.
func evaluateIgnoreFlow(c *call) (Value, *Error) {
	value, err := c.value(0)
	if err != nil || value.isEmpty() {
		return Null(), err
	}
	return value, nil
}

func evaluateIsNull(c *call) (Value, *Error) {
	value, err := c.value(0)
	return boolean(value.IsNull()), err
}

func evaluateIsNullOrEmpty(c *call) (Value, *Error) {
	value, err := c.value(0)
	return boolean(value.isEmpty()), err
}

func evaluateIsString(c *call) (Value, *Error) {
	value, err := c.value(0)
	return boolean(len(value.values) == 1), err
}

func evaluateIsPresent(c *call) (Value, *Error) {
	value, err := c.value(0)
	return boolean(!value.isEmpty()), err
}

// evaluateNot gives "False" for "True" and "True" for anything else, null included.
func evaluateNot(c *call) (Value, *Error) {
	text, err := c.text(0)
	return boolean(text != "True"), err
}
