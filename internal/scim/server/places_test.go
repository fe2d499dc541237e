package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// slowly asks for a path with the read token and takes nothing of the answer until the test ends.
func slowly(t *testing.T, e *running, path string) {
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL+path, nil)
		if err != nil {
			t.Error(err)
			return
		}
		request.Header.Set("Authorization", "Bearer "+e.ReadToken)
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			<-ctx.Done()
			_ = response.Body.Close()
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-answered
	})
}

// TestX12SlowReadersLeaveConnectionsForWrites has more slow readers of a large group than there are connections.
func TestX12SlowReadersLeaveConnectionsForWrites(t *testing.T) {
	const connections, readers, clients = 4, 2, 8
	full := &crowded{members: 2_000_000, failAfter: -1}
	e := startOn(t, func(t testing.TB) (store.Store, error) {
		return postgres.Open(t.Context(), fmt.Sprintf("%s&pool_max_conns=%d", pgtest.Database(t), connections))
	}, func(o *server.Options) {
		full.Store, o.Store, o.Readers = o.Store, full, readers
	})
	_, body := send(t, e, "POST", "/Groups?attributes=id", `{"displayName":"G"}`, nil)
	id := idOf(t, body)
	for range clients {
		slowly(t, e, "/Groups/"+id)
	}
	scimtest.Eventually(t, "the readers hold what they may", func() bool { return full.views.Load() >= readers })
	for n := range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/Users", bytes.NewBufferString(fmt.Sprintf(`{"userName":"u%d"}`, n)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+e.Token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			cancel()
			t.Fatalf("a write waits for readers: %v", err)
		}
		_ = response.Body.Close()
		cancel()
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("a write beside readers: status %d", response.StatusCode)
		}
	}
	if n := full.views.Load(); n > readers {
		t.Errorf("%d readers are at work, want %d at most", n, readers)
	}
}

// TestX12EachPartOfALongAnswerHasItsDeadline: a client that takes nothing more must not hold a connection to the store
// for as long as a request may take.
func TestX12EachPartOfALongAnswerHasItsDeadline(t *testing.T) {
	full := &crowded{members: 20_000, failAfter: -1}
	e := start(t, func(o *server.Options) {
		full.Store, o.Store = o.Store, full
	})
	_, body := send(t, e, "POST", "/Groups?attributes=id", `{"displayName":"G"}`, nil)
	before := time.Now()
	answer, _ := ask(t, e, "GET", "/Groups/"+idOf(t, body), "")
	if answer.writes < 10 || len(answer.deadlines) != answer.writes {
		t.Fatalf("%d parts have %d deadlines", answer.writes, len(answer.deadlines))
	}
	for _, deadline := range answer.deadlines {
		if deadline.Before(before) || deadline.After(time.Now().Add(10*time.Second)) {
			t.Errorf("a part may be taken until %v after the request", deadline.Sub(before))
		}
	}
}
