package story

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// operatorRestarts is step 6.
func operatorRestarts(ctx context.Context, t *teller) error {
	// What the steps before set in motion must be over and in status, or it would be counted here.
	if err := t.pass(ctx); err != nil {
		return err
	}
	writes, err := t.clusterWrites(ctx)
	if err != nil {
		return err
	}
	counts, err := t.simulator.counts(ctx, 0)
	if err != nil {
		return err
	}
	app, err := t.app(ctx)
	if err != nil {
		return err
	}
	t.say("restarting the operator")
	if err := t.RestartOperator(ctx); err != nil {
		return err
	}
	reads, err := t.quiet(ctx, counts.Last)
	if err != nil {
		return err
	}
	since, err := t.simulator.counts(ctx, counts.Last)
	if err != nil {
		return err
	}
	if since.Writes > 0 {
		return expectation("no write to Graph", "%d: %v", since.Writes, since.ByOperation)
	}
	after, err := t.clusterWrites(ctx)
	if err != nil {
		return err
	}
	if len(after) > len(writes) {
		return expectation("no write to the cluster but to the Lease and to Events", "%s", strings.Join(after[len(writes):], "\n            "))
	}
	again, err := t.app(ctx)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(app.Status, again.Status); diff != "" {
		return expectation("the same status", "differences (-before +after):\n%s", diff)
	}
	t.say("it read Graph %d times, and wrote nothing but its Lease and Events, neither there nor here", reads)
	return nil
}

// clusterWrites are the operator's writes but for those to Leases and Events.
func (t *teller) clusterWrites(ctx context.Context) ([]string, error) {
	all, err := t.ClusterWrites(ctx)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, write := range all {
		fields := strings.Fields(write)
		if len(fields) > 1 && (fields[1] == "leases" || fields[1] == "events") {
			continue
		}
		others = append(others, write)
	}
	return others, nil
}

// quiet waits until the operator has read from Graph since a point of the journal and then let two seconds pass without a request: its passes are
// over. It returns the number of reads.
func (t *teller) quiet(ctx context.Context, after int) (int, error) {
	last, changed, reads := -1, time.Now(), 0
	err := t.await(ctx, "the operator makes its passes and comes to rest", func(ctx context.Context) error {
		counts, err := t.simulator.counts(ctx, after)
		if err != nil {
			return err
		}
		if counts.Last != last {
			last, changed = counts.Last, time.Now()
		}
		reads = counts.Reads
		if reads == 0 || time.Since(changed) < 2*time.Second {
			return fmt.Errorf("%d reads, the last request %s ago", reads, time.Since(changed).Round(100*time.Millisecond))
		}
		return nil
	})
	return reads, err
}
