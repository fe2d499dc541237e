//go:build bench

package perf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// connection sends requests one after the other. The generator has the processors in common with what it measures, so it
// does with as little as it can: one write and one read for each.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	prefix string
	head   string
}

func dial(endpoint *scimkit.Endpoint) (*connection, error) {
	base, err := url.Parse(endpoint.URL)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", base.Host)
	if err != nil {
		return nil, err
	}
	head := " HTTP/1.1\r\nHost: " + base.Host + "\r\nAuthorization: Bearer " + endpoint.Token + "\r\nContent-Type: application/scim+json\r\n"
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, 1<<16), prefix: base.Path, head: head}, nil
}

func (c *connection) send(r request) error {
	message := r.method + " " + c.prefix + r.path + c.head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(r.body)) + r.body
	if _, err := io.WriteString(c.conn, message); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != r.status {
		body, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s %s: %s, want %d: %s", r.method, r.path, response.Status, r.status, body)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// pace is how an operation went.
type pace struct {
	rate     float64
	p50, p99 time.Duration
}

var errExhausted = errors.New("nothing left to change")

// run sends requests from a number of workers for some seconds, the next counter says which.
func run(t *testing.T, endpoint *scimkit.Endpoint, o operation, workers int, next *atomic.Int64, duration time.Duration) pace {
	t.Helper()
	took := make([][]time.Duration, workers)
	group, ctx := errgroup.WithContext(t.Context())
	// Each of the measurements of an operation on a store may use up its share of what there is to change.
	last := int(next.Load()) + o.most/3
	begin := time.Now()
	end := begin.Add(duration)
	for i := range workers {
		group.Go(func() error {
			c, err := dial(endpoint)
			if err != nil {
				return err
			}
			defer c.conn.Close()
			for now := time.Now(); now.Before(end) && ctx.Err() == nil; {
				n := int(next.Add(1) - 1)
				if o.most > 0 && n >= last {
					return nil
				}
				if err := c.send(o.request(n)); err != nil {
					return err
				}
				after := time.Now()
				took[i] = append(took[i], after.Sub(now))
				now = after
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	elapsed := time.Since(begin)
	all := slices.Concat(took...)
	if len(all) == 0 {
		t.Fatalf("%s: %v", o.name, errExhausted)
	}
	slices.Sort(all)
	return pace{rate: float64(len(all)) / elapsed.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100]}
}
