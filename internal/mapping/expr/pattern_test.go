package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// replaceAll is the evaluation of a Replace with a pattern and a replacement.
func replaceAll(source, pattern, replacement string) (string, error) {
	node := &Node{kind: Function, text: "Replace", function: lookup("Replace"), arguments: []*Node{
		NewConstant(source), {kind: Empty}, NewConstant(pattern), {kind: Empty}, NewConstant(replacement)}}
	value, err := node.Evaluate(Environment{})
	return value.Single(), err
}

func TestPatternsMeanWhatTheyMeanInDotNet(t *testing.T) {
	for name, c := range map[string]struct{ source, pattern, replacement, want string }{
		"digits of all scripts":                       {"a1٣", `\d`, "x", "axx"},
		"digits in brackets":                          {"a1٣-", `[\d-]`, "x", "axxx"},
		"no digits":                                   {"a1٣", `\D`, "x", "x1٣"},
		"no digits, in brackets":                      {"a1٣", `[\D1]`, "x", "xx٣"},
		"word characters of all scripts":              {"é_1-ü ‿", `\w`, "x", "xxx-x x"},
		"word characters in brackets":                 {"é_1-ü ‿", `[\w-]`, "x", "xxxxx x"},
		"no word characters":                          {"é_1-ü", `\W`, "x", "é_1xü"},
		"blanks of all scripts":                       {"a\u00a0b\u2003c\td\u0085e", `\s`, "x", "axbxcxdxe"},
		"blanks in brackets":                          {"a\u00a0b-c", `[\s-]`, "x", "axbxc"},
		"no blanks":                                   {"a\u00a0b", `\S`, "x", "x\u00a0x"},
		"brackets do not name a class of POSIX":       {"a:z]", `[[:z]`, "x", "axx]"},
		"a closing bracket first in brackets":         {"a]b", `[]a]`, "x", "xxb"},
		"a closing bracket first after ^":             {"a]b", `[^]a]`, "x", "a]x"},
		"an escaped bracket":                          {"a]b", `[\]b]`, "x", "axx"},
		"a closing bracket first, then a class":       {"]1a", `[]\d]`, "x", "xxa"},
		"no digits of all scripts in brackets":        {"a1٣", `[^\d]`, "x", "x1٣"},
		"a bell":                                      {"a\ab", `\a`, "x", "axb"},
		"a character by a larger number":              {"aẞ", `\u1E9E`, "x", "ax"},
		"a backspace in brackets":                     {"a\bb", `[\b]`, "x", "axb"},
		"a character by its number":                   {"aé", `\u00e9`, "x", "ax"},
		"a character by its number in brackets":       {"aé", `[\u00E9]`, "x", "ax"},
		"a character by two digits":                   {"aA", `\x41`, "x", "ax"},
		"an escape character":                         {"a\x1bb", `\e`, "x", "axb"},
		"a category":                                  {"aB", `\p{Lu}`, "x", "ax"},
		"not a category":                              {"aB", `\P{Lu}`, "x", "xB"},
		"an escaped dot":                              {"a.b", `\.`, "x", "axb"},
		"an escaped blank":                            {"a b", `\ `, "x", "axb"},
		"a tab":                                       {"a\tb", `\t`, "x", "axb"},
		"a comment":                                   {"ab", `a(?#first)b`, "x", "x"},
		"a group named in single quotes":              {"ab", `(?'first'a)b`, "${first}", "a"},
		"a group without a number":                    {"ab", `(?:a)(b)`, "$1", "b"},
		"the option i":                                {"aAb", `(?i)a`, "x", "xxb"},
		"an option for a group":                       {"aAbB", `(?i:a)b`, "x", "axB"},
		"an option taken back":                        {"aAb", `(?i)a(?-i)b`, "x", "ax"},
		"options m and s":                             {"a\nb", `(?ms)a$.^b`, "x", "x"},
		"an empty match after a match, as in .NET":    {"abc", `b*`, "-", "-a--c-"},
		"an empty match at the end, as in .NET":       {"abc", `[a-z]*`, "X", "XX"},
		"no empty match between two that touch":       {"bb", `b`, "-", "--"},
		"no empty match where there is none":          {"aab", `a+`, "-", "-b"},
		"an empty match that needs what is before it": {"abc", `b|(?m)^`, "-", "-a-c"},
		"an empty match at a boundary":                {"ab c", `ab|\b`, "-", "-- -c-"},
		"an empty match after letters beyond ASCII":   {"éé", `é*`, "-", "--"},
		"groups of an empty match":                    {"ab", `(a)|(x?)`, "[$2]", "[][]b[]"},
		"the start":                                   {"aa", `\Aa`, "x", "xa"},
		"the very end":                                {"aa", `a\z`, "x", "ax"},
		"the end":                                     {"aa", `a$`, "x", "ax"},
		"all before a match":                          {"abc", "b", "$`", "aac"},
		"all after a match":                           {"abc", "b", "$'", "acc"},
		"the whole source":                            {"abc", "b", "<$_>", "a<abc>c"},
		"the last group":                              {"abc", "(a)(b)", "$+", "bc"},
		"the last group by .NET's numbers":            {"abc", "(?<n>a)(b)", "$+", "ac"},
		"the last group of none":                      {"abc", "b", "<$+>", "a<b>c"},
		"the whole match":                             {"abc", "b", "<$&$0${0}>", "a<bbb>c"},
		"a group by its number in braces":             {"abc", "(a)(b)", "${2}${1}", "bac"},
		"a number of no group":                        {"abc", "(a)", "$2${2}", "$2${2}bc"},
		"a group that took no part":                   {"abc", "(x)?a", "<$1>", "<>bc"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := replaceAll(c.source, c.pattern, c.replacement)
			if err != nil || got != c.want {
				t.Errorf("%q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestPatternsRefuse(t *testing.T) {
	for pattern, want := range map[string]string{
		`(?=a)`:          "has look-around, which is not evaluated here",
		`(?!a)`:          "has look-around",
		`(?<=a)b`:        "has look-around",
		`(?<!a)b`:        "has look-around",
		`(?>a)`:          "has an atomic group",
		`(?(a)b)`:        "has a conditional group",
		`(?<a-b>c)`:      "has a balancing group",
		`(?'-b'c)`:       "has a balancing group",
		`(?<1>a)`:        "has a group with a number for a name",
		`(?P<a>b)`:       "has an unknown group",
		`(?x) a`:         "has an option other than i, m and s",
		`(?i-n:a)`:       "has an option other than i, m and s",
		`(a)\1`:          "has a back-reference",
		`(?<a>a)\k<a>`:   "has a back-reference",
		`a\Z`:            `has \Z, which is not evaluated here`,
		`\Ga`:            `has \G`,
		`\cA`:            `has \c`,
		`\0`:             `has \0`,
		`\u12`:           `has \u`,
		`[\W]`:           `has \W inside brackets`,
		`[a\S]`:          `has \S inside brackets`,
		`[\1]`:           `has \1`,
		`[a-z-[aeiou]]`:  "has a class with another one subtracted",
		`[a`:             "has a class without an end",
		`[a\`:            `has a \ at its end`,
		`a\`:             `has a \ at its end`,
		`(`:              `cannot be read here: missing closing ): "("`,
		`\p{IsGreek}`:    "cannot be read here: invalid character class range",
		`a{2,1}`:         "cannot be read here: invalid repeat count",
		`(?<a>x)(?<a>y)`: "has two groups named a, which is not evaluated here",
		`(a{100}b{100}c{100}){10}(a{900}){1}(bbbbbbbbbbbbbbbbbbbbbbbb){400}`: "is too costly: its repetitions multiply to 18233 steps, more than 10000",
	} {
		t.Run(pattern, func(t *testing.T) {
			got, err := replaceAll("a", pattern, "x")
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q %v, want %s", got, err, want)
			}
		})
	}
}

func TestPatternsRefuseTextsOnWhichTheEnginesDiffer(t *testing.T) {
	for name, c := range map[string]struct{ source, pattern, want string }{
		"$ and a line break at the end":                {"a\n", "a$", "has $, which is not evaluated here on a text that ends with a line break"},
		"a boundary and letters beyond ASCII":          {"é a", `\ba`, "has \\b, which is not evaluated here on a text with letters beyond ASCII"},
		"a boundary and the first letter beyond ASCII": {"\u0080 a", `\ba`, "has \\b, which"},
		"no boundary and letters beyond ASCII":         {"éa", `\Ba`, "has \\b, which"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := replaceAll(c.source, c.pattern, "x"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	for name, c := range map[string]struct{ source, pattern, want string }{
		"a line break inside":  {"a\nb", "b$", "a\nx"},
		"no dollar":            {"a\n", "a", "x\n"},
		"a dollar in brackets": {"a$\n", "[$]", "ax\n"},
		"an escaped dollar":    {"a$\n", `\$`, "ax\n"},
		"a boundary and ASCII": {"ba a\x7f", `\ba`, "ba x\x7f"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := replaceAll(c.source, c.pattern, "x"); err != nil || got != c.want {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

// TestHostileExpressionsEnd gives expressions that grow, or scan again and again. Each is refused before it has done much.
func TestHostileExpressionsEnd(t *testing.T) {
	long := strings.Repeat("a", maxResult)
	env := Environment{Attribute: func(string) (Value, bool) { return String(long), true }}
	for name, c := range map[string]struct{ text, want string }{
		"a pattern that scans to the end from everywhere": {`Replace([a], , "(.*b)?", , "", , )`, "too costly"},
		"a pattern on a text beyond all bounds":           {`Replace([a], , "a", , "", , )`, "too costly"},
		"many words by many separators":                   {`Word([a], 1, "` + strings.Repeat("b", 8000) + `")`, "too costly"},
		"titles by many separators":                       {`PCase([a], "` + strings.Repeat("b", 8000) + `")`, "too costly"},
		"a result that doubles":                           {`Join("", [a], "a")`, "longer than 32768 bytes"},
		"a list of long texts":                            {`Append([a], "a")`, "longer than 32768 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := mustParse(t, c.text).Evaluate(env); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestTheLimitsThemselvesAreAllowed(t *testing.T) {
	half := strings.Repeat("a", maxResult/2)
	env := Environment{Attribute: func(name string) (Value, bool) {
		if name == "spaces" {
			return String(strings.Repeat(" ", maxResult)), true
		}
		return String(half), true
	}}
	for name, text := range map[string]string{
		"a result":                 `Append([a], [a])`,
		"a join":                   `Join("", [a], [a])`,
		"a join with a separator":  `Join("x", Mid([a], 1, 16383), [a])`,
		"a replacement":            `Replace([a], "a", , , "bb", , )`,
		"a replacement of matches": `Replace(Mid([a], 1, 8192), , "a", , "bbbb", , )`,
		"placeholders":             `Replace(Mid([a], 1, 4096), , "(x)?a+", , "$&$&$&$&$&$&$&$&$1", , )`,
		"a replacement that shrinks what is long": `Replace([spaces], " ", , , "", , )`,
	} {
		if _, err := mustParse(t, text).Evaluate(env); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]int{`[a]`: len(half), `"abc"`: 3, `ToLower("abc")`: 6, `Word("ab", 1, "cde")`: 2 + 1 + 3 + 2*3 + 2, `PCase("ab", "cde")`: 2 + 3 + 2*3 + 2} {
		e := &evaluation{env: env}
		if _, err := mustParse(t, text).evaluate(e); err != nil || e.work != want {
			t.Errorf("the work of %s: %d (%v), want %d", text, e.work, err, want)
		}
	}
	e := &evaluation{work: maxWork - 1}
	if err := e.charge(NewConstant(""), 1); err != nil {
		t.Errorf("the last bit of work: %v", err)
	}
	if err := e.charge(NewConstant(""), 1); err == nil {
		t.Error("more work than the limit")
	}
}

func TestTheLongestPattern(t *testing.T) {
	const longest = `(abc){1000}(abc){999}....`
	if compiled, fault := compilePattern(longest); fault != "" || compiled.size != maxPattern {
		t.Errorf("size %v, %s", compiled, fault)
	}
	if _, fault := compilePattern(longest + "."); !strings.Contains(fault, "multiply to 10001 steps") {
		t.Errorf("one more: %q", fault)
	}
}

func TestMatchesThatTouchAreFoundOnce(t *testing.T) {
	compiled, _ := compilePattern("b")
	if diff := cmp.Diff([][]int{{0, 1}, {1, 2}, {2, 3}}, compiled.matches("bbb")); diff != "" {
		t.Error(diff)
	}
}

func TestTheCostOfAPattern(t *testing.T) {
	for text, want := range map[string]int{
		`abc`:        3,
		`a|b`:        1, // one class
		`(abc)`:      4,
		`(abc){5}`:   25,
		`(abc){2,5}`: 25,
		`(abc){5,}`:  25,
		`(abc)*`:     5,
		`(abc){0}`:   5,
	} {
		compiled, fault := compilePattern(text)
		if fault != "" || compiled.size != want {
			t.Errorf("%s: size %d (%s), want %d", text, compiled.size, fault, want)
		}
	}
	compiled, _ := compilePattern("abc")
	if got := compiled.cost("1234"); got != 3*(100+25) {
		t.Errorf("cost %d", got)
	}
	if compiled.cost(strings.Repeat("a", maxResult)) != 3*(100+(maxResult+1)*(maxResult+1)) || compiled.cost(strings.Repeat("a", maxResult+1)) != maxWork+1 {
		t.Error("the cost of long texts")
	}
}
