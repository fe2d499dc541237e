package expr

import (
	"fmt"
	"slices"
	"strings"
)

// dateFormat is a custom date format of .NET, in the invariant culture.
type dateFormat struct {
	text   string
	fields []dateField
}

// dateField is a run of one specifier, such as yyyy, or a literal.
type dateField struct {
	letter  byte // 0 for a literal
	width   int
	literal string
}

// dateSpecifiers are the specifiers with the widths that .NET tells apart; a longer run means the same as the longest.
var dateSpecifiers = map[byte]int{'d': 4, 'f': 7, 'F': 7, 'h': 2, 'H': 2, 'K': 1, 'm': 2, 'M': 4, 's': 2, 't': 2, 'y': 4, 'z': 3}

// compileDateFormat reads a format; the fault says why it is not evaluated here.
func compileDateFormat(text string) (format dateFormat, fault string) {
	format.text = text
	if len(text) < 2 {
		return format, fmt.Sprintf("the format %s is a standard format of .NET, which is not evaluated here; write a custom one, such as yyyy-MM-dd", quote(text))
	}
	for rest := text; rest != ""; {
		var field dateField
		if field, rest, fault = nextDateField(rest); fault != "" {
			return format, fault
		}
		format.fields = append(format.fields, field)
	}
	return format, ""
}

// nextDateField takes the first field off a format.
func nextDateField(text string) (field dateField, rest, fault string) {
	switch letter := text[0]; letter {
	case '%': // makes a custom format of a single specifier
		if len(text) == 1 || text[1] == '%' {
			return field, "", "a % in a date format stands before a specifier"
		}
		return nextDateField(text[1:])
	case '\\':
		if len(text) == 1 {
			return field, "", "a \\ in a date format stands before the character that it makes a literal"
		}
		return dateField{literal: text[1:2]}, text[2:], ""
	case '\'', '"':
		literal, rest, closed := strings.Cut(text[1:], text[:1])
		if !closed {
			return field, "", fmt.Sprintf("the literal that starts with %s in the date format has no end", text[:1])
		}
		return dateField{literal: literal}, rest, ""
	case 'g':
		return field, "", "the era (g) in a date format is not evaluated here"
	default:
		return dateRun(text)
	}
}

// dateRun takes a run of one specifier off a format, or one literal byte.
func dateRun(text string) (field dateField, rest, fault string) {
	letter := text[0]
	longest, isSpecifier := dateSpecifiers[letter]
	if !isSpecifier {
		return dateField{literal: text[:1]}, text[1:], ""
	}
	width := len(text) - len(strings.TrimLeft(text, text[:1]))
	if width > longest && (letter == 'f' || letter == 'F' || letter == 'K' || letter == 'y') {
		return field, "", fmt.Sprintf("the date format has %s, which is not evaluated here", text[:width])
	}
	return dateField{letter: letter, width: min(width, longest)}, text[width:], ""
}

// dateStyles are what of .NET's DateTimeStyles makes a difference here: dates are in UTC anyhow.
type dateStyles struct{ leadingWhite, trailingWhite bool }

// dateStyles reads the argument; left out it allows blanks around the date.
func (c *call) dateStyles(i int) (dateStyles, *Error) {
	text, err := c.text(i)
	if err != nil || strings.TrimSpace(text) == "" {
		return dateStyles{leadingWhite: true, trailingWhite: true}, err
	}
	var styles dateStyles
	for name := range strings.SplitSeq(text, ",") {
		switch name = strings.TrimPrefix(strings.TrimSpace(name), "DateTimeStyles."); {
		case name == "AllowLeadingWhite":
			styles.leadingWhite = true
		case name == "AllowTrailingWhite":
			styles.trailingWhite = true
		case !slices.Contains([]string{"None", "RoundtripKind", "AdjustToUniversal", "AssumeUniversal", "AssumeLocal", "NoCurrentDateDefault"}, name):
			return styles, c.node.arguments[i].at.errorf("dateTimeStyles of FormatDateTime has %s, which is not evaluated here", quote(name))
		}
	}
	return styles, nil
}
