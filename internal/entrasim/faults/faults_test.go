package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hits are the numbers of those of n equal requests that a rule hits.
func hits(t *testing.T, seed uint64, r Rule, n int) []int {
	t.Helper()
	s := Set{Seed: seed}
	if _, err := s.Add(r); err != nil {
		t.Fatal(err)
	}
	var out []int
	for i := range n {
		if s.Hit(Request{Target: TargetGraph, Method: "GET", Path: "/v1.0/users", Operation: "listUsers", ClientID: "a"}) != nil {
			out = append(out, i+1)
		}
	}
	return out
}

func TestWhichRequestsAreHit(t *testing.T) {
	for name, c := range map[string]struct {
		rule Rule
		want []int
	}{
		"the first, when nothing else is said":   {Rule{}, []int{1}},
		"so many from the nth on":                {Rule{Nth: 3, Count: 2}, []int{3, 4}},
		"all":                                    {Rule{Count: -1}, []int{1, 2, 3, 4, 5, 6}},
		"all of a client":                        {Rule{Count: -1, ClientID: "a"}, []int{1, 2, 3, 4, 5, 6}},
		"none of another client":                 {Rule{Count: -1, ClientID: "b"}, nil},
		"none of another target":                 {Rule{Count: -1, Target: TargetSCIM}, nil},
		"with certainty, probability is a count": {Rule{Probability: 1, Count: 2, Nth: 2}, []int{2, 3}},
		"with certainty, probability is all":     {Rule{Probability: 1}, []int{1, 2, 3, 4, 5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			c.rule.Status = 503
			if diff := cmp.Diff(c.want, hits(t, 0, c.rule, 6)); diff != "" {
				t.Errorf("hit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheSeedDecides(t *testing.T) {
	rule := Rule{ID: "flaky", Probability: 0.3, Status: 503}
	first := hits(t, 7, rule, 1000)
	if diff := cmp.Diff(first, hits(t, 7, rule, 1000)); diff != "" {
		t.Errorf("the same seed hits others (-first +second):\n%s", diff)
	}
	if cmp.Equal(first, hits(t, 8, rule, 1000)) {
		t.Error("another seed hits the same")
	}
	if n := len(first); n < 200 || n > 400 {
		t.Errorf("%d of 1000 are hit with the probability 0.3", n)
	}
}

func TestRulesAreRefusedByFieldAndWithTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		rule Rule
		want []string
	}{
		"nothing to do":                      {Rule{Method: "GET"}, []string{"does nothing", "set delay"}},
		"a path that is no pattern":          {Rule{Path: "(", Status: 500}, []string{"path", "regular expression"}},
		"a target that there is not":         {Rule{Target: "ldap", Status: 500}, []string{"target", "graph or scim"}},
		"an operation of a SCIM endpoint":    {Rule{Target: "scim", Operation: "x", Status: 500}, []string{"operation", "method and path"}},
		"a client of a SCIM endpoint":        {Rule{Target: "scim", ClientID: "x", Status: 500}, []string{"clientID", "method and path"}},
		"no status":                          {Rule{Status: 1000}, []string{"status", "503"}},
		"a body without a status":            {Rule{Body: "x", DropAfter: true}, []string{"body", "set it"}},
		"a chance above certainty":           {Rule{Probability: 2, Status: 500}, []string{"probability", "up to 1"}},
		"two ends":                           {Rule{Status: 500, DropAfter: true}, []string{"exclude", "a rule for each"}},
		"a stale write":                      {Rule{Method: "POST", StaleRead: true}, []string{"staleRead", "GET"}},
		"what is refused cannot be late":     {Rule{Status: 500, ReplicateLate: 1}, []string{"replicateLate", "afterEffect"}},
		"an effect without an answer":        {Rule{AfterEffect: true, DropAfter: true}, []string{"afterEffect", "dropAfter"}},
		"a count of matches below the first": {Rule{Nth: -1, Status: 500}, []string{"nth", "from 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var s Set
			_, err := s.Add(c.rule)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one that says %q", err, want)
				}
			}
		})
	}
}

func TestRulesAreListedAndDeleted(t *testing.T) {
	var s Set
	for _, r := range []Rule{{ID: "mine", Status: 500, Count: -1}, {Status: 503, Nth: 9}} {
		if _, err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Add(Rule{ID: "mine", Status: 500}); err == nil || !strings.Contains(err.Error(), "delete it first") {
		t.Errorf("a second rule of one ID: %v", err)
	}
	s.Hit(Request{Target: TargetGraph})
	s.Hit(Request{Target: TargetGraph})
	want := []Status{{Rule: Rule{ID: "mine", Status: 500, Count: -1}, Matches: 2, Hits: 2}, {Rule: Rule{ID: "fault-1", Status: 503, Nth: 9}, Matches: 2}}
	if diff := cmp.Diff(want, s.Rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if !s.Delete("mine") || s.Delete("mine") || len(s.Rules()) != 1 {
		t.Errorf("after deleting one of two: %+v", s.Rules())
	}
}

func TestLoad(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"rules":             {"faults:\n- {operation: instantiate, status: 504, afterEffect: true}\n- {target: scim, probability: 0.1, delay: 2s}\n", ""},
		"an unknown member": {"faults:\n- {operaton: instantiate, status: 504}\n", `unknown field "operaton"`},
		"a wrong rule":      {"faults:\n- {status: 504}\n- {operation: instantiate}\n", "entry 2: the rule does nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "faults.yaml")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			rules, err := Load(file)
			if c.want == "" && (err != nil || len(rules) != 2) {
				t.Errorf("%+v (%v)", rules, err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file)) {
				t.Errorf("error %v, want one that says %q and the file", err, c.want)
			}
		})
	}
}
