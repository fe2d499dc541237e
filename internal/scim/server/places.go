package server

import (
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

const (
	// maxConcurrent is how many SCIM requests are worked on at once; others wait.
	maxConcurrent = 512
	// chunkTimeout is how long a client may take for each part of an answer that is streamed: meanwhile it holds a
	// connection to the store.
	chunkTimeout = 10 * time.Second
)

// places are taken by requests at work.
type places struct {
	all chan struct{}
	// readers are taken besides by requests of tokens that only read, so that however many and however slow they are,
	// places and connections to the store are left for the others.
	readers chan struct{}
}

func newPlaces(readers int) places {
	return places{all: make(chan struct{}, maxConcurrent), readers: make(chan struct{}, readers)}
}

// begin waits until there are few enough requests at work. The request then has to end.
func (s *Server) begin(c *call) error {
	if c.identity.Scope == auth.Read {
		if err := s.places.beginReading(c); err != nil {
			return err
		}
	}
	select {
	case s.places.all <- struct{}{}:
		return nil
	case <-c.r.Context().Done():
		s.places.endReading(c)
		return c.r.Context().Err()
	}
}

// end gives the place back.
func (s *Server) end(c *call) {
	<-s.places.all
	s.places.endReading(c)
}

// beginReading queues as long as a request of a token that asks too often does, and refuses then (N-4).
func (p places) beginReading(c *call) error {
	timer := time.NewTimer(maxQueued)
	defer timer.Stop()
	select {
	case p.readers <- struct{}{}:
		return nil
	case <-timer.C:
		return scimerr.New(http.StatusServiceUnavailable, "tokens with scope read have as many requests at work as they may: send it again")
	case <-c.r.Context().Done():
		return c.r.Context().Err()
	}
}

func (p places) endReading(c *call) {
	if c.identity.Scope == auth.Read {
		<-p.readers
	}
}
