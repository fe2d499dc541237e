package clock

import (
	"sync"
	"time"
)

// Clock is a clock that can be pushed forward. It is safe for concurrent use.
type Clock struct {
	base func() time.Time

	mu     sync.RWMutex
	offset time.Duration
}

// New returns a clock that follows base; nil means the wall clock.
func New(base func() time.Time) *Clock {
	if base == nil {
		base = time.Now
	}
	return &Clock{base: base}
}

// Now is the virtual time in UTC, to the millisecond.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.base().Add(c.offset).UTC().Truncate(time.Millisecond)
}

// Offset is how far the virtual time is before the base.
func (c *Clock) Offset() time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

// Advance pushes the clock forward by d. A negative d is ignored: watermarks and schedules never run backwards.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
