package entrasim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/scim-operator/scim-operator/internal/entrasim/shape"
)

// Departure is a place where answers of Graph departed from the published metadata.
type Departure struct {
	Operation string `json:"operation"`
	Problem   string `json:"problem"`
	Count     int    `json:"count"`
}

// ShapeReport says what the check of answers found. It is empty while Options.CheckShape is off.
type ShapeReport struct {
	Checked    int         `json:"checked"` // answers that were looked at
	Departures []Departure `json:"departures"`
}

// shapeCheck counts what was found. It is safe for concurrent use.
type shapeCheck struct {
	mu      sync.Mutex
	checked int
	found   map[Departure]int // with Count 0
}

// checkShape looks at an answer before it goes out. Answers without a body, counts and batches, whose parts are looked at
// one by one, are none of its business.
func (s *Server) checkShape(operation string, answer *buffer) {
	if !s.options.CheckShape || operation == "batch" || answer.header.Get("request-id") == "" || answer.status == http.StatusNoContent ||
		!strings.HasPrefix(answer.header.Get("Content-Type"), "application/json") {
		return
	}
	problems := shape.Check(answer.body.Bytes())
	s.shape.mu.Lock()
	defer s.shape.mu.Unlock()
	s.shape.checked++
	for _, problem := range problems {
		if s.shape.found == nil {
			s.shape.found = map[Departure]int{}
		}
		s.shape.found[Departure{Operation: operation, Problem: problem}]++
		if s.options.OnDeparture != nil {
			s.options.OnDeparture(operation, problem)
		}
	}
}

// Shape reports how many answers were checked, and where they departed from the published metadata.
func (s *Server) Shape() ShapeReport {
	s.shape.mu.Lock()
	defer s.shape.mu.Unlock()
	report := ShapeReport{Checked: s.shape.checked, Departures: []Departure{}}
	for departure, count := range s.shape.found {
		departure.Count = count
		report.Departures = append(report.Departures, departure)
	}
	slices.SortFunc(report.Departures, func(a, b Departure) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Problem, b.Problem))
	})
	return report
}
