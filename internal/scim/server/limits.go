package server

import (
	"context"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// The rate limits (N-4, X-14). Entra alone wants 25 requests a second, and takes a 429 for a failure.
const (
	defaultRate  = 200
	defaultBurst = 1000
	// maxQueued is how long a request waits for its turn before it is refused.
	maxQueued = 10 * time.Second
	// Requests that fail to authenticate are counted for each source.
	failedAuthRate  = 10
	failedAuthBurst = 100
	// maxSources bounds the memory that strangers can take.
	maxSources = 10_000
)

// limits counts requests of tokens, and of sources that present none that is accepted.
type limits struct {
	mu      sync.Mutex
	tokens  map[string]*rate.Limiter
	sources map[string]*rate.Limiter
}

func newLimits() *limits {
	return &limits{tokens: map[string]*rate.Limiter{}, sources: map[string]*rate.Limiter{}}
}

// ofToken returns the limiter of a token, with the limits in force.
func (l *limits) ofToken(id string, s Settings) *rate.Limiter {
	limit, burst := rate.Limit(defaultRate), defaultBurst
	if s.RequestsPerSecond > 0 {
		limit = rate.Limit(s.RequestsPerSecond)
	}
	if s.Burst > 0 {
		burst = s.Burst
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.tokens[id]
	if !ok {
		limiter = rate.NewLimiter(limit, burst)
		l.tokens[id] = limiter
	}
	if limiter.Limit() != limit {
		limiter.SetLimit(limit)
	}
	if limiter.Burst() != burst {
		limiter.SetBurst(burst)
	}
	return limiter
}

// wait returns when it is the request's turn. Who would wait for longer than maxQueued is refused at once, with the time
// after which it would not.
func wait(ctx context.Context, limiter *rate.Limiter) (retryAfter string, err error) {
	reservation := limiter.Reserve()
	delay := reservation.Delay()
	switch {
	case delay == 0:
		return "", nil
	case delay > maxQueued:
		reservation.Cancel()
		seconds := int(math.Ceil((delay - maxQueued).Seconds()))
		return strconv.Itoa(max(1, seconds)), scimerr.New(http.StatusTooManyRequests, "too many requests with this token: send fewer in a second")
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return "", nil
	case <-ctx.Done():
		reservation.Cancel()
		return "", ctx.Err()
	}
}

// admitFailure tells whether a source may fail to authenticate once more.
func (l *limits) admitFailure(remoteAddr string) bool {
	source, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		source = remoteAddr
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.sources[source]
	if !ok {
		if len(l.sources) >= maxSources {
			clear(l.sources)
		}
		limiter = rate.NewLimiter(failedAuthRate, failedAuthBurst)
		l.sources[source] = limiter
	}
	return limiter.Allow()
}
