package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `package sample

const most = 3

func Small(n int) bool { return n >= 0 && n < most }

func Name(first string) string { return first + "!" }

func Parse(n int) (int, error) {
	var err error
	return 0, err
}
`

const sampleTest = `package sample

import "testing"

func TestSmall(t *testing.T) {
	for n, want := range map[int]bool{-1: false, 0: true, 3: false} {
		if Small(n) != want || Name("a") != "a!" {
			t.Error(n)
		}
	}
}
`

// sampleModule writes a module of one package whose tests do not look at 2, the greatest small number.
func sampleModule(t *testing.T) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "sample")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"go.mod": "module sample\n", "sample.go": sample, "sample_test.go": sampleTest} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func TestEachMutantHasItsVerdict(t *testing.T) {
	directory := sampleModule(t)
	mutants, err := find(filepath.Join(directory, "sample.go"))
	if err != nil {
		t.Fatal(err)
	}
	tester, err := newTester(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tester.scratch)
	if err := tester.test(t.Context(), mutants, 2); err != nil {
		t.Fatal(err)
	}
	got := map[string]verdict{}
	for _, m := range mutants {
		got[m.old+" -> "+m.new] = m.verdict
	}
	want := map[string]verdict{
		"3 -> 4":   killed, // outside of functions: compiled alone
		">= -> >":  killed,
		"0 -> 1":   killed,
		"&& -> ||": killed,
		"< -> <=":  killed,
		"+ -> -":   stillborn, // texts cannot be subtracted
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReport(t *testing.T) {
	m := mutant{file: "a/b.go", text: "x < y", old: "<", new: "<=", ordinal: 2, verdict: survived}
	for name, c := range map[string]struct {
		known map[string]string
		want  int
	}{
		"a survivor that nobody knows is a fault":   {nil, 1},
		"one that is known to be equivalent is not": {map[string]string{"b.go | x < y | < -> <= (2)": "y is never x"}, 0},
		"a known one that is killed is a fault":     {map[string]string{"b.go | x < y | < -> <= (2)": "why", "b.go | gone | < -> <=": "why"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := report([]mutant{m}, c.known, true); got != c.want {
				t.Errorf("%d faults, want %d", got, c.want)
			}
		})
	}
}

func TestReadEquivalents(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	for content, want := range map[string]map[string]string{
		"# a comment\n\nb.go | a || b | || -> && | the same\n": {"b.go | a || b | || -> &&": "the same"},
		"b.go | x < y | < -> <=\n":                             nil,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readEquivalents(file)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want == nil) {
			t.Errorf("%q: %v\n%s", content, err, diff)
		}
	}
}
