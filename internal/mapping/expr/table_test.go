package expr

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDescriptionsAreComplete: what is left out here is missing in the documentation.
func TestDescriptionsAreComplete(t *testing.T) {
	described := Describe()
	if len(described) != len(functions) {
		t.Errorf("%d functions are described, %d are known", len(described), len(functions))
	}
	for i, d := range described {
		if i > 0 && strings.ToLower(described[i-1].Name) >= strings.ToLower(d.Name) {
			t.Errorf("%s stands after %s", d.Name, described[i-1].Name)
		}
		if !strings.HasSuffix(d.Summary, ".") || !strings.HasSuffix(d.Nulls, ".") || (len(d.Examples) == 0) != (d.Unsupported != "") {
			t.Errorf("%s lacks a summary, what it does with null, or examples", d.Name)
		}
		if f := lookup(d.Name); (f.evaluate == nil) != (f.unsupported != "") {
			t.Errorf("%s is neither evaluated nor unsupported, or both", d.Name)
		}
		for j, p := range d.Parameters {
			if p.Repeated && j != len(d.Parameters)-1 {
				t.Errorf("%s repeats a parameter that is not the last", d.Name)
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, d := range Describe() {
		if d.Name != "InStr" {
			continue
		}
		want := []ParameterDescription{
			{Name: "value1", Kind: "text", About: "the text that is searched"}, {Name: "value2", Kind: "text", About: "the text that is looked for"},
			{Name: "start", Kind: "whole number", About: "where the search starts; 1 when left out", Optional: true},
			{Name: "compareType", Kind: "one of `vbTextCompare`, `vbBinaryCompare`", About: "vbTextCompare takes no notice of case", Optional: true},
		}
		if diff := cmp.Diff(want, d.Parameters); diff != "" || d.Signature != "InStr(value1, value2, start?, compareType?)" {
			t.Errorf("%s %s", d.Signature, diff)
		}
		return
	}
	t.Error("InStr is not described")
}

func TestRoleFunctionsAreKnownAsSuch(t *testing.T) {
	for _, name := range []string{"AppRoleAssignments", "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex", "SingleAppRoleAssignment"} {
		node := mustParse(t, "ToLower("+name+"([appRoleAssignments]))")
		if node.RoleFunction() != name {
			t.Errorf("the role function of %s is %q", node, node.RoleFunction())
		}
		if several := len(Check(node, nil)) == 1; several != (name != "SingleAppRoleAssignment") {
			t.Errorf("%s gives several values: %v", name, several)
		}
	}
	if found := Check(mustParse(t, `ToLower(RemoveDuplicates("a"))`), nil); len(found) != 1 {
		t.Errorf("RemoveDuplicates gives one value: %v", found)
	}
	for _, text := range []string{`AppRoleAssignments([appRoleAssignments])`, `IsNothing("a")`, `DefaultDomain()`, `Prepend("a", "b")`} {
		if found := Warnings(mustParse(t, text)); len(found) != 1 || found[0].Trap != TrapUndocumented {
			t.Errorf("%s: %v", text, found)
		}
	}
}

// TestExamples runs every example of the function table, which the documentation shows. One that varies gives something else when
// time and chance are others.
func TestExamples(t *testing.T) {
	for _, description := range Describe() {
		for _, example := range description.Examples {
			t.Run(description.Name+"/"+example.Expression, func(t *testing.T) {
				if !strings.Contains(example.Expression, description.Name+"(") {
					t.Errorf("it is no example of %s", description.Name)
				}
				got, err := mustParse(t, example.Expression).Evaluate(example.Environment())
				if err != nil {
					t.Fatal(err)
				}
				other := example.Environment()
				other.Now, other.Random = time.Now, rand.NewChaCha8([32]byte{1})
				if again, err := mustParse(t, example.Expression).Evaluate(other); err != nil || example.Varies == cmp.Equal(again.Values(), got.Values()) && !strings.Contains(example.Expression, "Now()") {
					t.Errorf("it varies: %v, then %q (%v)", example.Varies, again.Values(), err)
				}
				if diff := cmp.Diff(example.Result, got.Values()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}
