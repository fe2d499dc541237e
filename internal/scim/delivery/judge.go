package delivery

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// verdict is what an attempt to deliver means.
type verdict string

// The verdicts; they are also the values of a metric's label.
const (
	// delivered: the app has taken the event.
	delivered verdict = "delivered"
	// unreachable: the app does not answer, or says that it cannot take anything now. Everything waits, and no event is
	// blamed for it.
	unreachable verdict = "unreachable"
	// failed: the app failed at this event. Others go on, but for later ones of the same resource.
	failed verdict = "failed"
	// refused: the app will never take this event.
	refused verdict = "refused"
)

// answer is the outcome of one attempt.
type answer struct {
	verdict verdict
	// reason says why it was not delivered.
	reason string
	// retryAfter is how long the app asked to be left alone; 0 when it did not.
	retryAfter time.Duration
}

// judge reads the app's status code.
func judge(status int, retryAfter string) answer {
	a := answer{reason: fmt.Sprintf("the app answered %d %s", status, http.StatusText(status))}
	switch {
	case status >= 200 && status < 300:
		return answer{verdict: delivered}
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests,
		status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		a.verdict = unreachable
		if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds > 0 {
			a.retryAfter = min(time.Duration(seconds)*time.Second, maxRetryAfter)
		}
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status < 400, status >= 500:
		// These are also what a proxy says while an app is replaced, or what a wrong secret or address leads to, which
		// somebody mends: no deactivation may be lost by it.
		a.verdict = failed
	default:
		a.verdict = refused
	}
	return a
}

const (
	// maxAttempts is how often the app may fail at one event before it is a dead letter: with the back-off some five hours.
	maxAttempts = 16
	// maxBackoff and maxPause are the longest times between two attempts of one event, and while the app is unreachable.
	maxBackoff    = time.Hour
	maxPause      = time.Minute
	maxRetryAfter = 5 * time.Minute
)

// backoff returns how long to wait after that many failures: doubling from a second, less up to a half by jitter, which
// is from 0 to 1.
func backoff(failures int, longest time.Duration, jitter float64) time.Duration {
	wait := longest
	if doublings := failures - 1; doublings < 30 {
		wait = min(time.Second<<doublings, longest)
	}
	return wait - time.Duration(jitter*float64(wait)/2)
}
