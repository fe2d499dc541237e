package attributemapping

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// SetupWithManager starts the controller with the manager. The indexes of package index have to be registered. Only
// changes of a spec, and objects that come or go, bring a pass: our own status writes do not.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("attributemapping").
		For(&v1alpha1.AttributeMapping{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.ScimApp{}, handler.EnqueueRequestsFromMapFunc(mappingsOf), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(r)
}

// mappingsOf gives the AttributeMappings that a ScimApp names. After a change it is asked about both versions of the
// ScimApp, so that a mapping that is no longer used hears of it.
func mappingsOf(_ context.Context, obj client.Object) []reconcile.Request {
	app, ok := obj.(*v1alpha1.ScimApp)
	if !ok {
		return nil
	}
	requests := make([]reconcile.Request, 0, len(app.Spec.AttributeMappings))
	for _, ref := range app.Spec.AttributeMappings {
		requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: app.Namespace, Name: ref.Name}})
	}
	return requests
}
