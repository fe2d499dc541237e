package crash

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// deaths are the moments of one life at which the process is killed, in their order. Each has taken effect in Entra, and
// its answer never arrives.
var deaths = []string{"instantiate", "updateApplication", "createJob", "putSecrets", "putSchema", "createAppRoleAssignedTo", "startJob"}

func TestOneLifeOfAProcessThatIsKilledAgainAndAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("it links the operator's binary and lives in real time")
	}
	binary := cluster.BuildManager(t)
	w := cluster.NewWorld(t, func(o *entrasim.Options) { o.Now = time.Now })
	if err := w.Sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Sim.Close)
	m := w.Manifests(t)
	m.Tenant.Spec.Custom.GraphURL, m.Tenant.Spec.Custom.AuthorityURL = w.Sim.URL, w.Sim.URL
	m.Tenant.Spec.Custom.CABundle = string(w.Sim.CAPEM)
	w.Apply(t, m)

	for _, death := range deaths {
		reached, dead := make(chan struct{}), make(chan struct{})
		var once sync.Once
		w.Sim.OnRequest(func(e entrasim.JournalEntry) {
			if e.Operation == death && e.Status < http.StatusBadRequest {
				once.Do(func() { close(reached); <-dead })
			}
		})
		process := w.StartProcess(t, binary)
		kit.Eventually(t, "the operator comes to "+death, func() error { return closed(reached) })
		process.Kill()
		close(dead)
	}
	w.Sim.OnRequest(nil)
	w.StartProcess(t, binary)
	w.ExpectReady(t)
	expectOne(t, w)
}

var errNotYet = errors.New("it is not there yet")

func closed(c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	default:
		return errNotYet
	}
}
