package entrasim

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
	"github.com/scim-operator/scim-operator/internal/entrasim/graphapi"
	"github.com/scim-operator/scim-operator/internal/entrasim/journal"
)

// readingPosts are the operations that are POST requests and change nothing.
var readingPosts = []string{"validateCredentials", "validateJobCredentials", "parseExpression"}

// Handler serves Graph and the token endpoint, with faults and journal around them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.issuer.Register(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := http.Handler(mux)
		if graphapi.Handles(r.URL.Path) {
			inner = s.graph
		}
		s.handle(w, r, inner)
	})
}

// handle takes one request through fault, effect, journal and hook to its answer.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, inner http.Handler) {
	operation := s.operation(r)
	fault := s.faults.Hit(r.Method, r.URL.Path, operation)
	if fault == nil {
		fault = &faults.Rule{}
	}
	wait(r, time.Duration(fault.Delay))
	answer := &buffer{header: http.Header{}, status: http.StatusOK}
	if !fault.DropBefore && (fault.Status == 0 || fault.AfterEffect) {
		inner.ServeHTTP(answer, r)
	}
	if fault.Status != 0 {
		answer.replace(fault)
	}
	entry := s.record(r, operation, fault, answer)
	s.hookMu.RLock()
	hook := s.hook
	s.hookMu.RUnlock()
	if hook != nil {
		hook(entry)
	}
	if fault.DropBefore || fault.DropAfter {
		panic(http.ErrAbortHandler) // net/http cuts the connection without a word
	}
	answer.flush(w)
}

func wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func (s *Server) operation(r *http.Request) string {
	switch {
	case graphapi.Handles(r.URL.Path):
		return s.graph.Operation(r)
	case strings.HasSuffix(r.URL.Path, "/token"):
		return journal.OperationToken
	default:
		return journal.OperationDiscovery
	}
}

func (s *Server) record(r *http.Request, operation string, fault *faults.Rule, answer *buffer) JournalEntry {
	entry := JournalEntry{Time: s.clock.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Operation: operation,
		Status: answer.status, Fault: fault.ID}
	if fault.DropBefore || fault.DropAfter {
		entry.Status = 0
	}
	if graphapi.Handles(r.URL.Path) {
		entry.Write = r.Method != http.MethodGet && !slices.Contains(readingPosts, operation)
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			if claims, err := s.issuer.Verify(bearer); err == nil {
				entry.ClientID = claims.AppID
			}
		}
	}
	return s.journal.Add(entry)
}

// buffer holds an answer back until it is decided whether the client gets it.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header            { return b.header }
func (b *buffer) WriteHeader(status int)         { b.status = status }
func (b *buffer) Write(data []byte) (int, error) { return b.body.Write(data) }
func (b *buffer) replace(fault *faults.Rule) {
	b.header, b.status = http.Header{"Content-Type": {"application/json"}}, fault.Status
	for name, value := range fault.Headers {
		b.header.Set(name, value)
	}
	b.body.Reset()
	b.body.WriteString(fault.Body)
}

func (b *buffer) flush(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	w.WriteHeader(b.status)
	if b.status != http.StatusNoContent {
		_, _ = w.Write(b.body.Bytes()) // the client is gone; there is nobody to tell
	}
}
