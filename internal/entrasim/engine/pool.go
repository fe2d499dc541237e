package engine

import (
	"context"
	"sync"
)

// each deals with items, as many at a time as the cycle may have requests under way. After an error that ends the cycle no
// further one is begun; those under way are finished, so that nothing is sent of which the state does not know.
func (c *cycle) each(ctx context.Context, items []item, deal func(context.Context, item) error) error {
	workers := min(max(c.in.Switches.Parallelism, 1), len(items))
	if workers <= 1 {
		for _, it := range items {
			if err := deal(ctx, it); err != nil {
				return err
			}
		}
		return nil
	}
	lanes := make([]chan item, workers)
	failed := make(chan error, workers)
	var running sync.WaitGroup
	for i := range lanes {
		lanes[i] = make(chan item)
		running.Go(func() {
			for it := range lanes[i] {
				if err := deal(ctx, it); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err := dispatch(items, lanes, failed)
	for _, lane := range lanes {
		close(lane)
	}
	running.Wait()
	if err == nil && len(failed) > 0 {
		err = <-failed
	}
	return err
}

// dispatch hands each item to its lane, until one of them fails.
func dispatch(items []item, lanes []chan item, failed chan error) error {
	for _, it := range items {
		select {
		case lanes[it.lane%uint32(len(lanes))] <- it:
		case err := <-failed:
			return err
		}
	}
	return nil
}
