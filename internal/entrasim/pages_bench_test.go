package entrasim_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// BenchmarkPages renders pages of a large tenant: 100,000 people, one group with half of them, and a provisioning log that is
// as long as it may become. Each is reported with its length.
func BenchmarkPages(b *testing.B) {
	people, err := directory.Generate(100_000, 7)
	if err != nil {
		b.Fatal(err)
	}
	crowd := people.Groups[0]
	crowd.Members = nil
	for _, u := range people.Users[:50_000] {
		crowd.Members = append(crowd.Members, u.ID)
	}
	server, err := entrasim.New(entrasim.Options{Directory: people})
	if err != nil {
		b.Fatal(err)
	}
	for _, rule := range []entrasim.Fault{
		{Target: "scim", Method: http.MethodGet, Count: -1, Status: http.StatusOK, Body: `{"totalResults":0,"Resources":[]}`},
		{Target: "scim", Count: -1, Status: http.StatusCreated, Body: `{"id":"made"}`},
	} {
		if _, err := server.AddFault(rule); err != nil {
			b.Fatal(err)
		}
	}
	const logged = 25_000
	job := startedJob(b, server.Tenant(), people.Users[:logged])
	if r, err := server.RunCycle(b.Context(), job); err != nil || r.Created != logged {
		b.Fatalf("the cycle: %+v (%v)", r, err)
	}
	pages := server.AdminHandler()
	for name, path := range map[string]string{
		"overview": "/", "people": "/people", "the last people": "/people?page=2000", "a search for people": "/people?q=anna",
		"a person": "/people/" + people.Users[7].ID, "a group of 50,000": "/groups/" + crowd.ID, "the groups": "/groups",
		"the application": "/apps/" + server.State().Principals[0].ID,
		"the log":         "/log", "the last of the log": "/log?page=400", "failures in the log": "/log?status=failure", "a search in the log": "/log?q=anna",
	} {
		b.Run(name, func(b *testing.B) {
			length := 0
			for b.Loop() {
				answer := httptest.NewRecorder()
				pages.ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil))
				if answer.Code != http.StatusOK {
					b.Fatalf("%s: status %d: %s", path, answer.Code, answer.Body)
				}
				length = answer.Body.Len()
			}
			b.ReportMetric(float64(length)/1024, "KiB")
		})
	}
}
