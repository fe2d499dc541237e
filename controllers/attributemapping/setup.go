package attributemapping

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// SetupWithManager starts a controller for each kind with the manager. The indexes of package index have to be
// registered. Our own status writes bring no pass.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	for name, l := range map[string]loop{
		"attributemapping":        {r, func() v1alpha1.MappingObject { return &v1alpha1.AttributeMapping{} }},
		"clusterattributemapping": {r, func() v1alpha1.MappingObject { return &v1alpha1.ClusterAttributeMapping{} }},
	} {
		err := ctrl.NewControllerManagedBy(mgr).
			Named(name).
			For(l.empty(), builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
			Watches(&v1alpha1.ScimApp{}, handler.EnqueueRequestsFromMapFunc(mappingsOf(l.empty().MappingKind())),
				builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, progressed))).
			Complete(l)
		if err != nil {
			return fmt.Errorf("setting up the controller %s: %w", name, err)
		}
	}
	return nil
}

// progressed lets through what a rollout goes by, and not each of the many other writes of a ScimApp's status.
var progressed = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*v1alpha1.ScimApp)
	if !ok {
		return false
	}
	after, ok := e.ObjectNew.(*v1alpha1.ScimApp)
	return ok && (!equality.Semantic.DeepEqual(progressOf(before), progressOf(after)) ||
		before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero())
}}

// progress is what a rollout goes by.
type progress struct {
	Applied        []v1alpha1.AppliedMapping
	State          string
	Quarantine     *v1alpha1.QuarantineStatus
	Ready, Stalled bool
}

func progressOf(app *v1alpha1.ScimApp) progress {
	var p progress
	if app.Status.Mappings != nil {
		p.Applied = app.Status.Mappings.Applied
	}
	if app.Status.Job != nil {
		p.State, p.Quarantine = app.Status.Job.State, app.Status.Job.Quarantine
	}
	p.Ready = meta.IsStatusConditionTrue(app.Status.Conditions, v1alpha1.ConditionReady)
	p.Stalled = meta.IsStatusConditionTrue(app.Status.Conditions, v1alpha1.ConditionStalled)
	return p
}

// mappingsOf gives the mappings of the kind that a ScimApp names. After a change it is asked about both versions of the
// ScimApp, so that a mapping that is no longer used hears of it.
func mappingsOf(kind v1alpha1.MappingKind) handler.MapFunc {
	return func(_ context.Context, obj client.Object) []reconcile.Request {
		app, ok := obj.(*v1alpha1.ScimApp)
		if !ok {
			return nil
		}
		var requests []reconcile.Request
		for _, ref := range app.Spec.AttributeMappings {
			key := types.NamespacedName{Namespace: app.Namespace, Name: ref.Name}
			if kind == v1alpha1.KindClusterAttributeMapping {
				key = types.NamespacedName{Name: ref.ClusterName}
			}
			if key.Name != "" {
				requests = append(requests, reconcile.Request{NamespacedName: key})
			}
		}
		return requests
	}
}
