package kit

import (
	"context"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// graphWay is one operator's own way to the simulator: TLS to a listener that only this operator knows, so that its
// requests can be told from those of the operator before and after it.
type graphWay struct {
	entra.Connector
	url string
	ca  []byte
}

// startGraphWay serves the simulator behind the gate until the test ends.
func startGraphWay(t testing.TB, sim *entrasim.Server, g *gate) *graphWay {
	t.Helper()
	server := httptest.NewUnstartedServer(gated(sim.Handler(), g))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return &graphWay{Connector: connector, url: server.URL, ca: certificate}
}

// Connect goes to the listener instead of the address that the EntraTenant names; all else is as it says.
func (w *graphWay) Connect(ctx context.Context, c entra.Connection) (entra.Directory, error) {
	c.GraphURL, c.AuthorityURL, c.CABundle = w.url, w.url, w.ca
	return w.Connector.Connect(ctx, c)
}

// Caller makes this process somebody who may read the world's Entra, by the environment variables of the Azure SDK, and gives the
// way there. A test with it cannot be parallel.
func (w *World) Caller(t testing.TB) entra.Connector {
	t.Helper()
	tenant := &v1alpha1.EntraTenant{}
	w.sample(t, "entratenant.yaml", tenant)
	t.Setenv("AZURE_TENANT_ID", string(tenant.Spec.TenantID))
	t.Setenv("AZURE_CLIENT_ID", w.clientID(t))
	t.Setenv("AZURE_CLIENT_SECRET", w.clientSecret)
	return startGraphWay(t, w.Sim, newGate(Crash{}))
}

func gated(inner http.Handler, g *gate) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.enter() != nil {
			panic(http.ErrAbortHandler) // net/http cuts the connection without a word
		}
		call := graphCall(r)
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		if g.leave(call) != nil {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // the client is gone; there is nobody to tell
	})
}
