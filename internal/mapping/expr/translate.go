package expr

import (
	"regexp"
	"slices"
	"strings"
)

// .NET's classes cover all of Unicode, Go's only ASCII. Each is written so that it can stand inside brackets.
var classes = map[byte]string{'d': `\p{Nd}`, 'w': `\p{L}\p{Mn}\p{Nd}\p{Pc}`, 's': `\t-\r\x{85}\p{Z}`}

// translator writes a pattern of .NET for Go's engine.
type translator struct {
	rest     string
	out      strings.Builder
	compiled *pattern
	names    []string // of groups
}

// construct is a group that begins with "(?".
type construct struct {
	form *regexp.Regexp
	name string // what it is, where it is refused
	with string // what is written for it, where that differs
}

// constructs are tried in this order, and the first that fits the text counts.
var constructs = []construct{
	{form: regexp.MustCompile(`^\(\?#[^)]*\)`)},
	{form: regexp.MustCompile(`^\(\?<?[=!]`), name: "look-around"},
	{form: regexp.MustCompile(`^\(\?>`), name: "an atomic group"},
	{form: regexp.MustCompile(`^\(\?\(`), name: "a conditional group"},
	{form: regexp.MustCompile(`^\(\?[<']\w*-`), name: "a balancing group"},
	{form: regexp.MustCompile(`^\(\?[<'](\d+)[>']`), name: "a group with a number for a name"},
	{form: regexp.MustCompile(`^\(\?'(\w+)'`), with: `(?<$1>`},
	{form: regexp.MustCompile(`^\(\?<(\w+)>`), with: `$0`},
	{form: regexp.MustCompile(`^\(\?[ims]*(?:-[ims]+)?[:)]`), with: `$0`},
	{form: regexp.MustCompile(`^\(\?[imnsx]*(?:-[imnsx]*)?[:)]`), name: "an option other than i, m and s"},
	{form: regexp.MustCompile(`^\(\?.?`), name: "an unknown group"},
}

// translate writes all of the pattern. The fault names what is refused.
func (t *translator) translate() (translated, fault string) {
	for t.rest != "" && fault == "" {
		switch {
		case strings.HasPrefix(t.rest, "(?"):
			fault = t.group()
		case t.rest[0] == '\\':
			fault = t.escape()
		case t.rest[0] == '[':
			fault = t.class()
		default:
			t.compiled.end = t.compiled.end || t.rest[0] == '$'
			t.copy(1)
		}
	}
	return t.out.String(), fault
}

// copy writes the next bytes as they are.
func (t *translator) copy(count int) {
	t.out.WriteString(t.rest[:count])
	t.rest = t.rest[count:]
}

// replace writes something else for the next bytes.
func (t *translator) replace(count int, with string) {
	t.out.WriteString(with)
	t.rest = t.rest[count:]
}

func (t *translator) group() (fault string) {
	for _, c := range constructs {
		found := c.form.FindStringSubmatchIndex(t.rest)
		if found == nil {
			continue
		}
		if len(found) == 4 && c.name == "" {
			t.names = append(t.names, t.rest[found[2]:found[3]])
		}
		if c.name == "" {
			t.replace(found[1], string(c.form.ExpandString(nil, c.with, t.rest, found)))
		}
		return c.name
	}
	return "" // the last construct fits everything
}

// twice is a name that two groups have; .NET makes one group of them. Empty is none.
func (t *translator) twice() string {
	slices.Sort(t.names)
	for i, name := range t.names[min(1, len(t.names)):] {
		if name == t.names[i] {
			return name
		}
	}
	return ""
}

var unicodeEscape = regexp.MustCompile(`^\\u([0-9A-Fa-f]{4})`)

// escape reads a backslash and what it belongs to, outside brackets.
func (t *translator) escape() (fault string) {
	if len(t.rest) == 1 {
		return `a \ at its end`
	}
	switch letter := t.rest[1]; letter {
	case 'd', 'w', 's':
		t.replace(2, "["+classes[letter]+"]")
	case 'D', 'W', 'S':
		t.replace(2, "[^"+classes[letter+'a'-'A']+"]")
	case 'b', 'B':
		t.compiled.boundary = true
		t.copy(2)
	case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return "a back-reference"
	case 'A', 'z':
		t.copy(2)
	default:
		return t.character()
	}
	return ""
}

// character reads an escape that stands for one character, or for a category of Unicode.
func (t *translator) character() (fault string) {
	letter := t.rest[1]
	switch {
	case letter == 'u' && unicodeEscape.MatchString(t.rest):
		t.replace(6, `\x{`+t.rest[2:6]+`}`)
	case letter == 'e':
		t.replace(2, `\x1B`)
	case strings.IndexByte("afnrtvxpP", letter) >= 0, !isNameStart(rune(letter)) && !isDigit(rune(letter)):
		t.copy(2)
	default:
		return `\` + t.rest[1:2]
	}
	return ""
}

// class reads a class in brackets.
func (t *translator) class() (fault string) {
	t.copy(1)
	if strings.HasPrefix(t.rest, "^") {
		t.copy(1)
	}
	for first := true; t.rest != "" && (first || t.rest[0] != ']'); first = false {
		switch {
		case strings.HasPrefix(t.rest, "-["):
			return "a class with another one subtracted"
		case t.rest[0] == '[':
			t.replace(1, `\[`) // else Go takes [:alpha:] for a class
		case t.rest[0] == '\\':
			if fault := t.escapeInClass(); fault != "" {
				return fault
			}
		default:
			t.copy(1)
		}
	}
	if t.rest == "" {
		return "a class without an end"
	}
	t.copy(1)
	return ""
}

func (t *translator) escapeInClass() (fault string) {
	if len(t.rest) == 1 {
		return `a \ at its end`
	}
	switch letter := t.rest[1]; letter {
	case 'd', 'w', 's':
		t.replace(2, classes[letter])
	case 'D':
		t.replace(2, `\P{Nd}`)
	case 'W', 'S':
		return `\` + t.rest[1:2] + " inside brackets"
	case 'b':
		t.replace(2, `\x08`)
	default:
		return t.character()
	}
	return ""
}
