package throttle

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Throttle counts what clients ask for. It is safe for concurrent use. Time is real, not virtual: a client that is told to
// wait waits by its own clock.
type Throttle struct {
	now             func() time.Time
	synchronization int

	mu      sync.Mutex
	windows map[key]*window
}

type key struct{ client, limit string }

type window struct {
	Usage
	began time.Time
	used  int
}

// New returns a Throttle with the published limits; now is the clock. synchronization is a limit in ten seconds for what has
// no published one, 0 for none.
func New(now func() time.Time, synchronization int) *Throttle {
	return &Throttle{now: now, synchronization: synchronization, windows: map[key]*window{}}
}

// Verdict is what becomes of a request.
type Verdict struct {
	// Share of the limit that is closest to its end; above 1 the request is refused.
	Share float64
	// RetryAfter is above 0 for a refused request.
	RetryAfter time.Duration
	// Information names the limit of a refused request.
	Information string
}

// Refused says whether the request must not take effect.
func (v Verdict) Refused() bool { return v.RetryAfter > 0 }

// Admit counts one request of a client against each limit that it concerns, in a directory with so many users. A refused
// request counts too.
func (t *Throttle) Admit(client string, users int, cost Cost) Verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, verdict := t.now(), Verdict{}
	for _, l := range published(users, t.synchronization) {
		amount := l.amount(cost)
		if amount == 0 {
			continue
		}
		holder := client
		if l.perTenant {
			holder = ""
		}
		w := t.window(key{holder, l.name}, l, now)
		w.used += amount
		w.Peak = max(w.Peak, w.used)
		verdict.Share = max(verdict.Share, float64(w.used)/float64(l.most))
		if w.used <= l.most {
			continue
		}
		w.Refused++
		// The longest wait counts: another limit may be over as well.
		if wait := w.began.Add(l.window).Sub(now); wait > verdict.RetryAfter {
			verdict.RetryAfter, verdict.Information = wait, l.information
		}
	}
	return verdict
}

func (t *Throttle) window(k key, l limit, now time.Time) *window {
	w := t.windows[k]
	if w == nil {
		w = &window{Usage: Usage{ClientID: k.client, Limit: l.name, Seconds: int(l.window.Seconds())}}
		t.windows[k] = w
	}
	w.Most = l.most
	if now.Sub(w.began) >= l.window {
		w.began, w.used = now, 0
	}
	return w
}

// Usage is how close a client came to a limit.
type Usage struct {
	ClientID string `json:"clientID"` // empty: the limit of the whole tenant
	Limit    string `json:"limit"`
	Seconds  int    `json:"seconds"` // length of the window
	Most     int    `json:"most"`    // allowed in a window
	Peak     int    `json:"peak"`    // the most that was asked for in one, refused requests included
	Refused  int    `json:"refused"` // requests that were answered 429
}

// Report lists what was used of each limit so far.
func (t *Throttle) Report() []Usage {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []Usage{}
	for _, w := range t.windows {
		out = append(out, w.Usage)
	}
	slices.SortFunc(out, func(a, b Usage) int {
		return cmp.Or(cmp.Compare(a.ClientID, b.ClientID), cmp.Compare(a.Limit, b.Limit))
	})
	return out
}
