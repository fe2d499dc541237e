package expr

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// FuzzParse proves that parse, print, parse again is the same, that the tree gives the expression back, that nothing panics, and that an
// evaluation ends within its bounds.
func FuzzParse(f *testing.F) {
	for _, description := range Describe() {
		for _, example := range description.Examples {
			f.Add(example.Expression, "John Doe")
		}
	}
	for _, trap := range Traps() {
		f.Add(trap.Example, "")
	}
	for _, text := range []string{
		`"\"\\"`, `[extension_0_a]`, `Mid([a], -1, 99999999999999999999)`, `Item(Split([a], ","), 2)`, `Left([a], 9223372036854775807)`, `Mid([a], 2, 9223372036854775807)`,
		`Replace([a], , "(?<x>a*)(b|c){2,3}[^\\d]\\b$", "x", "$1", , )`, `FormatDateTime([a], , [a], "dddd, MMM yyyy HH:mm:ss.ffff tt zzz")`,
		`DateAdd("ww", [a], Now())`, `DateDiff("m", [a], "2020-01-01")`, `RandomString([a], 1, 1, 1, 1, [a])`, `Replace([a], , [a], , "${x}$+", , )`,
	} {
		f.Add(text, "2020-03-16-07:00")
	}
	f.Fuzz(func(t *testing.T, text, attribute string) {
		node, err := Parse(text)
		if err != nil {
			return
		}
		checkRoundTrip(t, text, node)
		Check(node, sourceObject)
		Warnings(node)
		env := person{"a": String(attribute)}.environment()
		env.Random = rand.NewChaCha8([32]byte{})
		e := &evaluation{env: env}
		value, fault := node.evaluate(e)
		if fault == nil && (e.work > maxWork || node.Kind() == Function && value.size() > maxResult) {
			t.Fatalf("%s: %d bytes after work of %d", text, value.size(), e.work)
		}
	})
}

func checkRoundTrip(t *testing.T, text string, node *Node) {
	t.Helper()
	canonical := node.String()
	if utf8.RuneCountInString(canonical) > MaxLength {
		return // spaces after commas made it longer than Entra accepts
	}
	again, err := Parse(canonical)
	if err != nil {
		t.Fatalf("%s was printed as %s: %v", text, canonical, err)
	}
	if again.String() != canonical || !Equal(node, again) {
		t.Fatalf("%s became %s", canonical, again)
	}
	source := node.Source()
	source.Expression = ""
	if rebuilt, err := FromSource(source); err != nil && utf8.RuneCountInString(canonical) < MaxLength/2 || err == nil && !Equal(node, rebuilt) {
		t.Fatalf("the tree of %s became %v: %v", canonical, rebuilt, err)
	}
}

// FuzzPattern proves that no pattern panics, and that what is found are matches in order: each begins where the one before ended, or later.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{`b*`, `(?<a>\d+)|\b`, `[\w-]*?$`, `(?i:É)\u00e9`, `(?'x'a)(?#c)`, `\A|^a|(a|b)*c`} {
		f.Add(pattern, "abc é 12\n")
	}
	f.Fuzz(func(t *testing.T, text, source string) {
		compiled, fault := compilePattern(text)
		if fault != "" || compiled.faultOn(source) != "" || compiled.cost(source) > maxWork/100 {
			return
		}
		end := 0
		for _, match := range compiled.matches(source) {
			if match[0] < end || match[1] < match[0] || match[1] > len(source) {
				t.Fatalf("%q on %q: %v after %d", text, source, match, end)
			}
			end = match[1]
			_ = expandReplacement(compiled.compiled, "$1${a}$+$`$'$_$&$$", source, match)
		}
	})
}

// FuzzDateFormat proves that no format panics, and that what is written with a full format is read back.
func FuzzDateFormat(f *testing.F) {
	f.Add("yyyy-MM-dd", "2020-03-16")
	f.Add("dddd, d MMMM yyyy 'at' h:mm:ss.FFF tt zzz", "Monday, 15 June 2009 at 1:45:30.5 PM +02:00")
	f.Fuzz(func(t *testing.T, text, date string) {
		format, fault := compileDateFormat(text)
		if fault != "" {
			return
		}
		parsed, ok := format.parse(date, dateStyles{})
		if !ok {
			return
		}
		full, _ := compileDateFormat("yyyy-MM-ddTHH:mm:ss.fffffffzzz")
		again, ok := full.parse(full.print(parsed), dateStyles{})
		if !ok || !again.Equal(parsed) {
			t.Fatalf("%s: %v became %v", date, parsed, again)
		}
		_ = format.print(parsed)
	})
}
