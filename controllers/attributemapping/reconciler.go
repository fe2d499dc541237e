package attributemapping

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/index"
)

// Reconciler keeps the status of AttributeMappings.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
}

// +kubebuilder:rbac:groups=scim-operator.io,resources=attributemappings,verbs=get;list;watch
// +kubebuilder:rbac:groups=scim-operator.io,resources=attributemappings/status,verbs=patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile makes one pass over one AttributeMapping: get, judge, users, one status patch. All that it depends on is in the
// cluster and watched, so it never asks to come back.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	m := &v1alpha1.AttributeMapping{}
	if err := r.Client.Get(ctx, req.NamespacedName, m); err != nil || !m.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	apps, err := index.AppsOfMapping(ctx, r.Client, req.NamespacedName)
	if err != nil {
		return ctrl.Result{}, err
	}
	original := m.DeepCopy()
	m.Status.ObservedGeneration = m.Generation
	m.Status.UsedBy = index.UsedBy(apps, func(app v1alpha1.ScimApp) string { return app.Name })
	judge(m)
	return ctrl.Result{}, r.save(ctx, m, original)
}

// save writes the status if it has changed, and records an event if Ready has.
func (r *Reconciler) save(ctx context.Context, m, original *v1alpha1.AttributeMapping) error {
	if equality.Semantic.DeepEqual(m.Status, original.Status) {
		return nil
	}
	ready, eventType, changed := conditions.ReadyChanged(original.Status.Conditions, m.Status.Conditions)
	if err := r.Client.Status().Patch(ctx, m, client.MergeFrom(original), client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return fmt.Errorf("saving the status: %w", err)
	}
	if changed {
		r.Events.Eventf(m, nil, eventType, ready.Reason, "Reconcile", "%s", ready.Message)
	}
	return nil
}
