package kit

import (
	"fmt"
	"sync"
	"syscall"
)

// Call is one request of the operator that has taken effect. Name is free of what differs between two worlds, such as
// object IDs, and ends in how often it was made: "PATCH scimapps/wiki/status #2".
type Call struct {
	Name string
	// Nth is how often it had been made by then, this time included.
	Nth   int
	Write bool
	// Cluster is true for a request to the API server, false for one to Graph or its token endpoint.
	Cluster bool
}

// Crash says when an operator ends. The zero value is never.
type Crash struct {
	// After is the name of the call after which the operator is killed.
	After string
	// LostAnswer lets the operator live a little longer: the call took effect and its answer did not arrive, the
	// operator does what it does about that, and is killed after its next write.
	LostAnswer bool
}

// gate is what every request of one operator passes. It counts them, and cuts the operator off when it is to die: from
// then on nothing that it sends takes effect, as after a SIGKILL.
type gate struct {
	crash Crash
	died  chan struct{}

	mu    sync.Mutex
	dead  bool
	dying bool
	seen  map[string]int
	calls []Call
}

func newGate(crash Crash) *gate {
	return &gate{crash: crash, died: make(chan struct{}), seen: map[string]int{}}
}

// errCut is what a client sees whose connection is cut.
var errCut = fmt.Errorf("the test cut the connection: %w", syscall.ECONNRESET)

// enter refuses whatever a dead operator sends.
func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return errCut
	}
	return nil
}

// leave is called when a request has taken effect, and before its answer is delivered. With an error the answer must
// be thrown away.
func (g *gate) leave(call Call) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return errCut
	}
	g.seen[call.Name]++
	call.Nth = g.seen[call.Name]
	call.Name = fmt.Sprintf("%s #%d", call.Name, call.Nth)
	g.calls = append(g.calls, call)
	switch {
	case g.dying && call.Write:
		g.die()
		return errCut
	case call.Name != g.crash.After:
		return nil
	case g.crash.LostAnswer:
		g.dying = true
		return errCut
	default:
		g.die()
		return errCut
	}
}

func (g *gate) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.die()
}

func (g *gate) die() {
	if !g.dead {
		g.dead = true
		close(g.died)
	}
}

func (g *gate) reached() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead || g.dying {
		return nil
	}
	return fmt.Errorf("there were %d other calls", len(g.calls))
}

func (g *gate) list() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}
