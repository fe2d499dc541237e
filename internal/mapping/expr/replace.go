package expr

import "strings"

// The arguments of Replace after its source; which of them are given decides the mode.
const (
	replaceFind = 1 + iota
	replacePattern
	replaceGroup
	replaceReplacement
	replaceAttribute
	replaceTemplate
)

// replaceMode is one form of Replace: which arguments are given, and how it is evaluated.
type replaceMode struct {
	given    []int
	evaluate func(c *call, source string) (Value, *Error)
}

// replaceModes are the documented combinations of given arguments.
var replaceModes = []replaceMode{
	{[]int{replaceFind, replaceReplacement}, replaceText},
	{[]int{replaceFind, replaceTemplate}, replaceInTemplate},
	{[]int{replacePattern, replaceReplacement}, replaceMatches},
	{[]int{replacePattern, replaceGroup, replaceReplacement}, replaceGroupText},
	{[]int{replacePattern, replaceGroup, replaceAttribute}, nil}, // the only one that needs no source: extractGroup
}

// findReplaceMode is the mode whose arguments are given; nil when they are those of none.
func findReplaceMode(arguments []*Node) *replaceMode {
	given := 0
	for i, argument := range arguments {
		if i > 0 && argument.kind != Empty {
			given |= 1 << i
		}
	}
	for i, mode := range replaceModes {
		wanted := 0
		for _, index := range mode.given {
			wanted |= 1 << index
		}
		if given == wanted {
			return &replaceModes[i]
		}
	}
	return nil
}

func checkReplace(arguments []*Node) string {
	if findReplaceMode(arguments) != nil {
		return ""
	}
	return "Replace(source, oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName, template) needs one of these sets " +
		"besides its source: oldValue and replacementValue; oldValue and template; regexPattern and replacementValue; " +
		"regexPattern, regexGroupName and replacementValue; regexPattern, regexGroupName and replacementAttributeName. Keep the commas of those left out"
}

func evaluateReplace(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil {
		return Null(), err
	}
	mode := findReplaceMode(c.node.arguments)
	if mode.evaluate == nil {
		return extractGroup(c, source)
	}
	if source.IsNull() {
		return Null(), nil
	}
	return mode.evaluate(c, source.Single())
}

// replaceText replaces every old value in the source.
func replaceText(c *call, source string) (Value, *Error) {
	replacement, err := c.text(replaceReplacement)
	if err != nil {
		return Null(), err
	}
	return c.replaceAll(source, replacement)
}

// replaceInTemplate replaces every old value in the template by the source.
func replaceInTemplate(c *call, source string) (Value, *Error) {
	template, err := c.text(replaceTemplate)
	if err != nil {
		return Null(), err
	}
	return c.replaceAll(template, source)
}

// replaceAll replaces every old value in text, after it made sure that the result stays in bounds.
func (c *call) replaceAll(text, replacement string) (Value, *Error) {
	old, err := c.text(replaceFind)
	if err != nil {
		return Null(), err
	}
	if old == "" {
		return Null(), c.node.arguments[replaceFind].at.errorf("the text that Replace looks for must not be empty")
	}
	if len(text)+strings.Count(text, old)*(len(replacement)-len(old)) > maxResult {
		return Null(), c.node.tooLong()
	}
	return String(strings.ReplaceAll(text, old, replacement)), nil
}

// pattern reads the regular expression, and makes sure that it can be matched against text in bounded time.
func (c *call) pattern(text string) (*pattern, *Error) {
	expression, err := c.text(replacePattern)
	if err != nil {
		return nil, err
	}
	compiled, fault := compilePattern(expression)
	if fault == "" {
		fault = compiled.faultOn(text)
	}
	if fault != "" {
		return nil, c.node.arguments[replacePattern].at.errorf("%s", fault)
	}
	return compiled, c.charge(c.node, compiled.cost(text))
}

// group is the number of the named group in the pattern.
func (c *call) group(pattern *pattern) (int, *Error) {
	name, err := c.text(replaceGroup)
	if err != nil {
		return 0, err
	}
	if index := pattern.compiled.SubexpIndex(name); index != -1 {
		return index, nil
	}
	return 0, c.node.arguments[replaceGroup].at.errorf("the pattern %s has no group named %q; write it as (?<%s>...)", quote(pattern.text), name, name)
}

// replaceMatches replaces every match; ${name} and $1 in the replacement stand for groups.
func replaceMatches(c *call, source string) (Value, *Error) {
	pattern, err := c.pattern(source)
	if err != nil {
		return Null(), err
	}
	replacement, err := c.text(replaceReplacement)
	if err != nil {
		return Null(), err
	}
	return c.substitute(source, pattern.matches(source), 0, func(match []int) string {
		return expandReplacement(pattern.compiled, replacement, source, match)
	})
}

// replaceGroupText replaces, in every match, only what the named group matched.
func replaceGroupText(c *call, source string) (Value, *Error) {
	pattern, err := c.pattern(source)
	if err != nil {
		return Null(), err
	}
	group, err := c.group(pattern)
	if err != nil {
		return Null(), err
	}
	replacement, err := c.text(replaceReplacement)
	if err != nil {
		return Null(), err
	}
	return c.substitute(source, pattern.matches(source), group, func([]int) string { return replacement })
}

// extractGroup gives the source if it has a value, else what the named group matches in the other attribute; null where it does not.
func extractGroup(c *call, source Value) (Value, *Error) {
	if !source.isEmpty() {
		return source, nil
	}
	other, err := c.text(replaceAttribute)
	if err != nil {
		return Null(), err
	}
	pattern, err := c.pattern(other)
	if err != nil {
		return Null(), err
	}
	group, err := c.group(pattern)
	if err != nil {
		return Null(), err
	}
	match := pattern.compiled.FindStringSubmatchIndex(other)
	if len(match) == 0 || match[2*group] < 0 {
		return Null(), nil
	}
	return String(other[match[2*group]:match[2*group+1]]), nil
}

// substitute builds the source anew with the text of one group (0 is the whole match) of each match replaced.
func (c *call) substitute(source string, matches [][]int, group int, replacement func(match []int) string) (Value, *Error) {
	var result strings.Builder
	end := 0
	for _, match := range matches {
		from, to := match[2*group], match[2*group+1]
		if from < end { // the group took no part in this match
			continue
		}
		result.WriteString(source[end:from])
		result.WriteString(replacement(match))
		if end = to; result.Len() > maxResult {
			return Null(), c.node.tooLong()
		}
	}
	result.WriteString(source[end:])
	return String(result.String()), nil
}
