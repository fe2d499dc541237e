//go:build bench

package perf

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// connection sends one request after the other, as bytes, and reads as much of the answers as it has to.
type connection struct {
	file   *os.File
	fd     int
	prefix string
	head   string
	// wants is the status that the answer to the request under way is to have.
	wants int
	sent  time.Time
	// buffer has what came so far; read is how much that is.
	buffer []byte
	read   int
	took   []time.Duration
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
	defer conn.Close()
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return nil, err
	}
	head := " HTTP/1.1\r\nHost: " + base.Host + "\r\nAuthorization: Bearer " + endpoint.Token + "\r\nContent-Type: application/scim+json\r\nContent-Length: "
	return &connection{file: file, fd: int(file.Fd()), prefix: base.Path, head: head, buffer: make([]byte, 1<<16)}, nil
}

func (c *connection) send(r request) error {
	message := r.method + " " + c.prefix + r.path + c.head + strconv.Itoa(len(r.body)) + "\r\n\r\n" + r.body
	c.wants, c.read, c.sent = r.status, 0, time.Now()
	_, err := unix.Write(c.fd, []byte(message))
	return err
}

var errClosed = errors.New("the endpoint closed the connection")

// receive reads what has come; done is true when that is all of the answer.
func (c *connection) receive() (done bool, err error) {
	n, err := unix.Read(c.fd, c.buffer[c.read:])
	if err != nil {
		return false, err
	}
	if n == 0 {
		return false, errClosed
	}
	c.read += n
	answer := c.buffer[:c.read]
	head, body, whole := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !whole {
		return false, nil
	}
	length := 0
	if _, rest, ok := bytes.Cut(head, []byte("\r\nContent-Length: ")); ok {
		text, _, _ := bytes.Cut(rest, []byte("\r\n"))
		if length, err = strconv.Atoi(string(text)); err != nil {
			return false, err
		}
	}
	if len(body) < length {
		return false, nil
	}
	if status := fmt.Sprintf("HTTP/1.1 %d ", c.wants); !bytes.HasPrefix(answer, []byte(status)) {
		return false, fmt.Errorf("want %d, got:\n%s", c.wants, answer)
	}
	c.took = append(c.took, time.Since(c.sent))
	return true, nil
}

// pace is how an operation went.
type pace struct {
	rate     float64
	p50, p99 time.Duration
}

var errExhausted = errors.New("nothing left to change")

// load is one measurement. All its connections are served by one thread, as those of pgbench are: the generator has the
// processors in common with what it measures.
type load struct {
	operation operation
	// next says which request comes next, and last where to stop.
	next *atomic.Int64
	last int
	end  time.Time
}

// run sends requests over a number of connections for some seconds.
func run(t *testing.T, endpoint *scimkit.Endpoint, o operation, workers int, next *atomic.Int64, duration time.Duration) pace {
	t.Helper()
	var connections []*connection
	defer func() {
		for _, c := range connections {
			_ = c.file.Close() // it was only read from
		}
	}()
	for range workers {
		c, err := dial(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		connections = append(connections, c)
	}
	begin := time.Now()
	// Each of the measurements of an operation on a store may use up its share of what there is to change.
	l := load{operation: o, next: next, last: int(next.Load()) + o.most/3, end: begin.Add(duration)}
	if err := l.run(connections); err != nil {
		t.Fatalf("%s: %v", o.name, err)
	}
	elapsed := time.Since(begin)
	var all []time.Duration
	for _, c := range connections {
		all = append(all, c.took...)
	}
	if len(all) == 0 {
		t.Fatalf("%s: %v", o.name, errExhausted)
	}
	slices.Sort(all)
	return pace{rate: float64(len(all)) / elapsed.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100]}
}

func (l load) run(connections []*connection) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	polled := make([]unix.PollFd, len(connections))
	busy := 0
	for i, c := range connections {
		polled[i] = unix.PollFd{Fd: -1, Events: unix.POLLIN}
		if request, ok := l.request(); ok {
			polled[i].Fd = int32(c.fd)
			busy++
			if err := c.send(request); err != nil {
				return err
			}
		}
	}
	for busy > 0 {
		if _, err := unix.Poll(polled, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for i, c := range connections {
			if polled[i].Revents == 0 {
				continue
			}
			done, err := c.receive()
			if err != nil {
				return err
			}
			if !done {
				continue
			}
			request, ok := l.request()
			if !ok {
				polled[i].Fd, polled[i].Revents = -1, 0
				busy--
				continue
			}
			if err := c.send(request); err != nil {
				return err
			}
		}
	}
	return nil
}

// request returns the next one, unless it is time to end or nothing is left to change.
func (l load) request() (request, bool) {
	if !time.Now().Before(l.end) {
		return request{}, false
	}
	n := int(l.next.Add(1) - 1)
	if l.operation.most > 0 && n >= l.last {
		return request{}, false
	}
	return l.operation.request(n), true
}
