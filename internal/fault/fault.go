package fault

import (
	"errors"
	"time"
)

// Class says who has to act before another attempt can succeed.
type Class int

const (
	// Retryable is a fault that is expected to pass by itself: a dropped
	// connection, a 5xx, a write conflict. It is the class of an error that nobody
	// classified.
	Retryable Class = iota
	// Waiting is a known delay that is not a fault at all, such as replication or a
	// pod that is starting.
	Waiting
	// Throttled is a service that asked us to slow down.
	Throttled
	// Terminal needs a person: a spec that cannot work, a missing permission, a
	// grant. Retrying without a change is pointless.
	Terminal
)

// String names the class as logs and metrics show it.
func (c Class) String() string {
	switch c {
	case Waiting:
		return "Waiting"
	case Throttled:
		return "Throttled"
	case Terminal:
		return "Terminal"
	default:
		return "Retryable"
	}
}

// Error is a classified error. Reason is a CamelCase word fit for a condition and
// an event; After is the least time until the next attempt and is zero where the
// class decides it.
type Error struct {
	Class  Class
	Reason string
	After  time.Duration
	err    error
}

// Error gives the cause's own text: the class is for machines.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// NewTerminal says that err needs a person to act.
func NewTerminal(reason string, err error) error {
	return &Error{Class: Terminal, Reason: reason, err: err}
}

// NewWaiting says that err is a known delay that is worth looking at again after
// the given time.
func NewWaiting(reason string, after time.Duration, err error) error {
	return &Error{Class: Waiting, Reason: reason, After: after, err: err}
}

// NewThrottled says that the service asked to be left alone for the given time.
func NewThrottled(reason string, after time.Duration, err error) error {
	return &Error{Class: Throttled, Reason: reason, After: after, err: err}
}

// NewRetryable says that err is expected to pass by itself.
func NewRetryable(reason string, err error) error {
	return &Error{Class: Retryable, Reason: reason, err: err}
}

// ClassOf gives the class of the first classified error in err's chain, and
// Retryable where there is none.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Retryable
}

// ReasonOf gives the reason of the first classified error in err's chain, or the
// fallback.
func ReasonOf(err error, fallback string) string {
	var e *Error
	if errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return fallback
}

// AfterOf gives the delay that err's chain asks for, or zero.
func AfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.After
	}
	return 0
}
