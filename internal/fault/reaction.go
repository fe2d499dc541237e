package fault

import "time"

// Reaction is what a controller does about an error.
type Reaction struct {
	// After is the time until the next attempt. Zero means: let the work queue's
	// own exponential back-off decide.
	After time.Duration
	// EventType is "Warning" or "Normal"; empty means that no event is worth it.
	EventType string
	// LogAsError is true where an operator's log should carry it as an error rather
	// than as information.
	LogAsError bool
}

const (
	// humanRetry is how long a terminal fault waits before it is looked at again.
	// A person acts in minutes, and a change of the spec triggers a pass anyway; this
	// only catches what was mended outside of the cluster, such as an admin consent.
	humanRetry = 10 * time.Minute
	// waitDefault is for delays whose length nobody told us.
	waitDefault = 5 * time.Second
	// throttleDefault follows Graph's advice for a 429 that carries no Retry-After.
	throttleDefault = 30 * time.Second
)

// React maps an error to the one reaction that its class has.
func React(err error) Reaction {
	switch ClassOf(err) {
	case Terminal:
		return Reaction{After: humanRetry, EventType: "Warning"}
	case Waiting:
		return Reaction{After: orDefault(AfterOf(err), waitDefault)}
	case Throttled:
		return Reaction{After: orDefault(AfterOf(err), throttleDefault)}
	default:
		return Reaction{EventType: "Warning", LogAsError: true}
	}
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}
