package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositions(t *testing.T) {
	const text = `# a comment
---
apiVersion: v1
kind: Thing
spec:
  plain: Join([a], [b])
  single: 'It''s [a]'
  double: "x\"y [a]"
  literal: |
    first
      second [a]
  folded: >
    first
    second [a]
  list:
  - {name: one}
  - name: two
    'quoted key': 3
`
	objects, problems := parse("f.yaml", []byte(text))
	if len(objects) != 1 || len(problems) != 0 {
		t.Fatalf("%d objects, problems %v", len(objects), problems)
	}
	o := objects[0]
	for name, c := range map[string]struct {
		got          Position
		line, column int
	}{
		"a field is where its name is":                         {o.At("spec.plain"), 6, 3},
		"a value is where it begins":                           {o.ValueAt("spec.plain"), 6, 10},
		"a place in a plain text":                              {o.InText("spec.plain", 1, 6), 6, 15},
		"a doubled quote counts as one character":              {o.InText("spec.single", 1, 6), 7, 18},
		"an escape counts as one character":                    {o.InText("spec.double", 1, 5), 8, 17},
		"a place in a block is counted from its indentation":   {o.InText("spec.literal", 2, 3), 11, 7},
		"a folded text has lost its places":                    {o.InText("spec.folded", 1, 9), 12, 11},
		"an element of a list":                                 {o.At("spec.list[1]"), 17, 5},
		"a field of an element":                                {o.At("spec.list[0].name"), 16, 6},
		"a key in brackets":                                    {o.At("spec.list[1][quoted key]"), 18, 5},
		"a field that is missing is where its parent is":       {o.At("spec.list[0].other"), 16, 5},
		"the whole object":                                     {o.At(""), 3, 1},
		"an element that is missing is where its list is":      {o.At("spec.list[7]"), 15, 3},
		"a place in what is no text is where the value begins": {o.InText("spec.list", 1, 3), 16, 3},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(Position{"f.yaml", c.line, c.column}, c.got); d != "" {
				t.Errorf("position (-want +got):\n%s", d)
			}
		})
	}
}

func TestProblemsNameTheirLine(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
		says string
	}{
		"no YAML, in the second document": {"kind: A\n---\na: b\nc: d: e\n", 4, "mapping values are not allowed"},
		"a key that is there twice":       {"kind: A\nkind: B\n", 2, `key "kind" already set`},
		"a text alone":                    {"\nhello\n", 1, "a manifest begins with apiVersion and kind"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := parse("f.yaml", []byte(c.text))
			if len(problems) != 1 || problems[0].Line != c.line || !strings.Contains(problems[0].Message, c.says) {
				t.Errorf("problems %+v; want line %d and %q", problems, c.line, c.says)
			}
		})
	}
}

func TestValuesAreWhatKubectlMakesOfThem(t *testing.T) {
	objects, problems := parse("f.yaml", []byte("kind: A\nyes: on\nlist:\n- &x {v: 1}\n- *x\n"))
	if len(objects) != 1 || len(problems) != 0 {
		t.Fatalf("%d objects, problems %v", len(objects), problems)
	}
	want := map[string]any{"kind": "A", "true": true, "list": []any{map[string]any{"v": int64(1)}, map[string]any{"v": int64(1)}}}
	if d := cmp.Diff(want, objects[0].Object); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if at := objects[0].At("list[1].v"); at.Line != 4 {
		t.Errorf("an alias leads to line %d, want 4", at.Line)
	}
}

func TestReadTakesFilesInOrderAndDirectoriesSorted(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"b.yaml": "kind: B\n", "a.yml": "kind: A\n", "c.json": `{"kind": "C"}`, "notes.txt": "no: manifest", "below/d.yaml": "kind: D\n---\n# empty\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		recursive bool
		want      []string
	}{
		"a directory by itself":     {false, []string{"S", "A", "B", "C"}},
		"and the directories below": {true, []string{"S", "A", "B", "D", "C"}},
	} {
		t.Run(name, func(t *testing.T) {
			objects, problems, err := Read(strings.NewReader("kind: S\n"), []string{"-", folder}, c.recursive)
			if err != nil || len(problems) != 0 {
				t.Fatalf("problems %v, error %v", problems, err)
			}
			var kinds []string
			for _, o := range objects {
				kinds = append(kinds, o.GetKind())
			}
			if d := cmp.Diff(c.want, kinds); d != "" {
				t.Errorf("kinds (-want +got):\n%s", d)
			}
		})
	}
}
