package faults

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// Rule says which requests go wrong and how. Method, Path and Operation are joined by AND; empty ones match everything.
type Rule struct {
	// ID names the rule; it is made up when empty.
	ID string `json:"id,omitempty"`

	Method    string `json:"method,omitempty"`    // GET, POST, ...
	Path      string `json:"path,omitempty"`      // regular expression over the path, unanchored
	Operation string `json:"operation,omitempty"` // name of a Graph operation as the journal shows it, such as instantiate

	Nth   int `json:"nth,omitempty"`   // the first matching request that is hit, counted from 1; 0 means 1
	Count int `json:"count,omitempty"` // how many are hit from there; 0 means 1, below 0 all

	Delay   Duration          `json:"delay,omitempty"`   // before anything else happens, in real time
	Status  int               `json:"status,omitempty"`  // answered instead of the real answer
	Body    string            `json:"body,omitempty"`    // goes with Status
	Headers map[string]string `json:"headers,omitempty"` // goes with Status; Retry-After for example

	// AfterEffect lets the request take effect before Status is answered; otherwise nothing happens.
	AfterEffect bool `json:"afterEffect,omitempty"`

	DropBefore bool `json:"dropBefore,omitempty"` // cut the connection, nothing happens
	DropAfter  bool `json:"dropAfter,omitempty"`  // cut the connection after the request took effect
}

// Duration is a time.Duration that JSON writes as text, such as "2s".
type Duration time.Duration

// UnmarshalText reads a Go duration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes a Go duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Set is the rules in force. It is safe for concurrent use.
type Set struct {
	mu    sync.Mutex
	next  int
	rules []*active
}

type active struct {
	Rule
	path *regexp.Regexp
	hits int
}

// Add puts a rule in force and returns its ID.
func (s *Set) Add(r Rule) (string, error) {
	pattern, err := regexp.Compile(r.Path)
	if err != nil {
		return "", fmt.Errorf("rule field path: %w", err)
	}
	if r.Status != 0 && http.StatusText(r.Status) == "" {
		return "", fmt.Errorf("rule field status: %d is no HTTP status", r.Status)
	}
	if r.Delay == 0 && r.Status == 0 && !r.DropBefore && !r.DropAfter {
		return "", fmt.Errorf("the rule does nothing: set delay, status, dropBefore or dropAfter")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.ID == "" {
		s.next++
		r.ID = fmt.Sprintf("fault-%d", s.next)
	}
	s.rules = append(s.rules, &active{Rule: r, path: pattern})
	return r.ID, nil
}

// Clear takes all rules out of force.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// Rules lists the rules in force.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Rule, 0, len(s.rules))
	for _, r := range s.rules {
		out = append(out, r.Rule)
	}
	return out
}

// Hit returns the first rule that applies to a request, and counts the request for every rule that matches it.
func (s *Set) Hit(method, path, operation string) *Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hit *Rule
	for _, r := range s.rules {
		if r.Method != "" && r.Method != method || r.Operation != "" && r.Operation != operation || !r.path.MatchString(path) {
			continue
		}
		r.hits++
		first, count := max(r.Nth, 1), r.Count
		if count == 0 {
			count = 1
		}
		if hit == nil && r.hits >= first && (count < 0 || r.hits < first+count) {
			chosen := r.Rule
			hit = &chosen
		}
	}
	return hit
}
