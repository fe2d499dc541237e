package expr

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var placeholder = regexp.MustCompile(`\$(?:\$|&|\d+|\{\w+\})`)

// expandReplacement resolves the placeholders of .NET's replacement patterns that Entra documents or that are common: ${name}, ${1}, $1,
// $& (the whole match) and $$ (a dollar). One that names no group stays as it is written, as in .NET.
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
	case "&", "0":
	default:
		if group = groupIndex(pattern, name); group < 0 {
			return found
		}
	}
	if match[2*group] < 0 {
		return ""
	}
	return source[match[2*group]:match[2*group+1]]
}

// groupIndex finds a group by name or by .NET's number: unnamed groups are counted first, named ones after them. -1 is none.
func groupIndex(pattern *regexp.Regexp, name string) int {
	number, err := strconv.Atoi(name)
	if err != nil {
		return slices.Index(pattern.SubexpNames(), name)
	}
	var order []int
	for _, named := range []bool{false, true} {
		for i, group := range pattern.SubexpNames() {
			if i > 0 && (group != "") == named {
				order = append(order, i)
			}
		}
	}
	if number < 1 || number > len(order) {
		return -1
	}
	return order[number-1]
}
