package entratenant

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
// changes of a spec or of an annotation, and objects that come or go, bring a pass: our own status writes do not.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("entratenant").
		For(&v1alpha1.EntraTenant{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		Watches(&v1alpha1.ScimApp{}, handler.EnqueueRequestsFromMapFunc(tenantOf), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(r)
}

// tenantOf gives the EntraTenant that a ScimApp uses, whose status.usedBy names it.
func tenantOf(_ context.Context, obj client.Object) []reconcile.Request {
	app, ok := obj.(*v1alpha1.ScimApp)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: app.Spec.TenantRef.Name}}}
}
