package scimapp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/index"
)

// SetupWithManager watches ScimApps, what they are made of and what they refer to. Any change of an annotation brings a
// pass, so that `kubectl annotate scimapp NAME scim-operator.io/reconcile="$(date)" --overwrite` asks for one.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.ScimApp{}, builder.WithPredicates(predicate.Or(
			predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, finalizersChanged))).
		Owns(&appsv1.StatefulSet{}).
		Owns(&appsv1.Deployment{}).
		Owns(&policyv1.PodDisruptionBudget{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ConfigMap{}, builder.WithPredicates(changedByOthers)).
		Owns(&corev1.PersistentVolumeClaim{}).
		Owns(&networkingv1.NetworkPolicy{}).
		Watches(&discoveryv1.EndpointSlice{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Watches(&v1alpha1.AttributeMapping{}, handler.EnqueueRequestsFromMapFunc(r.usersOfMapping), specChanged).
		Watches(&v1alpha1.AttributeMapping{}, handler.EnqueueRequestsFromMapFunc(releasedApps), builder.WithPredicates(releaseChanged)).
		Watches(&v1alpha1.AttributeMapping{}, handler.EnqueueRequestsFromMapFunc(haltedApp), builder.WithPredicates(haltChanged)).
		Watches(&v1alpha1.ClusterAttributeMapping{}, handler.EnqueueRequestsFromMapFunc(haltedApp), builder.WithPredicates(haltChanged)).
		Watches(&v1alpha1.ClusterAttributeMapping{}, handler.EnqueueRequestsFromMapFunc(r.usersOfMapping), specChanged).
		Watches(&v1alpha1.ClusterAttributeMapping{}, handler.EnqueueRequestsFromMapFunc(releasedApps), builder.WithPredicates(releaseChanged)).
		Watches(&v1alpha1.EntraTenant{}, handler.EnqueueRequestsFromMapFunc(r.usersOfTenant),
			builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, tenantTurned))).
		WithOptions(options).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the ScimApp controller: %w", err)
	}
	return nil
}

// finalizersChanged lets the finalizer's own save bring the next pass.
var finalizersChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return !slices.Equal(e.ObjectOld.GetFinalizers(), e.ObjectNew.GetFinalizers())
}}

// changedByOthers leaves out what the operator itself wrote. It notes in the endpoint's configuration how far the database
// has come, and another pass over Graph for each such note would be for nothing.
var changedByOthers = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return e.ObjectOld.GetAnnotations()[apply.AnnotationApplied] == e.ObjectNew.GetAnnotations()[apply.AnnotationApplied]
}}

// tenantTurned lets apps that waited for mended credentials go on at once, and those that were ready say that they cannot
// work any more. A Graph that is down brings no pass: apps find that out by themselves, and must not all rush at it.
var tenantTurned = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return holds(e.ObjectNew, v1alpha1.ConditionReady) && !holds(e.ObjectOld, v1alpha1.ConditionReady) ||
		holds(e.ObjectNew, v1alpha1.ConditionStalled) && !holds(e.ObjectOld, v1alpha1.ConditionStalled)
}}

func holds(obj client.Object, condition string) bool {
	tenant, ok := obj.(*v1alpha1.EntraTenant)
	return ok && meta.IsStatusConditionTrue(tenant.Status.Conditions, condition)
}

// byLabel finds the ScimApp of an EndpointSlice: Kubernetes copies the Service's labels to it.
func byLabel(_ context.Context, obj client.Object) []reconcile.Request {
	name, ok := obj.GetLabels()[v1alpha1.LabelApp]
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: obj.GetNamespace(), Name: name}}}
}

// releaseChanged lets through that a mapping was released to other apps than before.
var releaseChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, after := rolloutOf(e.ObjectOld), rolloutOf(e.ObjectNew)
	return before.Revision != after.Revision || !slices.Equal(before.Released, after.Released)
}}

// haltChanged lets through that a mapping's rollout came to a halt, or goes on.
var haltChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return (rolloutOf(e.ObjectOld).Halt == nil) != (rolloutOf(e.ObjectNew).Halt == nil)
}}

func rolloutOf(obj client.Object) v1alpha1.RolloutStatus {
	m, ok := obj.(v1alpha1.MappingObject)
	if !ok || m.MappingStatus().Rollout == nil {
		return v1alpha1.RolloutStatus{}
	}
	return *m.MappingStatus().Rollout
}

// releasedApps are those that may take the mapping as it is now.
func releasedApps(_ context.Context, obj client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, app := range rolloutOf(obj).Released {
		out = append(out, userOfMapping(obj, app))
	}
	return out
}

// haltedApp is the one because of which the rollout stands still.
func haltedApp(_ context.Context, obj client.Object) []reconcile.Request {
	halt := rolloutOf(obj).Halt
	if halt == nil {
		return nil
	}
	return []reconcile.Request{userOfMapping(obj, halt.App)}
}

// userOfMapping is an app by the name that the mapping's status has for it.
func userOfMapping(obj client.Object, app string) reconcile.Request {
	key := types.NamespacedName{Namespace: obj.GetNamespace(), Name: app}
	if namespace, name, qualified := strings.Cut(app, "/"); qualified {
		key = types.NamespacedName{Namespace: namespace, Name: name}
	}
	return reconcile.Request{NamespacedName: key}
}

func (r *Reconciler) usersOfMapping(ctx context.Context, obj client.Object) []reconcile.Request {
	m, ok := obj.(v1alpha1.MappingObject)
	if !ok {
		return nil
	}
	return requests(index.AppsOfMapping(ctx, r.Client, m))
}

func (r *Reconciler) usersOfTenant(ctx context.Context, obj client.Object) []reconcile.Request {
	return requests(index.AppsOfTenant(ctx, r.Client, obj.GetName()))
}

// requests ignores a failed list: it is answered by the cache, which fails only while the manager ends.
func requests(apps []v1alpha1.ScimApp, err error) []reconcile.Request {
	if err != nil {
		return nil
	}
	out := make([]reconcile.Request, 0, len(apps))
	for i := range apps {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&apps[i])})
	}
	return out
}
