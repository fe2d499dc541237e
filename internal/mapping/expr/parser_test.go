package expr

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePrintsCanonically(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"an attribute alone":                           {` [mail] `, `[mail]`},
		"a text alone":                                 {`"Employee"`, `"Employee"`},
		"escapes in a text":                            {`"Company: \"Contoso\" \\d+"`, `"Company: \"Contoso\" \\d+"`},
		"an attribute name with a blank and a dot":     {`[my attribute.x]`, `[my attribute.x]`},
		"blanks around arguments are normalised":       {"Join( \" \",[givenName] ,\n\t[surname])", `Join(" ", [givenName], [surname])`},
		"left-out arguments keep their commas":         {`Replace([mail], "@contoso.com", , ,"", ,  )`, `Replace([mail], "@contoso.com", , , "", , )`},
		"whole numbers stay bare":                      {`Mid([userPrincipalName],1,8)`, `Mid([userPrincipalName], 1, 8)`},
		"a negative number":                            {`DateAdd("d",-10,CDate([hired]))`, `DateAdd("d", -10, CDate([hired]))`},
		"hexadecimal numbers":                          {`BitAnd(&HF,&HF7)`, `BitAnd(&HF, &HF7)`},
		"a keyword without quotes":                     {`InStr("repEated","e",3,vbBinaryCompare)`, `InStr("repEated", "e", 3, vbBinaryCompare)`},
		"a comparison in IIF":                          {`IIF([country]="USA",[country],[department])`, `IIF([country] = "USA", [country], [department])`},
		"a comparison in CBool":                        {`CBool([attribute1]<>[attribute2])`, `CBool([attribute1] <> [attribute2])`},
		"a call without arguments":                     {`Guid( )`, `Guid()`},
		"optional arguments at the end may be missing": {`ToLower([mail])`, `ToLower([mail])`},
		"a role function":                              {`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`},
		"other scripts in texts":                       {`Append([displayName],"  株式会社")`, `Append([displayName], "  株式会社")`},
		"a line break in a text is kept":               {"Append([a],\"x\ny\")", "Append([a], \"x\ny\")"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := node.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct {
		text         string
		line, column int
		contains     []string
	}{
		"nothing at all": {``, 1, 1, []string{"expected a function, an [attribute]", "found the end"}},
		"an unknown function, with the nearest known": {"Join(\" \",\n  tolower([mail]))", 2, 3, []string{"expected a known function", `found "tolower"`, `did you mean "ToLower"?`}},
		"a misspelt function":                         {`Repalce([a], "b", , , "c", , )`, 1, 1, []string{`did you mean "Replace"?`}},
		"a function that nothing resembles":           {`Concatenate([a])`, 1, 1, []string{`"Concatenate"`}},
		"an attribute without brackets":               {`Append(mail, "x")`, 1, 8, []string{"[mail]", `"mail"`}},
		"a function without parentheses":              {`Append(Now, "x")`, 1, 11, []string{"( after the function Now"}},
		"an open bracket":                             {`Append([mail, "x")`, 1, 19, []string{"expected ]", "the end of the expression"}},
		"a bracket in a name":                         {`[a[b]]`, 1, 3, []string{"expected ]", `"["`}},
		"an empty name":                               {`ToLower([])`, 1, 9, []string{"is empty"}},
		"a name with a blank at its end":              {`[mail ]`, 1, 1, []string{"space"}},
		"an open text":                                {`Append([a], "x)`, 1, 13, []string{"no closing double quote"}},
		"a lone backslash":                            {`Replace([a], , "\d", , "", , )`, 1, 17, []string{`\\`, `"d"`}},
		"a backslash at the very end":                 {`"a\`, 1, 3, []string{"the end of the expression"}},
		"a missing comma":                             {`Append([a] "x")`, 1, 12, []string{"a comma or )", `"x"`}},
		"a missing parenthesis":                       {`Not([IsSoftDeleted]`, 1, 20, []string{"a comma or )", "the end"}},
		"text after the end":                          {`Not([a]) [b]`, 1, 10, []string{"expected the end of the expression, found [b]"}},
		"too few arguments":                           {`Mid([a], 1)`, 1, 1, []string{"Mid(source, start, length)"}},
		"too many arguments":                          {`Not([a], [b], [c])`, 1, 10, []string{"2 arguments too many", "Not(source)"}},
		"arguments for a function without any":        {`Now([a])`, 1, 5, []string{"Now()"}},
		"a needed argument left out":                  {`Mid([a], , 8)`, 1, 10, []string{"start of Mid must not be left out"}},
		"a repeated argument left out":                {`Join(" ", , [a])`, 1, 11, []string{"source of Join"}},
		"a text for a number":                         {`Mid([a], "first", 8)`, 1, 10, []string{"whole number", `"first"`}},
		"a fraction":                                  {`Mid([a], 1.5, 8)`, 1, 11, []string{"whole number 1"}},
		"a minus without digits":                      {`Mid([a], -, 8)`, 1, 11, []string{"a digit after -"}},
		"an ampersand without H":                      {`BitAnd(&F, 1)`, 1, 9, []string{"H after &"}},
		"an odd number of arguments in Switch":        {`Switch([a], "x", "key")`, 1, 1, []string{"pairs of key and value"}},
		"a Switch without its default comma":          {`Switch([a], "False", "True", "True", "False")`, 1, 1, []string{"comma of the default"}},
		"a Switch without a pair":                     {`Switch([a], "x", )`, 1, 18, []string{"switchValue of Switch must not be left out"}},
		"a Replace in no documented mode":             {`Replace([a], "x", , , , , )`, 1, 1, []string{"oldValue and replacementValue"}},
		"a comparison at the top":                     {`[a] = "x"`, 1, 5, []string{"only in IIF or CBool"}},
		"a comparison in another function":            {`Not([a] = "x")`, 1, 9, []string{"not in an argument of Not"}},
		"a comparison in a branch of IIF":             {`IIF([a] = "x", [b] = "y", "z")`, 1, 20, []string{"only in IIF or CBool"}},
		"an AND in a condition":                       {`IIF([a] = "x" AND [b] = "y", "1", "2")`, 1, 15, []string{"a comma or )"}},
		"typographic quotes":                          {`Append([a], “x”)`, 1, 13, []string{"straight double quotes"}},
		"single quotes":                               {`Append([a], 'x')`, 1, 13, []string{"straight double quotes"}},
		"a NUL character":                             {"Append([a], \"\x00\")", 1, 1, []string{"UTF-8"}},
		"bytes that are not UTF-8":                    {"Append([a], \"\xff\")", 1, 1, []string{"UTF-8"}},
		"more than 10,000 characters":                 {`"` + strings.Repeat("ä", MaxLength-1) + `"`, 1, 1, []string{"10001", "10000"}},
		"calls nested too deep":                       {strings.Repeat("Not(", 65) + "[a]" + strings.Repeat(")", 65), 1, 257, []string{"64"}},
		"columns count characters, not bytes":         {`Append("äöü", x)`, 1, 15, []string{"[x]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node, err := Parse(test.text)
			if err == nil {
				t.Fatalf("parsed as %s", node)
			}
			var fault *Error
			if !errors.As(err, &fault) {
				t.Fatalf("%T is not *Error", err)
			}
			if fault.Line != test.line || fault.Column != test.column {
				t.Errorf("at line %d, column %d; want %d, %d: %v", fault.Line, fault.Column, test.line, test.column, err)
			}
			for _, part := range test.contains {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not contain %q", err, part)
				}
			}
		})
	}
}

func TestParseAcceptsTheLimits(t *testing.T) {
	for name, text := range map[string]string{
		"10,000 characters": `"` + strings.Repeat("ä", MaxLength-2) + `"`,
		"64 nested calls":   strings.Repeat("Not(", MaxDepth) + "[a]" + strings.Repeat(")", MaxDepth),
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNodeIsReadable(t *testing.T) {
	node := mustParse(t, `IIF([b] = "x", Switch([a], , "k", [b]), SingleAppRoleAssignment([appRoleAssignments]))`)
	if diff := cmp.Diff([]string{"a", "appRoleAssignments", "b"}, node.Attributes()); diff != "" {
		t.Errorf("attributes: %s", diff)
	}
	if diff := cmp.Diff([]string{"IIF", "SingleAppRoleAssignment", "Switch"}, node.Functions()); diff != "" {
		t.Errorf("functions: %s", diff)
	}
	if got := node.RoleFunction(); got != "SingleAppRoleAssignment" {
		t.Errorf("role function %q", got)
	}
	if got := mustParse(t, `Not([a])`).RoleFunction(); got != "" {
		t.Errorf("role function %q of an expression without one", got)
	}
	condition := node.Arguments()[0]
	if node.Kind() != Function || condition.Kind() != Condition || condition.Text() != "=" || condition.Arguments()[0].Kind() != Attribute {
		t.Errorf("the kinds of %s are wrong", node)
	}
}

func TestEqual(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"blanks do not count":                        {`Join(" ",[a],[b])`, `Join( " ", [a], [b] )`, true},
		"quotes around a number do not count":        {`Mid([a], 1, 8)`, `Mid([a], "1", "8")`, true},
		"left-out arguments at the end do not count": {`Replace([a], "b", , , "c", , )`, `Replace([a], "b", , , "c")`, true},
		"one left-out argument at the end":           {`ToLower([a], )`, `ToLower([a])`, true},
		"left-out arguments between do":              {`Replace([a], "b", , , "c")`, `Replace([a], , "b", , "c")`, false},
		"another attribute":                          {`Not([a])`, `Not([b])`, false},
		"the case of an attribute":                   {`Not([a])`, `Not([A])`, false},
		"a text is not an attribute":                 {`Not([a])`, `Not("a")`, false},
		"blanks inside a text":                       {`Append([a], " ")`, `Append([a], "")`, false},
		"one argument more":                          {`Join("", [a])`, `Join("", [a], [b])`, false},
		"another operator":                           {`CBool([a] = [b])`, `CBool([a] <> [b])`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Equal(mustParse(t, test.a), mustParse(t, test.b)); got != test.want {
				t.Errorf("Equal(%s, %s) = %v", test.a, test.b, got)
			}
		})
	}
}

// TestSourceTrees reads the literal trees of testdata/sources.json: text to tree, tree to text, and the tree without its text.
func TestSourceTrees(t *testing.T) {
	raw, err := os.ReadFile("testdata/sources.json")
	if err != nil {
		t.Fatal(err)
	}
	var trees map[string]json.RawMessage
	if err := json.Unmarshal(raw, &trees); err != nil {
		t.Fatal(err)
	}
	for text, tree := range trees {
		t.Run(text, func(t *testing.T) {
			var want Source
			if err := json.Unmarshal(tree, &want); err != nil {
				t.Fatal(err)
			}
			node := mustParse(t, text)
			if diff := cmp.Diff(want, node.Source()); diff != "" {
				t.Errorf("tree of the text (-want +got):\n%s", diff)
			}
			if encoded, err := json.Marshal(node.Source()); err != nil || strings.Contains(string(encoded), "null") {
				t.Errorf("JSON %s, error %v", encoded, err)
			}
			back, err := FromSource(want)
			if err != nil || back.String() != text {
				t.Errorf("text of the tree: %s, %v", back, err)
			}
			want.Expression = ""
			rebuilt, err := FromSource(want)
			if err != nil || !Equal(rebuilt, node) {
				t.Errorf("text rebuilt without the root's expression: %s, %v", rebuilt, err)
			}
		})
	}
}

func TestFromSourceRefuses(t *testing.T) {
	attribute := Source{Name: "a", Type: TypeAttribute}
	deep := attribute
	for range MaxDepth + 1 {
		deep = Source{Name: "Not", Type: TypeFunction, Parameters: []SourceParameter{{Key: "source", Value: deep}}}
	}
	tests := map[string]struct {
		source   Source
		contains string
	}{
		"a text with a syntax error":             {Source{Expression: "Not([a]"}, "a comma or )"},
		"an unknown type":                        {Source{Name: "a", Type: "Magic"}, `"Magic"`},
		"an unknown function":                    {Source{Name: "Nott", Type: TypeFunction}, `did you mean "Not"`},
		"an unknown parameter":                   {Source{Name: "Not", Type: TypeFunction, Parameters: []SourceParameter{{Key: "value", Value: attribute}}}, `"value"`},
		"a repeated parameter followed by other": {Source{Name: "Coalesce", Type: TypeFunction, Parameters: []SourceParameter{{Key: "source", Value: attribute}, {Key: "x", Value: attribute}}}, `"x"`},
		"a missing parameter":                    {Source{Name: "Not", Type: TypeFunction}, "too few arguments"},
		"a comparison with one side":             {Source{Name: "=", Type: TypeFunction, Parameters: []SourceParameter{{Key: "left", Value: attribute}}}, "1 sides"},
		"an attribute name with a bracket":       {Source{Name: "a]b", Type: TypeAttribute}, "expected the end"},
		"a comparison in a comparison":           {comparison("=", comparison("<", attribute, attribute), attribute), `not in the comparison "="`},
		"a tree deeper than the limit":           {deep, "64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node, err := FromSource(test.source)
			if err == nil || !strings.Contains(err.Error(), test.contains) {
				t.Errorf("got %v and error %v, want an error with %q", node, err, test.contains)
			}
		})
	}
}

func comparison(operator string, left, right Source) Source {
	return Source{Name: operator, Type: TypeFunction, Parameters: []SourceParameter{{Key: "left", Value: left}, {Key: "right", Value: right}}}
}

// TestDepth holds text and tree to the same limit, whatever the calls stand in.
func TestDepth(t *testing.T) {
	for form, closing := range map[string]string{`Not(`: `)`, `CBool("a" = `: `)`, `Append("a", `: `)`, `IIF("a" = "b", "c", `: `)`} {
		nested := func(depth int) string { return strings.Repeat(form, depth) + "[a]" + strings.Repeat(closing, depth) }
		if _, err := Parse(nested(MaxDepth + 1)); err == nil || !strings.Contains(err.Error(), "nested more than 64 deep") {
			t.Errorf("%s one deeper than the limit: %v", form, err)
		}
		node := mustParse(t, nested(MaxDepth))
		source := node.Source()
		source.Expression = ""
		if rebuilt, err := FromSource(source); err != nil || !Equal(rebuilt, node) {
			t.Errorf("%s from its tree: %v", form, err)
		}
		outer := mustParse(t, form+"[a]"+closing).Source()
		outer.Expression = ""
		outer.Parameters[len(outer.Parameters)-1].Value = source
		if form[:3] != "CBo" {
			if _, err := FromSource(outer); err == nil || !strings.Contains(err.Error(), "nested more than 64 deep") {
				t.Errorf("%s from a tree one deeper than the limit: %v", form, err)
			}
		}
	}
}

func TestATreeWithoutItsTextIsPrintedAsThatText(t *testing.T) {
	for _, text := range []string{`Mid([a], 1, 8)`, `Append([a], "1")`, `Join("", [a], "1", [b])`} {
		source := mustParse(t, text).Source()
		source.Expression = ""
		if rebuilt, err := FromSource(source); err != nil || rebuilt.String() != text {
			t.Errorf("%s became %s (%v)", text, rebuilt, err)
		}
	}
}

func mustParse(t *testing.T, text string) *Node {
	t.Helper()
	node, err := Parse(text)
	if err != nil {
		t.Fatalf("parsing %s: %v", text, err)
	}
	return node
}
