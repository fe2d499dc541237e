package scimkit

import (
	"context"
	"errors"
	"time"
)

// awaitTimeout is how long anything may take to come about.
const awaitTimeout = 60 * time.Second

var (
	errEnded   = errors.New("the process ended")
	errTimeout = errors.New("it did not come about in time")
)

// Await polls until the condition holds. It gives up when the process that it hangs on has ended; nil for none.
func Await(ctx context.Context, ended <-chan struct{}, condition func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, awaitTimeout)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition(ctx) {
		select {
		case <-ended:
			return errEnded
		case <-ctx.Done():
			return errTimeout
		case <-ticker.C:
		}
	}
	return nil
}
