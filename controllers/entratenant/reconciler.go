package entratenant

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/index"
)

const (
	// recheckInterval is how often the credentials are proved anew: consent is given and withdrawn outside of the cluster.
	recheckInterval = 15 * time.Minute
	// credentialsRecheck is how soon credentials that Entra refused are tried again: whoever mends them, here or there, waits.
	credentialsRecheck = time.Minute
	// secretRecheck is how soon a Secret that is missing is looked for again. Secrets are not watched, for that would need
	// the right to list them.
	secretRecheck = 30 * time.Second
)

// TenantOpener opens the directory of an EntraTenant.
type TenantOpener interface {
	Open(ctx context.Context, tenant *v1alpha1.EntraTenant) (entra.Directory, error)
}

// Reconciler keeps the status of EntraTenants.
type Reconciler struct {
	Client  client.Client
	Tenants TenantOpener
	Events  events.EventRecorder
	// Jitter spreads the periodic passes of many objects; it is given the interval.
	Jitter func(time.Duration) time.Duration
}

// +kubebuilder:rbac:groups=scim-operator.io,resources=entratenants,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=entratenants/status,verbs=patch
// +kubebuilder:rbac:groups=scim-operator.io,resources=scimapps,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get,namespace=scim-operator-system

// Reconcile makes one pass over one EntraTenant: get, finalizer, users, credentials, one status patch.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	tenant := &v1alpha1.EntraTenant{}
	if err := r.Client.Get(ctx, req.NamespacedName, tenant); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	apps, err := index.AppsOfTenant(ctx, r.Client, tenant.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	deleting := !tenant.DeletionTimestamp.IsZero()
	if deleting && len(apps) == 0 {
		return ctrl.Result{}, r.release(ctx, tenant)
	}
	if !deleting {
		if err := r.ensureFinalizer(ctx, tenant); err != nil {
			return ctrl.Result{}, err
		}
	}

	original := tenant.DeepCopy()
	tenant.Status.ObservedGeneration = tenant.Generation
	tenant.Status.UsedBy = index.UsedBy(apps, appName)
	if deleting {
		hold(tenant, apps)
		return ctrl.Result{}, r.save(ctx, tenant, original) // the deletion of a ScimApp brings the next pass
	}
	result, fail := r.prove(ctx, tenant)
	if err := r.save(ctx, tenant, original); err != nil {
		return ctrl.Result{}, err
	}
	return result, fail
}

func appName(app v1alpha1.ScimApp) string { return app.Namespace + "/" + app.Name }

// prove asks for an access token and puts what it says into the status. The error is one that the work queue should back
// off on.
func (r *Reconciler) prove(ctx context.Context, tenant *v1alpha1.EntraTenant) (ctrl.Result, error) {
	identity, err := r.identity(ctx, tenant)
	if err == nil {
		judge(tenant, identity)
		return ctrl.Result{RequeueAfter: r.Jitter(recheckInterval)}, nil
	}
	reaction := reactionTo(err)
	judgeFailure(tenant, err, reaction.After)
	if reaction.LogAsError {
		return ctrl.Result{}, fmt.Errorf("proving the credentials: %w", err)
	}
	log.FromContext(ctx).Info("the credentials could not be proved", "reason", fault.ReasonOf(err, ""), "message", err.Error())
	return ctrl.Result{RequeueAfter: r.Jitter(reaction.After)}, nil
}

// reactionTo looks again sooner than usual where a person is likely to be at it.
func reactionTo(err error) fault.Reaction {
	reaction := fault.React(err)
	switch fault.ReasonOf(err, "") {
	case v1alpha1.ReasonSecretNotFound:
		reaction.After = secretRecheck
	case v1alpha1.ReasonCredentialsInvalid:
		reaction.After = credentialsRecheck
	}
	return reaction
}

func (r *Reconciler) identity(ctx context.Context, tenant *v1alpha1.EntraTenant) (entra.Identity, error) {
	directory, err := r.Tenants.Open(ctx, tenant)
	if err != nil {
		return entra.Identity{}, err
	}
	return directory.Identity(ctx)
}

// ensureFinalizer saves the finalizer alone, and before anything else: a tenant that is deleted in the middle of its
// first pass must not leave ScimApps that can no longer clean up in Entra.
func (r *Reconciler) ensureFinalizer(ctx context.Context, tenant *v1alpha1.EntraTenant) error {
	before := tenant.DeepCopy()
	if !controllerutil.AddFinalizer(tenant, v1alpha1.Finalizer) {
		return nil
	}
	if err := r.patch(ctx, tenant, before); err != nil {
		return fmt.Errorf("saving the finalizer: %w", err)
	}
	return nil
}

// release lets a tenant go that nobody uses.
func (r *Reconciler) release(ctx context.Context, tenant *v1alpha1.EntraTenant) error {
	before := tenant.DeepCopy()
	if !controllerutil.RemoveFinalizer(tenant, v1alpha1.Finalizer) {
		return nil
	}
	if err := client.IgnoreNotFound(r.patch(ctx, tenant, before)); err != nil {
		return fmt.Errorf("removing the finalizer: %w", err)
	}
	return nil
}

// patch fails when somebody else changed the object: a merge patch would replace the others' finalizers.
func (r *Reconciler) patch(ctx context.Context, tenant, before *v1alpha1.EntraTenant) error {
	return r.Client.Patch(ctx, tenant, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), client.FieldOwner(v1alpha1.FieldManager))
}

// save writes the status if it has changed, and records an event if Ready has.
func (r *Reconciler) save(ctx context.Context, tenant, original *v1alpha1.EntraTenant) error {
	if equality.Semantic.DeepEqual(tenant.Status, original.Status) {
		return nil
	}
	ready, eventType, changed := conditions.ReadyChanged(original.Status.Conditions, tenant.Status.Conditions)
	if err := r.Client.Status().Patch(ctx, tenant, client.MergeFrom(original), client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return fmt.Errorf("saving the status: %w", err)
	}
	if changed {
		r.Events.Eventf(tenant, nil, eventType, ready.Reason, "Reconcile", "%s", ready.Message)
	}
	return nil
}
