package kit

import (
	"testing"
)

// AddNamespace makes a further namespace of the world, with an endpoint of its own for the sample's app, and gives the
// world as it is seen from there: Namespace, and all that is about an app, are those of that namespace. It is for use
// before the first operator starts, and operators are started from the world that this was called on.
func (w *World) AddNamespace(t testing.TB, name string) *World {
	t.Helper()
	there := *w
	there.Namespace = name + w.suffix
	if err := w.cluster.createNamespace(t.Context(), there.Namespace); err != nil {
		t.Fatal(err)
	}
	w.further = append(w.further, there.Namespace)
	there.Endpoint = w.startEndpoint(t)
	there.kubelet = startKubelet(t, w.cluster, there.Namespace, there.Endpoint)
	return &there
}

// namespaces are all those of the world that ScimApps may be in.
func (w *World) namespaces() []string { return append([]string{w.Namespace}, w.further...) }
