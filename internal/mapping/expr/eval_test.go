package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// person has attributes, at an hour that stands still.
type person map[string]Value

func (p person) environment() Environment {
	return Environment{
		Attribute: func(name string) (Value, bool) { value, ok := p[name]; return value, ok },
		Now:       func() time.Time { return time.Date(2021, 7, 2, 17, 33, 38, 0, time.FixedZone("CEST", 2*3600)) },
	}
}

// example is one evaluation. null marks that the result is null, list that it is these values.
type example struct {
	text string
	want string
	null bool
	list []string
}

func (e example) value() Value {
	switch {
	case e.null:
		return Null()
	case e.list != nil:
		return Strings(e.list)
	default:
		return String(e.want)
	}
}

var john = person{
	"userPrincipalName":  String("John.Doe@contoso.com"),
	"mail":               String("john.doe@contoso.com"),
	"givenName":          String("John"),
	"surname":            String("Doe"),
	"empty":              String(""),
	"country":            String("USA"),
	"department":         String("Sales"),
	"state":              String("QLD"),
	"IsSoftDeleted":      String("False"),
	"age":                String("42"),
	"proxyAddresses":     Strings([]string{"SMTP:a@contoso.com", "smtp:b@contoso.com", "SMTP:a@contoso.com"}),
	"permissions":        String("PermissionSetOne, PermissionSetTwo"),
	"appRoleAssignments": Strings([]string{"Admin", "Reader"}),
	"oneValue":           Strings([]string{"only"}),
}

func TestEvaluate(t *testing.T) {
	for function, examples := range evaluateExamples {
		if lookup(function) == nil {
			t.Errorf("the table names the unknown function %s", function)
		}
		for _, e := range examples {
			t.Run(function+"/"+e.text, func(t *testing.T) {
				got, err := mustParse(t, e.text).Evaluate(john.environment())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(e.value(), got, cmp.AllowUnexported(Value{})); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

var evaluateExamples = map[string][]example{
	"Append": {
		{text: `Append([userPrincipalName], ".test")`, want: "John.Doe@contoso.com.test"},
		{text: `Append([absent], ".test")`, null: true},
		{text: `Append([givenName], [absent])`, want: "John"},
		{text: `Append([oneValue], "!")`, want: "only!"},
	},
	"Prepend": {
		{text: `Prepend("x-", [givenName])`, want: "x-John"},
		{text: `Prepend("x-", [absent])`, null: true},
	},
	"Mid": {
		{text: `Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))`, want: "JohDoe"},
		{text: `Mid("abcdef", 3, 2)`, want: "cd"},
		{text: `Mid("abc", 4, 2)`, want: ""},
		{text: `Mid("abc", 9, 2)`, want: ""},
		{text: `Mid("abc", 2, 9223372036854775807)`, want: "bc"},
		{text: `Mid("Zoë", 3, 1)`, want: "ë"},
		{text: `Mid("abc", 1, 0)`, want: ""},
		{text: `Mid([absent], 1, 3)`, null: true},
	},
	"Left": {
		{text: `Left("John Doe", 3)`, want: "Joh"},
		{text: `Left("John Doe", 0)`, want: ""},
		{text: `Left("John Doe", -1)`, want: "John Doe"},
		{text: `Left("John", 9)`, want: "John"},
		{text: `Left([absent], 3)`, want: ""},
	},
	"Replace": {
		{text: `Replace([mail], "@contoso.com", , ,"", ,)`, want: "john.doe"},
		{text: `Replace("a-b-c", "-", , , "_", , )`, want: "a_b_c"},
		{text: `Replace("A-a", "a", , , "x", , )`, want: "A-x"},
		{text: `Replace([absent], "a", , , "x", , )`, null: true},
		{text: `Replace("jsmith","<username>", , , , , "<username>@contoso.com")`, want: "jsmith@contoso.com"},
		{text: `Replace([absent],"<username>", , , , , "<username>@contoso.com")`, null: true},
		{text: `Replace("+91 9998887777", , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )`, want: "9998887777"},
		{text: `Replace("+1 (999) 888-7777", , "[()\\s-]+", , "", , )`, want: "+19998887777"},
		{text: `Replace("john_doe72", , "[a-zA-Z_]*", , "", , )`, want: "72"},
		{text: `Replace("ab12", , "([a-z]+)([0-9]+)", , "$2-$1-$&-$$-$3-${no}", , )`, want: "12-ab-ab12-$-$3-${no}"},
		{text: `Replace("ab12", , "(?<letters>[a-z]+)([0-9]+)", , "$1$2", , )`, want: "12ab"},
		{text: `Replace("ab", , "(a)|(b)", , "<$2>", , )`, want: "<><b>"},
		{text: `Replace("545 Tremont Street", ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )`, want: "888 Tremont Street"},
		{text: `Replace("jsmith@contoso.com", , "(?<Suffix>@(.)*)", "Suffix", "", , )`, want: "jsmith"},
		{text: `Replace("x1 y2", , "(?<l>[a-z])\\d", "l", "z", , )`, want: "z1 z2"},
		{text: `Replace("x1 2", , "(?<l>[a-z])?\\d", "l", "z", , )`, want: "z1 2"},
		{text: `Replace([absent], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , "+91 8887779999", )`, want: "8887779999"},
		{text: `Replace("1234", , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , "+91 8887779999", )`, want: "1234"},
		{text: `Replace([absent], , "(?<phoneNumber>\\d{10})", "phoneNumber" , , "none", )`, null: true},
		{text: `Replace([absent], , "(?<a>x)|(?<b>y)", "a" , , "y", )`, null: true},
	},
	"Switch": {
		{text: `Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")`, want: "Australia/Brisbane"},
		{text: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, want: "True"},
		{text: `Switch("True", , "False", "True", "True", "False")`, want: "False"},
		{text: `Switch([state], "none", "qld", "lower case")`, want: "none"},
		{text: `Switch([state], , "NSW", "x")`, null: true},
		{text: `Switch([absent], [givenName], "", "nothing there")`, want: "nothing there"},
		{text: `Switch([empty], [givenName], "", "nothing there")`, want: "nothing there"},
		{text: `Switch([state], [state], "", "Other")`, want: "QLD"},
		{text: `Switch("a", Item([state], 0), "a", "first", "a", "second")`, want: "first"},
	},
	"Not": {
		{text: `Not([IsSoftDeleted])`, want: "True"},
		{text: `Not("True")`, want: "False"},
		{text: `Not("true")`, want: "True"},
		{text: `Not([absent])`, want: "True"},
	},
	"Join": {
		{text: `Join(" ", [givenName], [surname])`, want: "John Doe"},
		{text: `Join(", ", "", [surname], [givenName])`, want: "Doe, John"},
		{text: `Join(" ", [absent], [surname])`, want: "Doe"},
		{text: `Join(";", [proxyAddresses], "x")`, want: "SMTP:a@contoso.com;smtp:b@contoso.com;SMTP:a@contoso.com;x"},
		{text: `Join(" ", [absent], [empty])`, null: true},
	},
	"Coalesce": {
		{text: `Coalesce([absent], [userPrincipalName])`, want: "John.Doe@contoso.com"},
		{text: `Coalesce([mail], [userPrincipalName])`, want: "john.doe@contoso.com"},
		{text: `Coalesce([absent], [missing], "default")`, want: "default"},
		{text: `Coalesce([absent], [missing])`, null: true},
		{text: `Coalesce([empty], "default")`, want: ""},
		{text: `Coalesce([mail], Item([mail], 0))`, want: "john.doe@contoso.com"},
	},
	"IIF": {
		{text: `IIF([country]="USA",[country],[department])`, want: "USA"},
		{text: `IIF([country]="usa",[country],[department])`, want: "Sales"},
		{text: `IIF([country]<>"USA","abroad","home")`, want: "home"},
		{text: `IIF([age] > 9, "more", "less")`, want: "more"},
		{text: `IIF([age] >= 42, "more", "less")`, want: "more"},
		{text: `IIF([age] < 100, "less", "more")`, want: "less"},
		{text: `IIF([age] <= 41, "less", "more")`, want: "more"},
		{text: `IIF([state] < "QLE", "before", "after")`, want: "before"},
		{text: `IIF(IsPresent([country]), "has", "has not")`, want: "has"},
		{text: `IIF([absent] <> "USA", "abroad", "check failed")`, want: "check failed"},
		{text: `IIF(IsNullOrEmpty([absent]), "empty", "check failed")`, want: "check failed"},
		{text: `IIF([empty] = "", "empty", "check failed")`, want: "check failed"},
		{text: `IIF([country]="USA", IIF([state]="QLD", "both", "one"), "none")`, want: "both"},
		{text: `IIF([country]="USA", [absent], "x")`, null: true},
		{text: `IIF([country]="USA", "taken", Item([state], 0))`, want: "taken"},
	},
	"IsNull": {
		{text: `IsNull([absent])`, want: "True"},
		{text: `IsNull([empty])`, want: "False"},
		{text: `IsNull([mail])`, want: "False"},
	},
	"IsNullOrEmpty": {
		{text: `IsNullOrEmpty([absent])`, want: "True"},
		{text: `IsNullOrEmpty([empty])`, want: "True"},
		{text: `IsNullOrEmpty([mail])`, want: "False"},
		{text: `IsNullOrEmpty([proxyAddresses])`, want: "False"},
	},
	"IsPresent": {
		{text: `IsPresent([absent])`, want: "False"},
		{text: `IsPresent([empty])`, want: "False"},
		{text: `IsPresent([mail])`, want: "True"},
	},
	"ToLower": {
		{text: `ToLower([userPrincipalName])`, want: "john.doe@contoso.com"},
		{text: `ToLower("ÄÖÜ")`, want: "äöü"},
		{text: `ToLower("IĞDIR", "tr-TR")`, want: "ığdır"},
		{text: `ToLower("I", "en-US")`, want: "i"},
		{text: `ToLower([absent])`, null: true},
	},
	"ToUpper": {
		{text: `ToUpper([givenName])`, want: "JOHN"},
		{text: `ToUpper("izmir", "tr")`, want: "İZMİR"},
		{text: `ToUpper("izmir", )`, want: "IZMIR"},
		{text: `ToUpper([absent])`, null: true},
	},
	"StripSpaces": {
		{text: `StripSpaces(" a b  c ")`, want: "abc"},
		{text: `StripSpaces([absent])`, null: true},
	},
	"Split": {
		{text: `Split([permissions], ",")`, list: []string{"PermissionSetOne", "PermissionSetTwo"}},
		{text: `Item(Split([permissions], ", "), 2)`, want: "PermissionSetTwo"},
		{text: `Split([absent], ",")`, null: true},
	},
	"Item": {
		{text: `Item([proxyAddresses], 1)`, want: "SMTP:a@contoso.com"},
		{text: `Item([proxyAddresses], 3)`, want: "SMTP:a@contoso.com"},
		{text: `Item([proxyAddresses], 4)`, null: true},
		{text: `Item([absent], 1)`, null: true},
	},
	"Count": {
		{text: `Count([proxyAddresses])`, want: "3"},
		{text: `Count([absent])`, want: "0"},
	},
	"RemoveDuplicates": {
		{text: `RemoveDuplicates([proxyAddresses])`, list: []string{"SMTP:a@contoso.com", "smtp:b@contoso.com"}},
		{text: `RemoveDuplicates(Split("a,A,a", ","))`, list: []string{"a", "A"}},
		{text: `RemoveDuplicates([absent])`, null: true},
	},
	"CBool": {
		{text: `CBool([country] = "USA")`, want: "True"},
		{text: `CBool([country] = [department])`, want: "False"},
		{text: `CBool(7)`, want: "True"},
		{text: `CBool(0)`, want: "False"},
		{text: `CBool("true")`, want: "True"},
		{text: `CBool("False")`, want: "False"},
	},
	"CStr": {
		{text: `CStr("cn=Joe,dc=contoso,dc=com")`, want: "cn=Joe,dc=contoso,dc=com"},
		{text: `CStr(12)`, want: "12"},
	},
	"NormalizeDiacritics": {
		{text: `NormalizeDiacritics("Zoë")`, want: "Zoe"},
		{text: `NormalizeDiacritics("äàâãåáąăāǟǡ çčć ď ëèéêęěėē ğḡ ïîìíı ľł ñńň öòőõôóōȫǭȭȱ")`, want: "aaaaaaaaaaa ccc d eeeeeeee gg iiiii ll nnn ooooooooooo"},
		{text: `NormalizeDiacritics("ř śšșş ťț üùûúůűūǖ ÿý źžż")`, want: "r ssss tt uuuuuuuu yy zzz"},
		{text: `NormalizeDiacritics("ÄÇĎËĞÏŁÑÖŘŠŤÜŸŽ İ")`, want: "ACDEGILNORSTUYZ I"},
		{text: `NormalizeDiacritics("æǣ øø̄œ̄ ß Æ, Ø, Œ")`, want: "aeae oeoeoe ss AE, OE, OE"},
		{text: `NormalizeDiacritics("Юлий がぎ 한국")`, want: "Юлий がぎ 한국"},
		{text: `NormalizeDiacritics([absent])`, null: true},
	},
	"IgnoreFlowIfNullOrEmpty": {
		{text: `IgnoreFlowIfNullOrEmpty([department])`, want: "Sales"},
		{text: `IgnoreFlowIfNullOrEmpty([empty])`, null: true},
		{text: `IgnoreFlowIfNullOrEmpty([absent])`, null: true},
	},
	"Word": {
		{text: `Word("The quick brown fox",3," ")`, want: "brown"},
		{text: `Word("This,string!has&many separators",3,",!&#")`, want: "has"},
		{text: `Word("The quick", 0, " ")`, want: ""},
		{text: `Word("The quick", 3, " ")`, want: ""},
		{text: `Word([absent], 1, " ")`, want: ""},
	},
	"InStr": {
		{text: `InStr("The quick brown fox","quick")`, want: "5"},
		{text: `InStr("repEated","e",3,vbBinaryCompare)`, want: "7"},
		{text: `InStr("repEated","e",3,vbTextCompare)`, want: "4"},
		{text: `InStr("repEated","e",3)`, want: "7"},
		{text: `InStr("äöü","ü")`, want: "3"},
		{text: `InStr("fox","dog")`, want: "0"},
		{text: `InStr("fox","f", 0)`, want: "0"},
		{text: `InStr("fox","x", 3)`, want: "3"},
		{text: `InStr("fox","x", 4)`, want: "0"},
		{text: `InStr([absent],"x")`, want: "0"},
	},
	"PCase": {
		{text: `PCase("PABLO GONSALVES (SECOND)")`, want: "Pablo Gonsalves (Second)"},
		{text: `PCase("PINTO-DE'SILVA"," '-")`, want: "Pinto-De'Silva"},
		{text: `PCase("o'brien_smith 3rd")`, want: "O'brien_Smith 3Rd"},
		{text: `PCase("a-b c", " ")`, want: "A-b C"},
		{text: `PCase([absent])`, null: true},
	},
	"ConvertToBase64": {
		{text: `ConvertToBase64("Hello world!")`, want: "SABlAGwAbABvACAAdwBvAHIAbABkACEA"},
		{text: `ConvertToBase64("😀")`, want: "PdgA3g=="},
		{text: `ConvertToBase64([absent])`, null: true},
	},
	"ConvertToUTF8Hex": {
		{text: `ConvertToUTF8Hex("Hello world!")`, want: "48656C6C6F20776F726C6421"},
		{text: `ConvertToUTF8Hex("ë")`, want: "C3AB"},
	},
	"Redact": {
		{text: `Redact([userPrincipalName])`, want: "John.Doe@contoso.com"},
	},
	"BitAnd": {
		{text: `BitAnd(&HF, &HF7)`, want: "7"},
		{text: `BitAnd([age], 8)`, want: "8"},
	},
	"SingleAppRoleAssignment": {
		{text: `SingleAppRoleAssignment([appRoleAssignments])`, want: "Admin"},
	},
	"AppRoleAssignments": {
		{text: `AppRoleAssignments([appRoleAssignments])`, list: []string{"Admin", "Reader"}},
	},
	"AppRoleAssignmentsComplex": {
		{text: `AppRoleAssignmentsComplex([appRoleAssignments])`, list: []string{"Admin", "Reader"}},
	},
	"AssertiveAppRoleAssignmentsComplex": {
		{text: `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, list: []string{"Admin", "Reader"}},
	},
	"Now": {
		{text: `Now()`, want: "7/2/2021 3:33:38 PM"},
	},
}

func TestEvaluateBareMappings(t *testing.T) {
	for text, want := range map[string]Value{
		`[proxyAddresses]`: john["proxyAddresses"], `[absent]`: Null(), `"Employee"`: String("Employee"), `[empty]`: String(""),
	} {
		got, err := mustParse(t, text).Evaluate(john.environment())
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Value{})); diff != "" || err != nil {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	// 2^17 bytes in three steps, each of which is in bounds for its own text.
	growing := `Replace(Replace(Replace("aaaaaaaaaaaaaaaa", "a", , , "` + strings.Repeat("a", 64) + `", , ), "a", , , "` + strings.Repeat("a", 128) + `", , ), "a", , , "b", , )`
	long := `Replace("` + strings.Repeat("a", 100) + `", "a", , , "` + strings.Repeat("b", 300) + `", , )`
	tests := map[string]struct{ text, contains string }{
		"a list where one value is needed":       {`ToLower([proxyAddresses])`, "[proxyAddresses] has 3 values"},
		"a list in a comparison":                 {`CBool([proxyAddresses] = "x")`, "3 values"},
		"a list on the right of a comparison":    {`CBool("x" = [proxyAddresses])`, "3 values"},
		"item zero":                              {`Item([proxyAddresses], 0)`, "starts at 1"},
		"a text for a number":                    {`Left("abc", [givenName])`, `NumChars of Left must be a whole number, not "John"`},
		"a start below one":                      {`Mid("abc", 0, 1)`, "at least 1"},
		"a negative length":                      {`Mid("abc", 1, -1)`, "at least 1"},
		"an unknown compare type":                {`InStr("a", "b", 1, [givenName])`, "vbTextCompare or vbBinaryCompare"},
		"a truth that is none":                   {`CBool("perhaps")`, "True, False or a number"},
		"an empty delimiter":                     {`Split("a", "")`, "must not be empty"},
		"an empty old value":                     {`Replace("a", "", , , "b", , )`, "must not be empty"},
		"look-around":                            {`Replace("a", , "(?<=a)b", , "x", , )`, "look-around, which is not evaluated here"},
		"a back-reference":                       {`Replace("a", , "(a)\\1", , "x", , )`, "a back-reference, which is not evaluated here"},
		"a group that the pattern does not have": {`Replace("a", , "(?<a>a)", "b", "x", , )`, `no group named "b"`},
		"a group missing for extraction":         {`Replace([absent], , "(?<a>a)", "b", , "x", )`, `no group named "b"`},
		"a bad pattern for extraction":           {`Replace([absent], , "(", "b", , "x", )`, "pattern"},
		"a bad pattern with a group":             {`Replace("a", , "(", "b", "x", , )`, "pattern"},
		"a result that grows without end":        {growing, "longer than 32768 bytes"},
		"a long join":                            {`Join("` + strings.Repeat("x", 4000) + `"` + strings.Repeat(`, "a"`, 10) + `)`, "longer than"},
		"long matches":                           {`Replace("` + strings.Repeat("a", 1000) + `", , "a", , "` + strings.Repeat("b", 40) + `", , )`, "longer than"},
		"long placeholders":                      {`Replace("` + strings.Repeat("a", 1000) + `", , "a+", , "` + strings.Repeat("$&", 40) + `", , )`, "longer than"},
		"a result that no part of it reveals":    {`Append(` + long + `, ` + long + `)`, "the result of Append is longer than"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			value, err := mustParse(t, test.text).Evaluate(john.environment())
			if err == nil || !strings.Contains(err.Error(), test.contains) {
				t.Errorf("got %q and error %v, want an error with %q", value.Values(), err, test.contains)
			}
		})
	}
}

func TestEvaluatePassesErrorsOn(t *testing.T) {
	const bad = `Item("a", 0)`
	for _, form := range []string{
		`Append(@, "x")`, `Append("x", @)`, `Prepend(@, "x")`, `Prepend("x", @)`, `Left(@, 1)`, `Left("x", @)`, `Mid(@, 1, 1)`, `Mid("x", @, 1)`, `Mid("x", 1, @)`,
		`ToLower(@)`, `ToLower("x", @)`, `PCase(@)`, `PCase("x", @)`, `Word(@, 1, "x")`, `Word("x", @, "x")`, `Word("x", 1, @)`,
		`InStr(@, "x")`, `InStr("x", @)`, `InStr("x", "x", @)`, `InStr("x", "x", 1, @)`, `Switch(@, , "a", "b")`, `Switch("a", , @, "b")`, `Switch("a", , "a", @)`,
		`IIF(@, "a", "b")`, `IIF("True", @, "b")`, `IIF(@ = "x", "a", "b")`, `CBool(@)`, `CStr(@)`, `Coalesce(@)`, `IgnoreFlowIfNullOrEmpty(@)`, `IsNull(@)`, `IsNullOrEmpty(@)`,
		`IsPresent(@)`, `Not(@)`, `BitAnd(@, 1)`, `BitAnd(1, @)`, `Join(@, "x")`, `Join("", @)`, `Split(@, "x")`, `Split("x", @)`, `Item(@, 1)`, `Item("x", @)`, `Count(@)`,
		`RemoveDuplicates(@)`, `StripSpaces(@)`, `Redact(@)`, `Replace(@, "a", , , "b", , )`, `Replace("a", @, , , "b", , )`, `Replace("a", "a", , , @, , )`,
		`Replace("a", "a", , , , , @)`, `Replace("a", , @, , "b", , )`, `Replace("a", , "a", , @, , )`, `Replace("a", , "(?<a>a)", @, "b", , )`,
		`Replace("a", , "(?<a>a)", "a", @, , )`, `Replace("", , "(?<a>a)", "a", , @, )`,
	} {
		if _, err := mustParse(t, strings.Replace(form, "@", bad, 1)).Evaluate(john.environment()); err == nil || !strings.Contains(err.Error(), "starts at 1") {
			t.Errorf("%s: error %v", form, err)
		}
	}
}
