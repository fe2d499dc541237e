package expr

import (
	"regexp"
	"strconv"
	"strings"
)

var placeholder = regexp.MustCompile("\\$(?:[$&+_`']|\\d+|\\{\\w+\\})")

// expandReplacement resolves the placeholders of .NET's replacement patterns: ${name}, ${1}, $1, $& (the whole match), $` and $' (what is
// before and after it), $+ (the last group), $_ (the whole source) and $$ (a dollar). One that names no group stays as it is written,
// as in .NET.
func expandReplacement(pattern *regexp.Regexp, replacement, source string, match []int) string {
	var result strings.Builder
	end := 0
	for _, found := range placeholder.FindAllStringIndex(replacement, -1) {
		result.WriteString(replacement[end:found[0]])
		result.WriteString(expandPlaceholder(pattern, replacement[found[0]:found[1]], source, match))
		if end = found[1]; result.Len() > maxResult {
			break // the caller refuses what is too long already
		}
	}
	result.WriteString(replacement[end:])
	return result.String()
}

func expandPlaceholder(pattern *regexp.Regexp, found, source string, match []int) string {
	group := 0
	switch name := strings.Trim(found[1:], "{}"); name {
	case "$":
		return "$"
	case "_":
		return source
	case "`":
		return source[:match[0]]
	case "'":
		return source[match[1]:]
	case "&":
	case "+":
		group = lastGroup(pattern)
	default:
		var known bool
		if group, known = groupIndex(pattern, name); !known {
			return found
		}
	}
	if match[2*group] < 0 {
		return ""
	}
	return source[match[2*group]:match[2*group+1]]
}

// groupIndex finds a group by name or by .NET's number.
func groupIndex(pattern *regexp.Regexp, name string) (index int, known bool) {
	number, err := strconv.Atoi(name)
	if err != nil {
		index = pattern.SubexpIndex(name)
		return index, index != -1
	}
	order := groupOrder(pattern)
	if number >= len(order) {
		return 0, false
	}
	return order[number], true
}

// lastGroup is the group of the highest number; the whole match where there is no group.
func lastGroup(pattern *regexp.Regexp) int {
	order := groupOrder(pattern)
	return order[len(order)-1]
}

// groupOrder are the groups in the order of .NET's numbers: the whole match, unnamed groups, and named ones after them.
func groupOrder(pattern *regexp.Regexp) []int {
	order := []int{0}
	for _, named := range []bool{false, true} {
		for i, group := range pattern.SubexpNames() {
			if i > 0 && (group != "") == named {
				order = append(order, i)
			}
		}
	}
	return order
}
