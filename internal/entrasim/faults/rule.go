package faults

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// Targets of a rule.
const (
	TargetGraph = "graph" // requests to Graph and to the token endpoint; the default
	TargetSCIM  = "scim"  // requests of the provisioning engine to SCIM endpoints
)

// Rule says which requests go wrong and how. Target, Method, Path, Operation and ClientID are joined by AND; empty ones match
// everything.
type Rule struct {
	// ID names the rule; it is made up when empty.
	ID string `json:"id,omitempty"`

	Target    string `json:"target,omitempty"`    // graph (default) or scim
	Method    string `json:"method,omitempty"`    // GET, POST, ...
	Path      string `json:"path,omitempty"`      // regular expression over the path, unanchored
	Operation string `json:"operation,omitempty"` // name of a Graph operation as the journal shows it, such as instantiate
	ClientID  string `json:"clientID,omitempty"`  // of the client whose token the request bears

	Nth   int `json:"nth,omitempty"`   // the first matching request that is hit, counted from 1; 0 means 1
	Count int `json:"count,omitempty"` // how many are hit from there; 0 means 1, or all where there is a probability; below 0 all

	// Probability lets chance decide on each matching request from Nth on; 0 means that each is hit. The seed, the rule's ID
	// and the number of the match decide, nothing else.
	Probability float64 `json:"probability,omitempty"`

	Delay   Duration          `json:"delay,omitempty"`   // before anything else happens, in real time
	Status  int               `json:"status,omitempty"`  // answered instead of the real answer
	Body    string            `json:"body,omitempty"`    // goes with Status
	Headers map[string]string `json:"headers,omitempty"` // goes with Status; Retry-After for example

	// AfterEffect lets the request take effect before Status is answered; otherwise nothing happens.
	AfterEffect bool `json:"afterEffect,omitempty"`

	DropBefore bool `json:"dropBefore,omitempty"` // cut the connection, nothing happens
	DropAfter  bool `json:"dropAfter,omitempty"`  // cut the connection after the request took effect

	// BreakTLS spoils the connection before anything happens: a client of Graph reads what is no TLS, and the engine finds a
	// certificate at the endpoint that nobody trusts.
	BreakTLS bool `json:"breakTLS,omitempty"`

	// ReplicateLate keeps what the request makes from being read by its ID for so long in virtual time, as a directory that
	// replicates slowly does.
	ReplicateLate Duration `json:"replicateLate,omitempty"`

	// StaleRead answers a GET as the same request was answered last, without looking; what was never asked is answered as it
	// is.
	StaleRead bool `json:"staleRead,omitempty"`
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

// check says what is wrong with a rule, by the field and with the remedy.
func (r *Rule) check() error {
	if _, err := regexp.Compile(r.Path); err != nil {
		return fmt.Errorf("rule field path: %w: give a regular expression, with \\ before signs that are meant as they are", err)
	}
	scim := r.Target == TargetSCIM
	for _, c := range []struct {
		wrong bool
		say   string
	}{
		{r.Target != "" && r.Target != TargetGraph && !scim, "rule field target: give graph or scim"},
		{scim && r.Operation != "", "rule field operation: it names calls to Graph; match requests to SCIM endpoints by method and path"},
		{scim && r.ClientID != "", "rule field clientID: the engine has none; match requests to SCIM endpoints by method and path"},
		{scim && r.ReplicateLate != 0, "rule field replicateLate: it is for what Graph makes; leave it out with target scim"},
		{r.Nth < 0, "rule field nth: count matches from 1"},
		{r.Probability < 0 || r.Probability > 1, "rule field probability: give a number above 0 and up to 1"},
		{r.Delay < 0, "rule field delay: give a duration above 0, such as 2s"},
		{r.ReplicateLate < 0, "rule field replicateLate: give a duration above 0, such as 2m"},
		{r.Status != 0 && http.StatusText(r.Status) == "", fmt.Sprintf("rule field status: %d is no HTTP status; give one such as 503", r.Status)},
		{r.Status == 0 && (r.Body != "" || r.Headers != nil), "rule fields body and headers: they go with status; set it"},
		{r.Status == 0 && r.AfterEffect, "rule field afterEffect: it goes with status; set it, or dropAfter to answer nothing"},
		{r.StaleRead && r.Method != "" && r.Method != http.MethodGet, "rule field staleRead: only a GET reads; set method to GET or leave it out"},
		{r.ends() > 1, "rule fields status, dropBefore, dropAfter, breakTLS, staleRead: they exclude one another; make a rule for each"},
		{r.ReplicateLate != 0 && r.ends() > 0 && !r.AfterEffect && !r.DropAfter,
			"rule field replicateLate: nothing is made before an error; add afterEffect, or take dropAfter"},
		{r.Delay == 0 && r.ReplicateLate == 0 && r.ends() == 0,
			"the rule does nothing: set delay, status, dropBefore, dropAfter, breakTLS, replicateLate or staleRead"},
	} {
		if c.wrong {
			return errors.New(c.say)
		}
	}
	return nil
}

// ends counts the ways in which the rule replaces the real answer.
func (r *Rule) ends() int {
	n := 0
	for _, set := range []bool{r.Status != 0, r.DropBefore, r.DropAfter, r.BreakTLS, r.StaleRead} {
		if set {
			n++
		}
	}
	return n
}

// TakesEffect says whether a request that the rule hits does what it is meant to do.
func (r *Rule) TakesEffect() bool {
	return !r.DropBefore && !r.BreakTLS && (r.Status == 0 || r.AfterEffect)
}
