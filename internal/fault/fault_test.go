package fault

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestReact(t *testing.T) {
	cause := errors.New("cause")
	tests := map[string]struct {
		err  error
		want Reaction
	}{
		"an unclassified error is retried by the queue and logged":  {cause, Reaction{EventType: "Warning", LogAsError: true}},
		"a terminal error waits for a person":                       {NewTerminal("Denied", cause), Reaction{After: humanRetry, EventType: "Warning"}},
		"a wait without a length is short and makes no event":       {NewWaiting("PodStarting", 0, cause), Reaction{After: waitDefault}},
		"a wait keeps the length it was given":                      {NewWaiting("Replication", time.Minute, cause), Reaction{After: time.Minute}},
		"a throttled call honours Retry-After":                      {NewThrottled("TooManyRequests", 17*time.Second, cause), Reaction{After: 17 * time.Second}},
		"a throttled call without Retry-After backs off":            {NewThrottled("TooManyRequests", 0, cause), Reaction{After: throttleDefault}},
		"a class survives being wrapped with what was being done":   {fmt.Errorf("creating the job: %w", NewTerminal("Denied", cause)), Reaction{After: humanRetry, EventType: "Warning"}},
		"a retryable error carries its reason but no delay of ours": {NewRetryable("Unreachable", cause), Reaction{EventType: "Warning", LogAsError: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := React(tc.err); got != tc.want {
				t.Errorf("React = %+v, want %+v", got, tc.want)
			}
			if !errors.Is(tc.err, cause) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestReasonOf(t *testing.T) {
	cause := errors.New("cause")
	if got := ReasonOf(fmt.Errorf("doing: %w", NewTerminal("Denied", cause)), "Failed"); got != "Denied" {
		t.Errorf("ReasonOf = %q, want Denied", got)
	}
	if got := ReasonOf(cause, "Failed"); got != "Failed" {
		t.Errorf("ReasonOf without a class = %q, want the fallback", got)
	}
}
