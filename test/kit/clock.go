package kit

import (
	"context"
	"time"

	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
)

// The clock of a world goes a second in a hundredth of one, so that ten minutes of patience end in six seconds, and two
// of a kubelet's polls in a fortieth. Nothing in a test waits for a real time to pass.
const (
	clockTick = 10 * time.Millisecond
	clockStep = time.Second
)

// newClock gives a clock that begins now and runs until the context ends.
func newClock(ctx context.Context) clock.WithTicker {
	fast := clocktesting.NewFakeClock(time.Now())
	ticker := time.NewTicker(clockTick)
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				fast.Step(clockStep)
			case <-ctx.Done():
				return
			}
		}
	}()
	return fast
}
