package expr

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEdges holds what stands next to an edge: the last value on one side, the first on the other.
func TestEdges(t *testing.T) {
	env := person{
		"two": Strings([]string{"a", "b"}), "pairs": Strings([]string{"", "b"}), "empty": String(""), "name": String("John"), "number": String("10"), "blanks": Strings([]string{"", ""}),
	}.environment()
	for text, want := range map[string][]string{
		// comparisons
		`CBool("a" > "a")`: {"False"}, `CBool("b" > "a")`: {"True"}, `CBool("a" >= "a")`: {"True"}, `CBool("a" >= "b")`: {"False"},
		`CBool("a" < "a")`: {"False"}, `CBool("a" < "b")`: {"True"}, `CBool("a" <= "a")`: {"True"}, `CBool("b" <= "a")`: {"False"},
		`CBool([number] > 9)`: {"True"}, `CBool([number] > "9a")`: {"False"}, `CBool("9a" > [number])`: {"True"}, `CBool("b" > 10)`: {"True"}, `CBool(10 < "b")`: {"True"},
		`CBool([absent] = "")`: {"True"}, `CBool("a" <> "A")`: {"True"},
		// lists
		`Join("-", [pairs], "c")`: {"b-c"}, `Join("-", [blanks])`: nil, `IsNullOrEmpty([blanks])`: {"False"}, `IsString([two])`: {"False"}, `IsString([absent])`: {"False"}, `IsString([empty])`: {"True"},
		`Item([two], 2)`: {"b"}, `Item([two], 3)`: nil, `Coalesce([two])`: {"a", "b"}, `IIF("a" = "a", [two], "x")`: {"a", "b"}, `IIF("a" = "b", "x", [two])`: {"a", "b"},
		`IsNothing([two])`: {"False"}, `IsNothing([absent])`: {"True"}, `IgnoreFlowIfNullOrEmpty([two])`: {"a", "b"}, `Split("a", ",")`: {"a"}, `Split("", ",")`: {""},
		// truths
		`CBool([absent])`: {"False"}, `CBool("TRUE")`: {"True"}, `CBool(-1)`: {"True"}, `CBool(&H0)`: {"False"}, `CBool(1)`: {"True"},
		// parts
		`Left("ab", 1)`: {"a"}, `Left("ab", 2)`: {"ab"}, `Left("ab", 3)`: {"ab"}, `Left("ab", -2)`: {"ab"}, `Mid("abc", 3, 1)`: {"c"}, `Mid("abc", 1, 3)`: {"abc"}, `Mid("abc", 1, 2)`: {"ab"},
		`Word("a b", 1, " ")`: {"a"}, `Word("a b", 2, " ")`: {"b"}, `Word("a b", -1, " ")`: {""}, `Word("", 1, " ")`: {""}, `Word(" a  b", 2, " ")`: {"b"},
		`InStr("aba", "a", 1)`: {"1"}, `InStr("aba", "a", 2)`: {"3"}, `InStr("aba", "a", 4)`: {"0"}, `InStr("aba", "a")`: {"1"}, `InStr("aba", "A", , vbTextCompare)`: {"1"}, `InStr("aba", "", 3)`: {"3"},
		`InStr("aba", "A", 1, vbTextCompare)`: {"1"}, `InStr("aba", "A", 1, vbBinaryCompare)`: {"0"},
		// case
		`ToLower("İI")`: {"İi"}, `ToUpper("ıi")`: {"ıI"}, `ToLower("Iİ", "az")`: {"ıi"}, `ToUpper("iı", "TR")`: {"İI"}, `ToLower("Iİ", "de-DE")`: {"ii"}, `ToUpper("ıi", "en")`: {"II"},
		`PCase("a1b-2c", "-")`: {"A1b-2c"}, `PCase("1a")`: {"1A"}, "PCase(\"a\u0301b-c\")": {"A\u0301b-C"}, `PCase("", " ")`: {""}, `PCase("Ⅳx y₂z")`: {"ⅣX Y₂z"},
		// numbers
		`BitAnd(-1, 12)`: {"12"}, `BitAnd(&HA, &HC)`: {"8"}, `BitAnd(9223372036854775807, &H7FFFFFFFFFFFFFFF)`: {"9223372036854775807"},
		`Count([two])`: {"2"}, `Count([blanks])`: {"2"}, `Count([empty])`: {"1"},
		// replacing
		`Replace("aXbX", "X", , , [absent], , )`: {"ab"}, `Replace([empty], "a", , , "b", , )`: {""}, `Replace([empty], "a", , , , , "xax")`: {"xx"},
		`Replace("x", , "(?<a>y)?x", "a", "z", , )`: {"x"}, `Replace("yxyx", , "(?<a>y)x", "a", "z", , )`: {"zxzx"}, `Replace("xyx", , "(?<a>y)?x", "a", "z", , )`: {"xzx"},
		`Replace("", , "(?<a>.)(?<b>.)", "b", , "xy", )`: {"y"}, `Replace([absent], , "(?<a>x)?y", "a", , "y", )`: nil, `Replace([absent], , "(?<a>^)y", "a", , "y", )`: {""},
		`Replace([absent], , "(?<a>x)", "a", , [absent], )`: nil,
		// others
		`BitAnd(&Haf, 255)`: {"175"}, `BitAnd(&HAF, &Hff)`: {"175"}, "NormalizeDiacritics(\"\u0301a\u0301\")": {"\u0301a"},
		`Replace([absent], , "(?<a>x)|(?<b>y)", "b", , "x", )`: nil,
		// defaults and keys
		`Switch("", "d", "x", "1")`:       {"d"},
		`Switch([absent], "d", "x", "1")`: {"d"}, `Switch("x", "d", "y", "1", "x", "2")`: {"2"}, `Switch([absent], , "", "e", "x", "1")`: {"e"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := mustParse(t, text).Evaluate(env)
			if diff := cmp.Diff(want, got.Values()); diff != "" || err != nil {
				t.Errorf("%v -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestListsAreRefusedWhereOneValueIsNeeded(t *testing.T) {
	env := person{"two": Strings([]string{"a", "b"})}.environment()
	for _, form := range []string{
		`Append(@, "a")`, `Prepend("a", @)`, `Mid(@, 1, 1)`, `Left(@, 1)`, `Not(@)`, `CStr(@)`, `Redact(@)`, `Switch(@, , "a", "b")`, `Switch("a", , "a", @)`, `Switch("b", @, "a", "a")`,
		`Replace(@, "a", , , "b", , )`, `CDate(@)`, `FormatDateTime(@, , "yyyy", "yy")`, `Split(@, ",")`, `CBool(@ = "a")`, `Word(@, 1, " ")`, `StripSpaces(@)`,
	} {
		if got, err := mustParse(t, strings.Replace(form, "@", "[two]", 1)).Evaluate(env); err == nil || !strings.Contains(err.Error(), "has 2 values where one is needed") {
			t.Errorf("%s: %v %v", form, got, err)
		}
	}
}

func TestRandomString(t *testing.T) {
	ascending := make([]byte, 256)
	for i := range ascending {
		ascending[i] = byte(i)
	}
	for name, c := range map[string]struct {
		text   string
		random []byte
		want   string
	}{
		// Drawn from 10: 0 to 9; the bytes from 250 on would favour 0 to 5, and are drawn again. One character is not shuffled.
		"a digit":                          {`RandomString(1, 1, 0, 0, 0)`, []byte{255, 250, 249}, "9"},
		"a special character":              {`RandomString(1, 0, 1, 0, 0)`, []byte{1}, "!"},
		"a capital":                        {`RandomString(1, 0, 0, 1, 0)`, []byte{27}, "B"},
		"a small letter":                   {`RandomString(1, 0, 0, 0, 1)`, []byte{25}, "z"},
		"what is left over":                {`RandomString(1, 0, 0, 0, 0)`, []byte{26 + 26}, "0"},
		"what is avoided":                  {`RandomString(1, 1, 0, 0, 0, "0124")`, []byte{1}, "5"},
		"a kind that is avoided, unneeded": {`RandomString(1, 0, 0, 0, 1, "0123456789")`, []byte{1}, "b"},
		// Two drawn, then one number below 2 says where the last one goes.
		"shuffled":              {`RandomString(2, 2, 0, 0, 0)`, []byte{1, 2, 0}, "21"},
		"not shuffled":          {`RandomString(2, 2, 0, 0, 0)`, []byte{1, 2, 1}, "12"},
		"each kind":             {`RandomString(5, 1, 1, 1, 1)`, []byte{1, 1, 1, 1, 1, 4, 3, 2, 1}, "1!BbB"},
		"nothing at all":        {`RandomString(0, 0, 0, 0, 0)`, nil, ""},
		"the longest":           {`RandomString(256, 256, 0, 0, 0)`, bytes.Repeat([]byte{0}, 1000), strings.Repeat("0", 256)},
		"numbers in attributes": {`RandomString([one], 1, 0, 0, 0)`, []byte{3}, "3"},
	} {
		t.Run(name, func(t *testing.T) {
			env := person{"one": String("1")}.environment()
			env.Random = bytes.NewReader(c.random)
			got, err := mustParse(t, c.text).Evaluate(env)
			if err != nil || got.Single() != c.want {
				t.Errorf("%q (%v), want %q", got.Single(), err, c.want)
			}
		})
	}
}

func TestRandomStringRefuses(t *testing.T) {
	const sum, minimum = "at most 256 and at least the sum of the minimums", "each minimum of RandomString is 0 to 256"
	for text, want := range map[string]string{
		`RandomString(257, 0, 0, 0, 0)`: sum, `RandomString(3, 1, 1, 1, 1)`: sum, `RandomString(-1, 0, 0, 0, 0)`: sum, `RandomString(0, 1, 0, 0, 0)`: sum,
		`RandomString(1, -1, 0, 0, 0)`: minimum, `RandomString(1, 0, 257, 0, 0)`: minimum, `RandomString(1, 0, 0, 0, -1)`: minimum,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parsing %s: %v", text, err)
		}
		length, rest, _ := strings.Cut(strings.TrimPrefix(text, "RandomString("), ",")
		env := person{"n": String(length)}.environment()
		env.Random = strings.NewReader(strings.Repeat("x", 1000))
		node := mustParse(t, "RandomString([n],"+rest)
		if _, err := node.Evaluate(env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("evaluating %s: %v", text, err)
		}
	}
	env := john.environment()
	env.Random = strings.NewReader(strings.Repeat("x", 1000))
	for text, want := range map[string]string{
		`RandomString(1, 1, 0, 0, 0, "0123456789")`: "leaves no character of a kind that is needed",
		`RandomString([givenName], 0, 0, 0, 0)`:     `Length of RandomString must be a whole number, not "John"`,
		`RandomString(1, 0, 0, 0, 0, Item("a", 0))`: "index of Item starts at 1",
		`RandomString(1, 0, 0, 0, [absent])`:        `MinimumLowerCase of RandomString must be a whole number, not ""`,
	} {
		if _, err := mustParse(t, text).Evaluate(env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestANumberFromAnAttributeIsNotCheckedInTheText(t *testing.T) {
	mustParse(t, `RandomString([5], 6, 0, 0, 0)`)
}

func TestAnErrorWithoutAPlaceNamesNone(t *testing.T) {
	if got := (&Error{Message: "wrong"}).Error(); got != "wrong" {
		t.Error(got)
	}
}

func TestTicks(t *testing.T) {
	for _, ticks := range []int64{0, 1, 129699324012345678} {
		if got := toTicks(fromTicks(ticks)); got != ticks {
			t.Errorf("%d became %d", ticks, got)
		}
	}
}

func TestGUIDs(t *testing.T) {
	env := Environment{Random: bytes.NewReader(make([]byte, 16))}
	if got, err := mustParse(t, `Guid()`).Evaluate(env); err != nil || got.Single() != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("%v %v", got, err)
	}
}
