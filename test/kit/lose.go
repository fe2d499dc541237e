package kit

import (
	"context"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// LoseCluster makes the world's cluster forget everything, as if it had burnt down: manifests, status, finalizers,
// Secrets, and all that the operator made. What Entra has stays. No operator may be running.
func (w *World) LoseCluster(t testing.TB) {
	t.Helper()
	w.lose(t.Context(), t)
}

func (w *World) lose(ctx context.Context, t testing.TB) {
	t.Helper()
	w.rememberTokens(ctx, t)
	objects := w.owned(ctx, t)
	for _, list := range []client.ObjectList{
		&appsv1.StatefulSetList{}, &appsv1.DeploymentList{}, &policyv1.PodDisruptionBudgetList{}, &corev1.ServiceList{}, &corev1.ConfigMapList{}, &corev1.PersistentVolumeClaimList{},
		&networkingv1.NetworkPolicyList{}, &corev1.SecretList{},
	} {
		for _, namespace := range append(w.namespaces(), w.OperatorNamespace) {
			w.list(ctx, t, list, client.InNamespace(namespace))
			objects = append(objects, objectsOf(t, list)...)
		}
	}
	for _, obj := range objects {
		if err := w.Client.Delete(ctx, obj); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
		forget := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
		if err := w.Client.Patch(ctx, obj, forget); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
	}
}
