package phase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/fault"
)

// State is how far a phase came.
type State int

const (
	// Done: what the phase stands for is true now.
	Done State = iota
	// Pending: it will become true without anybody's help.
	Pending
	// Failed: it did not work; Err says why.
	Failed
	// Blocked: a condition that the phase needs is not met, so it did not run. The
	// runner alone gives this state.
	Blocked
	// Noted: what the phase stands for is not true, and nothing has to wait for that.
	Noted
)

// Outcome is what a phase found out. Phases never decide about requeues or Ready:
// that is the summary's business.
type Outcome struct {
	State   State
	Reason  string // CamelCase, becomes the condition's reason
	Message string // what was seen, what it means, what to do
	// After asks for another look after this time; zero asks for none.
	After time.Duration
	Err   error
}

// Succeed says that the phase's condition holds.
func Succeed(reason, format string, args ...any) Outcome {
	return Outcome{State: Done, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Recheck is o with another look after the given time.
func (o Outcome) Recheck(after time.Duration) Outcome {
	o.After = after
	return o
}

// Wait says that the phase's condition will hold without help, and when to look again.
func Wait(reason string, after time.Duration, format string, args ...any) Outcome {
	return Outcome{State: Pending, Reason: reason, After: after, Message: fmt.Sprintf(format, args...)}
}

// Note says that the phase's condition does not hold, and that the app works all the same.
func Note(reason, format string, args ...any) Outcome {
	return Outcome{State: Noted, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Met is true when nothing has to wait for the phase.
func (o Outcome) Met() bool { return o.State == Done || o.State == Noted }

// Fail turns an error into an outcome: a known delay becomes Pending, all else
// Failed. The reason is the error's own where it has one.
func Fail(fallbackReason string, err error) Outcome {
	out := Outcome{
		State:   Failed,
		Reason:  fault.ReasonOf(err, fallbackReason),
		Message: err.Error(),
		After:   fault.React(err).After,
		Err:     err,
	}
	if fault.ClassOf(err) == fault.Waiting {
		out.State = Pending
	}
	return out
}

// Stall says that a person has to act, with the reason and the whole message.
func Stall(reason, format string, args ...any) Outcome {
	return Fail(reason, fault.NewTerminal(reason, fmt.Errorf(format, args...)))
}

// Stalled is true where only a person can help.
func (o Outcome) Stalled() bool {
	return o.State == Failed && fault.ClassOf(o.Err) == fault.Terminal
}

// Phase is one row of a controller's table.
type Phase[S any] struct {
	// Name is for logs and metrics.
	Name string
	// Condition is the type of the condition that the phase proves.
	Condition string
	// Needs are the conditions that have to hold before the phase can run.
	Needs []string
	// Run does the work on the scope.
	Run func(ctx context.Context, scope S) Outcome
}

// Result is one phase's outcome.
type Result struct {
	Phase     string
	Condition string
	Outcome   Outcome
}

// Run runs the table in order. A phase whose needs are not met is not run; its
// outcome is Blocked and names the first condition that is missing. Several phases
// may prove one condition: it holds when all of them are done.
func Run[S any](ctx context.Context, table []Phase[S], scope S) []Result {
	unmet := map[string]bool{}
	results := make([]Result, 0, len(table))
	for _, p := range table {
		var out Outcome
		switch need := firstUnmet(p.Needs, unmet); {
		case ctx.Err() != nil:
			out = Fail("Interrupted", ctx.Err())
		case need != "":
			out = Outcome{State: Blocked, Reason: "Waiting" + need, Message: "waiting for " + need}
		default:
			out = p.Run(ctx, scope)
		}
		if !out.Met() {
			unmet[p.Condition] = true
		}
		results = append(results, Result{Phase: p.Name, Condition: p.Condition, Outcome: out})
	}
	return results
}

func firstUnmet(needs []string, unmet map[string]bool) string {
	for _, need := range needs {
		if unmet[need] {
			return need
		}
	}
	return ""
}

// Requeue gives the time until the next pass: the shortest that any outcome asks
// for, else the interval. The error is what the work queue should back off on:
// those failures whose class leaves the delay to it.
func Requeue(results []Result, interval time.Duration) (time.Duration, error) {
	next := interval
	var errs []error
	for _, r := range results {
		if r.Outcome.After > 0 && r.Outcome.After < next {
			next = r.Outcome.After
		}
		if r.Outcome.Err != nil && fault.React(r.Outcome.Err).After == 0 {
			errs = append(errs, fmt.Errorf("%s: %w", r.Phase, r.Outcome.Err))
		}
	}
	return next, errors.Join(errs...)
}
