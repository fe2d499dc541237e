package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

func TestX12N4AReaderThatFindsNoPlaceIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{places: newPlaces(1)}
		reader := &call{r: httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), identity: auth.Identity{Scope: auth.Read}}
		writer := &call{r: reader.r, identity: auth.Identity{Scope: auth.Write}}
		if err := errors.Join(s.begin(reader), s.begin(writer)); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		refusal, ok := errors.AsType[*scimerr.Error](s.begin(reader))
		if waited := time.Since(began); !ok || refusal.Status != http.StatusServiceUnavailable || waited != maxQueued {
			t.Errorf("after %v the answer is %v, want 503 after %v", waited, refusal, maxQueued)
		}
		go func() {
			<-time.After(time.Second)
			s.end(reader)
		}()
		if err := s.begin(reader); err != nil {
			t.Errorf("who waits for a place that is given back gets %v", err)
		}
		s.end(reader)
		s.end(writer)
		if len(s.places.all)+len(s.places.readers) != 0 {
			t.Error("places were not given back")
		}
	})
}
