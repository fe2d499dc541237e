package journal

import (
	"slices"
	"sync"
	"time"
)

// Entry is one request.
type Entry struct {
	Sequence  int       `json:"sequence"` // from 1
	Time      time.Time `json:"time"`     // virtual
	Method    string    `json:"method"`
	Path      string    `json:"path"`      // without the query
	Query     string    `json:"query"`     // as sent
	Operation string    `json:"operation"` // name of the Graph operation; token for the token endpoint
	Status    int       `json:"status"`    // what the client got; 0 when the connection was cut
	Write     bool      `json:"write"`     // a request that can change something in Graph
	ClientID  string    `json:"clientID"`  // empty without a valid token
	Fault     string    `json:"fault,omitempty"`

	ResourceUnits int  `json:"resourceUnits,omitempty"` // what the request counted for
	Throttled     bool `json:"throttled,omitempty"`     // refused by a published limit, not by a fault
}

// Journal keeps the requests in order. It is safe for concurrent use.
type Journal struct {
	mu      sync.Mutex
	total   int
	entries []Entry
}

// kept bounds the journal; the oldest entries go first.
const kept = 100000

// Add appends a request and returns it with its sequence number.
func (j *Journal) Add(e Entry) Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.total++
	e.Sequence = j.total
	j.entries = append(j.entries, e)
	if over := len(j.entries) - kept; over > 0 {
		j.entries = slices.Delete(j.entries, 0, over)
	}
	return e
}

// Entries returns the requests whose sequence number is above after, oldest first.
func (j *Journal) Entries(after int) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := []Entry{}
	for _, e := range j.entries {
		if e.Sequence > after {
			out = append(out, e)
		}
	}
	return out
}

// Counts sums requests up.
type Counts struct {
	Total       int            `json:"total"`
	Reads       int            `json:"reads"`
	Writes      int            `json:"writes"`
	Throttled   int            `json:"throttled"`     // refused by the published limits
	Units       int            `json:"resourceUnits"` // of the directory
	Last        int            `json:"last"`          // sequence number of the newest request; pass it as after
	ByOperation map[string]int `json:"byOperation"`
	ByStatus    map[int]int    `json:"byStatus"`
}

// Counts sums up the requests whose sequence number is above after. Token requests are neither reads nor writes.
func (j *Journal) Counts(after int) Counts {
	c := Counts{Last: after, ByOperation: map[string]int{}, ByStatus: map[int]int{}}
	for _, e := range j.Entries(after) {
		c.Total++
		c.Last = e.Sequence
		c.ByOperation[e.Operation]++
		c.ByStatus[e.Status]++
		c.Units += e.ResourceUnits
		if e.Throttled {
			c.Throttled++
		}
		switch {
		case e.Write:
			c.Writes++
		case e.Operation != OperationToken && e.Operation != OperationDiscovery:
			c.Reads++
		}
	}
	return c
}

// Operations that are no Graph calls.
const (
	OperationToken     = "token"
	OperationDiscovery = "discovery"
)
