package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExamples runs every example of the function table, which the documentation shows, except that of results which vary only the
// form is of interest: other tests look at them.
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
				if diff := cmp.Diff(example.Result, got.Values()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}
