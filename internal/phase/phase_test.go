package phase

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/fault"
)

func returns(out Outcome) func(context.Context, *[]string) Outcome {
	return func(_ context.Context, ran *[]string) Outcome { return out }
}

func TestRun(t *testing.T) {
	broken := Fail("Broken", errors.New("broken"))
	tests := map[string]struct {
		table []Phase[*[]string]
		want  map[string]State
	}{
		"independent phases still run after a failure": {
			[]Phase[*[]string]{{Name: "a", Condition: "A", Run: returns(broken)}, {Name: "b", Condition: "B", Run: returns(Succeed("Ok", ""))}},
			map[string]State{"a": Failed, "b": Done},
		},
		"a phase whose need is unmet does not run": {
			[]Phase[*[]string]{{Name: "a", Condition: "A", Run: returns(Wait("Soon", time.Second, ""))}, {Name: "b", Condition: "B", Needs: []string{"A"}, Run: returns(Succeed("Ok", ""))}},
			map[string]State{"a": Pending, "b": Blocked},
		},
		"being blocked is passed on": {
			[]Phase[*[]string]{{Name: "a", Condition: "A", Run: returns(broken)}, {Name: "b", Condition: "B", Needs: []string{"A"}, Run: returns(Succeed("Ok", ""))}, {Name: "c", Condition: "C", Needs: []string{"B"}, Run: returns(Succeed("Ok", ""))}},
			map[string]State{"a": Failed, "b": Blocked, "c": Blocked},
		},
		"nothing waits for what is merely noted": {
			[]Phase[*[]string]{{Name: "a", Condition: "A", Run: returns(Note("Differs", ""))}, {Name: "b", Condition: "B", Needs: []string{"A"}, Run: returns(Succeed("Ok", ""))}},
			map[string]State{"a": Noted, "b": Done},
		},
		"two phases of one condition must both be done": {
			[]Phase[*[]string]{{Name: "a", Condition: "A", Run: returns(broken)}, {Name: "b", Condition: "A", Run: returns(Succeed("Ok", ""))}, {Name: "c", Condition: "C", Needs: []string{"A"}, Run: returns(Succeed("Ok", ""))}},
			map[string]State{"a": Failed, "b": Done, "c": Blocked},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var ran []string
			for _, r := range Run(context.Background(), tc.table, &ran) {
				if r.Outcome.State != tc.want[r.Phase] {
					t.Errorf("%s = %v, want %v", r.Phase, r.Outcome.State, tc.want[r.Phase])
				}
			}
		})
	}
}

func TestRequeue(t *testing.T) {
	tests := map[string]struct {
		results []Result
		after   time.Duration
		fails   bool
	}{
		"when all is done the interval decides":                 {[]Result{{Outcome: Succeed("Ok", "")}}, time.Hour, false},
		"the shortest wait wins":                                {[]Result{{Outcome: Wait("A", time.Minute, "")}, {Outcome: Wait("B", time.Second, "")}}, time.Second, false},
		"an unclassified failure backs off in the queue":        {[]Result{{Outcome: Fail("Broken", errors.New("x"))}}, time.Hour, true},
		"a failure that needs a person does not hammer the API": {[]Result{{Outcome: Stall("Denied", "x")}}, 10 * time.Minute, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			after, err := Requeue(tc.results, time.Hour)
			if after != tc.after || (err != nil) != tc.fails {
				t.Errorf("Requeue = %v, %v; want %v, failing %v", after, err, tc.after, tc.fails)
			}
		})
	}
}

func TestFailKeepsAKnownDelayPending(t *testing.T) {
	out := Fail("Failed", fault.NewWaiting("Replicating", time.Minute, errors.New("not there yet")))
	if out.State != Pending || out.Reason != "Replicating" || out.After != time.Minute {
		t.Errorf("Fail = %+v, want Pending, Replicating, one minute", out)
	}
}
