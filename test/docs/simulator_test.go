package docs_test

import (
	"go/ast"
	"reflect"
	"strings"
	"testing"
)

// members gives the JSON names of the fields of a struct in the source.
func members(t *testing.T, folder, name string) []string {
	t.Helper()
	var out []string
	for _, p := range source(t, folder) {
		p.inspect(func(node ast.Node) {
			spec, ok := node.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok {
				return
			}
			for _, f := range fields.Fields.List {
				if f.Tag == nil {
					continue
				}
				tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
				if member, _, _ := strings.Cut(tag, ","); member != "" && member != "-" {
					out = append(out, member)
				}
			}
		})
	}
	if len(out) < 3 {
		t.Fatalf("%s has no %s with members: does this test still know where it is?", folder, name)
	}
	return out
}

// TestEveryMemberOfTheSimulatorsFilesIsDocumented holds in both directions.
func TestEveryMemberOfTheSimulatorsFilesIsDocumented(t *testing.T) {
	all := pages(t)
	for _, c := range []struct{ page, section, folder, kind string }{
		{"docs/guides/simulator.md", "Make things go wrong", "internal/entrasim/faults", "Rule"},
		{"docs/reference/simulator-directory.md", "Top level", "internal/entrasim/directory", "Directory"},
		{"docs/reference/simulator-directory.md", "Users", "internal/entrasim/directory", "User"},
		{"docs/reference/simulator-directory.md", "Groups", "internal/entrasim/directory", "Group"},
	} {
		documented, exists := all[c.page].entries(c.section), map[string]bool{}
		for _, member := range members(t, c.folder, c.kind) {
			exists[member] = true
			if !documented[member] {
				t.Errorf("%s, %s: no row for %s", c.page, c.section, member)
			}
		}
		for entry := range documented {
			if !exists[entry] {
				t.Errorf("%s, %s: has a row for %s, which %s does not have", c.page, c.section, entry, c.kind)
			}
		}
	}
}

// TestEveryStepIsOnThePage: the steps of entra-sim test are those of the page, in both directions.
func TestEveryStepIsOnThePage(t *testing.T) {
	const path = "docs/guides/test-your-scim-endpoint.md"
	documented, exists := pages(t)[path].entries("The steps"), map[string]bool{}
	for _, p := range source(t, "internal/entrasim/scimcheck") {
		p.inspect(func(node ast.Node) {
			list, ok := node.(*ast.ValueSpec)
			if !ok || list.Names[0].Name != "steps" {
				return
			}
			for _, element := range list.Values[0].(*ast.CompositeLit).Elts {
				name := element.(*ast.CompositeLit).Elts[0]
				text, ok := literal(name)
				if constant, named := name.(*ast.Ident); !ok && named {
					text = p.consts[constant.Name]
				}
				exists[text] = true
				if !documented[text] {
					t.Errorf("%s: no row for the step %q", path, text)
				}
			}
		})
	}
	for entry := range documented {
		if !exists[entry] {
			t.Errorf("%s: has a row for %q, which is no step", path, entry)
		}
	}
}
