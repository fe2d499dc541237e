package scimapp

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/endpoint"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// Reconciler brings ScimApps to what their manifests say.
type Reconciler struct {
	Client client.Client
	// Live reads past the cache: Secrets, and objects that might not carry our label.
	Live    client.Reader
	Applier apply.Applier
	Tenants TenantOpener
	Pods    EndpointProber
	Events  events.EventRecorder
	Clock   clock.PassiveClock
	// Jitter spreads the periodic passes of many objects; it is given the interval.
	Jitter func(time.Duration) time.Duration

	// OperatorNamespace holds the Secrets with the minted tokens.
	OperatorNamespace string
	// ServiceAccount is the operator's own, named in advice about RoleBindings.
	ServiceAccount string
	// EndpointImage is the default image of managed endpoints.
	EndpointImage string
}

// TenantOpener opens the directory of an EntraTenant.
type TenantOpener interface {
	Open(ctx context.Context, tenant *v1alpha1.EntraTenant) (entra.Directory, error)
}

// EndpointProber asks a pod of a managed endpoint what it serves.
type EndpointProber interface {
	Status(ctx context.Context, podIP string) (endpoint.Status, error)
}

// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps/status,verbs=patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps/finalizers,verbs=update
// +kubebuilder:rbac:groups=scim-operator.io,resources=attributemappings;clusterattributemappings;entratenants,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=statefulsets;deployments,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=services;configmaps;persistentvolumeclaims,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch
// +kubebuilder:rbac:groups=discovery.k8s.io,resources=endpointslices,verbs=get;list;watch
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;patch;delete,namespace=scim-operator-system

// Reconcile gets one ScimApp and makes a pass over it.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	app := &v1alpha1.ScimApp{}
	if err := r.Client.Get(ctx, req.NamespacedName, app); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	result, err := r.pass(ctx, app)
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictRecheck}, nil // the object changed under way, which is no fault
	}
	return result, err
}

// conflictRecheck gives the cache time to show what another has written.
const conflictRecheck = 200 * time.Millisecond

// pass is one pass over one ScimApp: guard, phases, summary, one status patch.
func (r *Reconciler) pass(ctx context.Context, app *v1alpha1.ScimApp) (ctrl.Result, error) {
	s := &scope{app: app, original: app.DeepCopy()}
	s.save = func(ctx context.Context) error { return r.saveStatus(ctx, s) }
	s.record = func(ctx context.Context) error { return r.recordStatus(ctx, s) }
	s.prepareStatus()

	if !app.DeletionTimestamp.IsZero() {
		return r.delete(ctx, s)
	}
	if added, err := r.ensureFinalizer(ctx, app); added || err != nil {
		return ctrl.Result{}, err // the change brings the next pass
	}
	if app.Spec.Suspend != nil && *app.Spec.Suspend {
		return r.guardSuspended(ctx, s)
	}

	if err := r.announce(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	results := phase.Run(ctx, r.Phases(), s)
	if ctx.Err() != nil {
		return ctrl.Result{}, ctx.Err() // the operator is being stopped, which says nothing about the app
	}
	summarise(s, results, r.Clock.Now())
	logFaults(ctx, results)
	before := s.original.Status.Conditions
	if err := s.save(ctx); err != nil {
		return ctrl.Result{}, err
	}
	r.tell(app, before)
	after, err := phase.Requeue(results, r.Jitter(interval(app)))
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: after}, nil
}

// ensureFinalizer saves the finalizer alone, before the first call to the outside. Were it saved together with the
// first result, a crash in between would leave an application in Entra that no deletion ever cleans up.
func (r *Reconciler) ensureFinalizer(ctx context.Context, app *v1alpha1.ScimApp) (bool, error) {
	before := app.DeepCopy()
	if !controllerutil.AddFinalizer(app, v1alpha1.Finalizer) {
		return false, nil
	}
	if err := r.Client.Patch(ctx, app, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return false, fmt.Errorf("saving the finalizer: %w", err)
	}
	return true, nil
}

// logFaults logs what failed.
func logFaults(ctx context.Context, results []phase.Result) {
	logger := log.FromContext(ctx)
	for _, res := range results {
		if res.Outcome.Err == nil {
			continue
		}
		if fault.React(res.Outcome.Err).After == 0 {
			continue // returned to the work queue, which logs it
		}
		logger.Info("phase did not finish", "phase", res.Phase, "reason", res.Outcome.Reason, "message", res.Outcome.Message)
	}
}

// tell records an event for each condition that changed. It comes after the status is saved: a pass over a stale copy
// fails to save, and has nothing true to tell.
func (r *Reconciler) tell(app *v1alpha1.ScimApp, before []metav1.Condition) {
	for _, change := range changes(before, app.Status.Conditions) {
		r.Events.Eventf(app, nil, change.eventType, change.condition.Reason, "Reconcile", "%s", change.condition.Message)
	}
}
