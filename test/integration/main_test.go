package integration

import (
	"errors"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

var cluster *kit.Cluster

func TestMain(m *testing.M) { kit.Main(m, &cluster) }

// ready gives a world whose ScimApp is Ready, with its operator running.
func ready(t *testing.T, change ...func(*entrasim.Options)) (*kit.World, *kit.Operator) {
	t.Helper()
	w := cluster.NewWorld(t, change...)
	w.Apply(t, w.Manifests(t))
	o := w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	return w, o
}

// steady gives a world whose job has finished its initial cycle.
func steady(t *testing.T) (*kit.World, *kit.Operator) {
	t.Helper()
	w, o := ready(t)
	w.Cycle(t)
	w.ExpectReason(t, "Provisioning")
	w.Look(t) // the pass that has just saved that may count as the next one
	// What a pass saves of the endpoint's database, the next one tells the endpoint.
	kit.Eventually(t, "a pass writes nothing", func() error {
		before := len(o.Writes())
		w.Look(t)
		if len(o.Writes()) != before {
			return errNotYet
		}
		return nil
	})
	return w, o
}

var errNotYet = errors.New("not yet")

func keyOf(obj client.Object) client.ObjectKey { return client.ObjectKeyFromObject(obj) }
