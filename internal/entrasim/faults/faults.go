package faults

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
)

// Request is what rules look at.
type Request struct {
	Target, Method, Path, Operation, ClientID string
}

// Status is a rule in force with what it did.
type Status struct {
	Rule
	Matches int `json:"matches"` // requests that it matched
	Hits    int `json:"hits"`    // those of them that went wrong by it
}

// Set is the rules in force. It is safe for concurrent use. The zero value has no rules and the seed 0.
type Set struct {
	// Seed decides with Probability which requests are hit. It is set before the first request.
	Seed uint64

	mu    sync.Mutex
	next  int
	rules []*active
}

type active struct {
	Status
	path *regexp.Regexp
}

// Add puts a rule in force and returns its ID.
func (s *Set) Add(r Rule) (string, error) {
	if err := r.check(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(r.ID) >= 0 {
		return "", fmt.Errorf("rule field id: there is a rule %s already; delete it first, or give another id", r.ID)
	}
	for r.ID == "" || s.find(r.ID) >= 0 {
		s.next++
		r.ID = fmt.Sprintf("fault-%d", s.next)
	}
	s.rules = append(s.rules, &active{Status: Status{Rule: r}, path: regexp.MustCompile(r.Path)})
	return r.ID, nil
}

func (s *Set) find(id string) int {
	return slices.IndexFunc(s.rules, func(r *active) bool { return r.ID == id })
}

// Delete takes one rule out of force and says whether there was one.
func (s *Set) Delete(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.find(id)
	if at >= 0 {
		s.rules = slices.Delete(s.rules, at, at+1)
	}
	return at >= 0
}

// Clear takes all rules out of force.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// Rules lists the rules in force.
func (s *Set) Rules() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, 0, len(s.rules))
	for _, r := range s.rules {
		out = append(out, r.Status)
	}
	return out
}

// Hit returns the first rule that applies to a request, and counts the request for every rule that matches it.
func (s *Set) Hit(request Request) *Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hit *Rule
	for _, r := range s.rules {
		if !r.matches(request) {
			continue
		}
		r.Matches++
		if hit == nil && r.due(s.Seed) {
			r.Hits++
			chosen := r.Rule
			hit = &chosen
		}
	}
	return hit
}

func (a *active) matches(r Request) bool {
	fits := func(want, got string) bool { return want == "" || want == got }
	target := a.Target
	if target == "" {
		target = TargetGraph
	}
	return target == r.Target && fits(a.Method, r.Method) && fits(a.Operation, r.Operation) && fits(a.ClientID, r.ClientID) &&
		(!a.StaleRead || r.Method == http.MethodGet) && a.path.MatchString(r.Path)
}

// due says whether the match that was counted last is hit.
func (a *active) due(seed uint64) bool {
	first, count := max(a.Nth, 1), a.Count
	if count == 0 && a.Probability == 0 {
		count = 1
	}
	if a.Matches < first {
		return false
	}
	if a.Probability == 0 {
		return count < 0 || a.Matches < first+count
	}
	return (count <= 0 || a.Hits < count) && draw(seed, a.ID, a.Matches) < a.Probability
}

// draw is a number in [0, 1) that depends on its arguments alone, so that other rules and requests do not disturb it.
func draw(seed uint64, id string, match int) float64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id)) // hashing does not fail
	return rand.New(rand.NewPCG(seed^hash.Sum64(), uint64(match))).Float64()
}
