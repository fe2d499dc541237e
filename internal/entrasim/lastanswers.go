package entrasim

import (
	"maps"
	"net/http"
	"slices"
	"sync"
)

// keptAnswers bounds what is remembered for stale reads; the oldest answers go first.
const keptAnswers = 1000

// lastAnswers remembers how reads were answered last, for faults that answer with what was true then. It is safe for
// concurrent use.
type lastAnswers struct {
	mu    sync.Mutex
	order []string
	byKey map[string]*buffer
}

// put remembers the answer to a read.
func (l *lastAnswers) put(key string, answer *buffer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = map[string]*buffer{}
	}
	if _, known := l.byKey[key]; !known {
		l.order = append(l.order, key)
	}
	l.byKey[key] = answer.clone()
	if len(l.order) > keptAnswers {
		delete(l.byKey, l.order[0])
		l.order = slices.Delete(l.order, 0, 1)
	}
}

// get returns the answer to a read as it was given last; nil when it never was.
func (l *lastAnswers) get(key string) *buffer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer := l.byKey[key]; answer != nil {
		return answer.clone()
	}
	return nil
}

func (b *buffer) clone() *buffer {
	c := &buffer{header: maps.Clone(b.header), status: b.status}
	c.body.Write(b.body.Bytes())
	return c
}

// readKey names a read by who asks for what.
func readKey(clientID string, r *http.Request) string {
	return clientID + " " + r.Host + r.URL.RequestURI()
}
