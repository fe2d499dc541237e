package endpoint_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

// TestAnOutageOfTheDatabaseIsPassedOnAsSuchAndEndsByItself: nothing but 503 with Retry-After, for Entra takes other
// errors for a rejection, and no restart of the endpoint.
func TestAnOutageOfTheDatabaseIsPassedOnAsSuchAndEndsByItself(t *testing.T) {
	server := pgtest.NewServer(t)
	token, hashes := auth.NewToken(), filepath.Join(t.TempDir(), "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String()+" id=entra\n")
	r := startReplica(t, server.Database(t), hashes, 0)
	l := startLoad(t, func() string { return token }, r)
	ready := func() int {
		code, _ := get(t, "http://"+r.ManagementAddr()+"/readyz", "")
		return code
	}
	for _, mode := range []string{"fast", "immediate"} {
		l.more(t, 30)
		if err := server.Stop(mode); err != nil {
			t.Fatal(err)
		}
		scimtest.Eventually(t, "it is not ready", func() bool { return ready() == http.StatusServiceUnavailable })
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		scimtest.Eventually(t, "it is ready again", func() bool { return ready() == http.StatusOK })
	}
	l.more(t, 30)
	l.end(t, http.StatusServiceUnavailable)
	if l.statuses[http.StatusServiceUnavailable] == 0 || l.hasty > 0 {
		t.Errorf("%d answers were 503, %d of them without Retry-After", l.statuses[http.StatusServiceUnavailable], l.hasty)
	}
	if err := r.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("shutting down: %v", err)
	}
}
