package evaluate_test

import (
	"fmt"
	"testing"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

// BenchmarkDefaultMapping is what one person costs under Entra's default mapping of users.
func BenchmarkDefaultMapping(b *testing.B) {
	m := load(b, mapping.User)
	s := read(b, m, jane)
	for name, evaluated := range map[string]func(evaluate.Subject) evaluate.Result{
		"Evaluate": func(s evaluate.Subject) evaluate.Result { return m.Evaluate(s, surroundings) },
		"Explain":  func(s evaluate.Subject) evaluate.Result { return m.Explain(s, surroundings) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := evaluated(s); r.Resource == nil {
					b.Fatal(r.NotCreated)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "us/person")
		})
	}
}

// BenchmarkAttributes has ever more attributes of the same mixture: the time for each stays the same.
func BenchmarkAttributes(b *testing.B) {
	expressions := []string{
		"[displayName]", `Join(" ", [givenName], [surname])`, `Switch([country], "EMEA", "", "Unknown", "US", "Americas")`,
		`IIF([city] = "Wien", "yes", "no")`, `Replace([mail], , "(?<Suffix>@(.)*)", "Suffix", "", , )`,
	}
	for _, n := range []int{10, 20, 40, 80} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			mappings := make([]map[string]any, n)
			for i := range mappings {
				mappings[i] = mapped(fmt.Sprintf("urn:ietf:params:scim:schemas:extension:wiki:2.0:User:a%d", i), expressions[i%len(expressions)])
			}
			m := load(b, mapping.User, attributes(mappings...))
			s := read(b, m, jane)
			b.ReportAllocs()
			for b.Loop() {
				if r := m.Evaluate(s, surroundings); len(r.Attributes) != n {
					b.Fatal(r)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/attribute")
		})
	}
}
