package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// counted counts what a feed asks of a store, and may hold it.
type counted struct {
	store.Store

	looks, reads, atOnce, most atomic.Int64
	// hold is closed when views may go on; nil holds none.
	hold chan struct{}
}

func (c *counted) Horizon(ctx context.Context) (int64, error) {
	c.looks.Add(1)
	return c.Store.Horizon(ctx)
}

func (c *counted) Changes(ctx context.Context, after int64, limit int) ([]store.Change, error) {
	c.reads.Add(1)
	return c.Store.Changes(ctx, after, limit)
}

func (c *counted) View(ctx context.Context, f func(store.Reader) error) error {
	n := c.atOnce.Add(1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	defer c.atOnce.Add(-1)
	if c.hold != nil {
		<-c.hold
	}
	return c.Store.View(ctx, f)
}

// crowd makes requests at once, and counts the answers by status when the returned function is called. Who is refused a
// place comes again, so that in the end all are there.
func crowd(t *testing.T, n int, url string) (statuses func() map[int]int) {
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			status := http.StatusServiceUnavailable
			for status == http.StatusServiceUnavailable {
				status, _ = fetch(t, url)
			}
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	return func() map[int]int {
		all.Wait()
		return counts
	}
}

func TestWhoWaitsDoesNotAskTheStore(t *testing.T) {
	const waiting = 20
	i, drain := newIdentities(t), make(chan struct{})
	asked := &counted{Store: i.store}
	base := i.serve(delivery.FeedOptions{Store: asked, Done: drain})
	statuses := crowd(t, waiting, base+"/changes?after=0&wait=30s")
	eventually(t, "all have read, and the horizon is looked at again and again", func() bool {
		return asked.reads.Load() >= waiting && asked.looks.Load() >= asked.reads.Load()+4
	})
	// Each reads once, and once more when the first look finds out where the horizon is.
	if n := asked.reads.Load(); n > 2*waiting {
		t.Errorf("%d requests that wait have read %d times", waiting, n)
	}
	i.create("ann")
	if got := statuses(); got[http.StatusOK] != waiting {
		t.Errorf("statuses %v, want %d times 200", got, waiting)
	}
}

func TestRequestsOfTheFeedAreBounded(t *testing.T) {
	const most = 128
	i, drain := newIdentities(t), make(chan struct{})
	base := i.serve(delivery.FeedOptions{Done: drain})
	statuses := crowd(t, most, base+"/changes?after=0&wait=30s")
	eventually(t, "one more is refused, with a time to come again", func() bool {
		response, err := http.Get(base + "/changes?after=0")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != ""
	})
	if status, _ := fetch(t, base+"/snapshot"); status != http.StatusServiceUnavailable {
		t.Errorf("a snapshot beside as many as may be: status %d, want 503", status)
	}
	close(drain)
	if got := statuses(); got[http.StatusOK] != most {
		t.Errorf("statuses %v, want %d times 200", got, most)
	}
	if status, _ := fetch(t, base+"/changes?after=0"); status != http.StatusOK {
		t.Errorf("places were not given back: status %d", status)
	}
}

func TestTheFeedLeavesConnectionsToOthers(t *testing.T) {
	i := newIdentities(t)
	i.create("ann")
	for n, path := range []string{"/changes?after=0", "/snapshot"} {
		t.Run(path, func(t *testing.T) {
			asked := &counted{Store: i.store, hold: make(chan struct{})}
			base := i.serve(delivery.FeedOptions{Store: asked})
			ended := make(chan struct{}, 3*readers)
			for range 3 * readers {
				go func() {
					response, err := http.Get(base + path)
					if err == nil {
						_ = response.Body.Close()
					}
					ended <- struct{}{}
				}()
			}
			eventually(t, "as many read as may", func() bool { return asked.atOnce.Load() == readers })
			i.create(fmt.Sprint("bob", n)) // nobody stands in its way
			close(asked.hold)
			for range 3 * readers {
				<-ended
			}
			if most := asked.most.Load(); most != readers {
				t.Errorf("%d read at once, want %d", most, readers)
			}
		})
	}
}
