package entrasim

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
	"github.com/scim-operator/scim-operator/internal/entrasim/graphapi"
	"github.com/scim-operator/scim-operator/internal/entrasim/journal"
)

// readingPosts are the operations that are POST requests and change nothing.
var readingPosts = []string{"validateCredentials", "validateJobCredentials", "parseExpression", "batch"}

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
	s.checkShape(operation, answer)
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
	answer.flush(w, r)
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
	entry.ResourceUnits, _ = strconv.Atoi(answer.header.Get("x-ms-resource-unit"))
	entry.Throttled = answer.header.Get("x-ms-throttle-scope") != ""
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

// flush sends the answer, compressed when the client takes it and it is worth the while.
func (b *buffer) flush(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), b.header)
	body := b.body.Bytes()
	if len(body) > smallest && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write(body) // writing to memory does not fail
		_ = zip.Close()
		body = packed.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
	}
	w.WriteHeader(b.status)
	if b.status != http.StatusNoContent {
		_, _ = w.Write(body) // the client is gone; there is nobody to tell
	}
}

// smallest is the length of an answer from which on it is compressed.
const smallest = 1400
