package attributemapping

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// Reconciler keeps the status of AttributeMappings and ClusterAttributeMappings.
type Reconciler struct {
	Client client.Client
	Events events.EventRecorder
	Clock  clock.PassiveClock
}

// loop is the controller of one kind.
type loop struct {
	*Reconciler
	empty func() v1alpha1.MappingObject
}

// +kubebuilder:rbac:groups=scim-operator.io,resources=attributemappings;clusterattributemappings,verbs=get;list;watch
// +kubebuilder:rbac:groups=scim-operator.io,resources=attributemappings/status;clusterattributemappings/status,verbs=patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// conflictRecheck gives the cache time to show what was written last.
const conflictRecheck = 200 * time.Millisecond

// Reconcile makes one pass over one mapping: get, judge, users, waves, one status patch. All that it depends on is in the
// cluster and watched; only an app that keeps a wave waiting for too long is noticed by the clock.
func (l loop) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	m := l.empty()
	if err := l.Client.Get(ctx, req.NamespacedName, m); err != nil || !m.GetDeletionTimestamp().IsZero() {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	apps, err := index.AppsOfMapping(ctx, l.Client, m)
	if err != nil {
		return ctrl.Result{}, err
	}
	original, ok := m.DeepCopyObject().(v1alpha1.MappingObject)
	if !ok {
		return ctrl.Result{}, fmt.Errorf("a copy of %T is something else", m)
	}
	status := m.MappingStatus()
	status.ObservedGeneration = m.GetGeneration()
	status.UsedBy = index.UsedBy(apps, func(app v1alpha1.ScimApp) string { return index.NameForMapping(m, &app) })
	if status.Revision, err = manifest.Revision(*m.MappingSpec()); err != nil {
		return ctrl.Result{}, err
	}
	if judge(m) {
		rollOut(m, apps, l.Clock.Now())
	}
	if err := l.save(ctx, m, original); err != nil {
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: conflictRecheck}, nil // who is released was decided from an older copy
		}
		return ctrl.Result{}, err
	}
	if status.Rollout != nil {
		return ctrl.Result{RequeueAfter: patience}, nil
	}
	return ctrl.Result{}, nil
}

// save writes the status if it has changed, and records an event if Ready has. A status that rests on an older copy is not
// written: it could release apps beside those that were released meanwhile.
func (r *Reconciler) save(ctx context.Context, m, original v1alpha1.MappingObject) error {
	if equality.Semantic.DeepEqual(m.MappingStatus(), original.MappingStatus()) {
		return nil
	}
	ready, eventType, changed := conditions.ReadyChanged(original.MappingStatus().Conditions, m.MappingStatus().Conditions)
	patch := client.MergeFromWithOptions(original, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Status().Patch(ctx, m, patch, client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return fmt.Errorf("saving the status: %w", err)
	}
	if changed {
		r.Events.Eventf(m, nil, eventType, ready.Reason, "Reconcile", "%s", ready.Message)
	}
	return nil
}
