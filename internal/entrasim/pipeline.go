package entrasim

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
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
	operation, clientID := s.operation(r), s.clientID(r)
	fault := s.faults.Hit(faults.Request{Target: faults.TargetGraph, Method: r.Method, Path: r.URL.Path, Operation: operation,
		ClientID: clientID})
	if fault == nil {
		fault = &faults.Rule{}
	}
	wait(r.Context(), time.Duration(fault.Delay))
	answer := s.answer(r, clientID, fault, inner)
	s.checkShape(operation, answer)
	if fault.Status != 0 {
		answer.replace(fault)
	}
	entry := s.record(r, operation, clientID, fault, answer)
	s.hookMu.RLock()
	hook := s.hook
	s.hookMu.RUnlock()
	if hook != nil {
		hook(entry)
	}
	if fault.BreakTLS {
		breakTLS(r)
	}
	if fault.DropBefore || fault.DropAfter {
		panic(http.ErrAbortHandler) // net/http cuts the connection without a word
	}
	answer.flush(w, r)
}

// answer lets a request take effect, as far as the fault has it, and returns what came of it.
func (s *Server) answer(r *http.Request, clientID string, fault *faults.Rule, inner http.Handler) *buffer {
	answer := &buffer{header: http.Header{}, status: http.StatusOK}
	if !fault.TakesEffect() {
		return answer
	}
	if fault.StaleRead {
		if stale := s.answers.get(readKey(clientID, r)); stale != nil {
			return stale
		}
	}
	inner.ServeHTTP(answer, r)
	if r.Method != http.MethodGet {
		s.changed.Store(true)
	} else if clientID != "" {
		s.answers.put(readKey(clientID, r), answer)
	}
	if fault.ReplicateLate > 0 {
		s.tenant.HoldBack(answer.made(), time.Duration(fault.ReplicateLate))
	}
	return answer
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
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

// clientID is the client whose valid token the request bears; empty without one.
func (s *Server) clientID(r *http.Request) string {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !graphapi.Handles(r.URL.Path) {
		return ""
	}
	claims, err := s.issuer.Verify(bearer)
	if err != nil {
		return ""
	}
	return claims.AppID
}

func (s *Server) record(r *http.Request, operation, clientID string, fault *faults.Rule, answer *buffer) JournalEntry {
	entry := JournalEntry{Time: s.clock.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Operation: operation,
		Status: answer.status, ClientID: clientID, Fault: fault.ID}
	entry.ResourceUnits, _ = strconv.Atoi(answer.header.Get("x-ms-resource-unit"))
	entry.Throttled = answer.header.Get("x-ms-throttle-scope") != ""
	if fault.DropBefore || fault.DropAfter || fault.BreakTLS {
		entry.Status = 0
	}
	entry.Write = graphapi.Handles(r.URL.Path) && r.Method != http.MethodGet && !slices.Contains(readingPosts, operation)
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

// made are the object IDs in an answer to a creation: of what was made, or of each part of it.
func (b *buffer) made() []string {
	var object map[string]any
	if b.status != http.StatusCreated || json.Unmarshal(b.body.Bytes(), &object) != nil {
		return nil
	}
	var ids []string
	for _, o := range []any{object, object["application"], object["servicePrincipal"]} {
		part, _ := o.(map[string]any)
		if id, ok := part["id"].(string); ok {
			ids = append(ids, id)
		}
	}
	return ids
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
