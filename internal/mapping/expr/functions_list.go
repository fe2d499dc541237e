package expr

import (
	"slices"
	"strconv"
	"strings"
)

// evaluateJoin joins all values of all sources; null and empty ones add nothing, not even a separator.
func evaluateJoin(c *call) (Value, *Error) {
	separator, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	var joined strings.Builder
	empty := true
	for i := range c.node.arguments[1:] {
		source, err := c.value(i + 1)
		if err != nil {
			return Null(), err
		}
		for _, value := range source.values {
			if value == "" {
				continue
			}
			if !empty {
				joined.WriteString(separator)
			}
			joined.WriteString(value)
			if empty = false; joined.Len() > maxResult {
				return Null(), c.node.tooLong()
			}
		}
	}
	if empty {
		return Null(), nil
	}
	return String(joined.String()), nil
}

// evaluateSplit gives the parts as a list, without the blanks around them, as the documented example shows.
func evaluateSplit(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	delimiter, err := c.text(1)
	if err != nil {
		return Null(), err
	}
	if delimiter == "" {
		return Null(), c.node.arguments[1].at.errorf("the delimiter of Split must not be empty")
	}
	parts := strings.Split(source.Single(), delimiter)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return Strings(parts), nil
}

// evaluateItem gives one value of a list; index is 1-based, and one beyond the end gives null (unconfirmed).
func evaluateItem(c *call) (Value, *Error) {
	list, err := c.value(0)
	if err != nil {
		return Null(), err
	}
	index, err := c.integer(1)
	if err != nil {
		return Null(), err
	}
	if index < 1 {
		return Null(), c.node.arguments[1].at.errorf("index of Item starts at 1, not %d", index)
	}
	if index > int64(len(list.values)) {
		return Null(), nil
	}
	return String(list.values[index-1]), nil
}

func evaluateCount(c *call) (Value, *Error) {
	list, err := c.value(0)
	return String(strconv.Itoa(len(list.values))), err
}

// evaluateRemoveDuplicates keeps the first of equal values, in order; case counts.
func evaluateRemoveDuplicates(c *call) (Value, *Error) {
	list, err := c.value(0)
	if err != nil {
		return Null(), err
	}
	seen := make(map[string]bool, len(list.values))
	return Strings(slices.DeleteFunc(list.Values(), func(value string) bool {
		duplicate := seen[value]
		seen[value] = true
		return duplicate
	})), nil
}

// evaluateRoles gives the names of all roles. That the engine makes whole role objects of them is not the language's business.
func evaluateRoles(c *call) (Value, *Error) { return c.value(0) }

// evaluateSingleRole gives one of the roles; with several Entra does not say which.
func evaluateSingleRole(c *call) (Value, *Error) {
	roles, err := c.value(0)
	if err != nil || roles.IsNull() {
		return Null(), err
	}
	return String(roles.Single()), nil
}
