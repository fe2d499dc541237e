package scimapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// deletionPatience is how long a deletion waits for an unreachable Graph before it lets go.
const deletionPatience = 30 * time.Minute

// delete does the operator's part in Entra as deletionPolicy says, then lets the object go. What it owns in the cluster
// is the garbage collector's. It never holds the object for ever: where Entra cannot be reached, an event says what is
// left there.
func (r *Reconciler) delete(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.app, v1alpha1.Finalizer) {
		return ctrl.Result{}, nil
	}
	switch err := r.leaveEntra(ctx, s); {
	case err == nil:
		r.tellDeleted(s.app)
	case r.mustLetGo(s, err):
		r.Events.Eventf(s.app, nil, corev1.EventTypeWarning, "LeftInEntra", "Delete",
			"deleted without cleaning up in Entra (%v); left there: application %s, which carries the operator's mark, with its provisioning job %s. Applying the manifest again takes them up; else pause the job there, or delete the application", err, s.app.Status.Application.ApplicationID, s.app.Status.Job.ID)
	default:
		return ctrl.Result{RequeueAfter: fault.React(err).After}, r.recordDeletion(ctx, s, err)
	}
	if err := r.deleteToken(ctx, s.app); err != nil {
		return ctrl.Result{}, err
	}
	before := s.app.DeepCopy()
	controllerutil.RemoveFinalizer(s.app, v1alpha1.Finalizer)
	if err := r.Client.Patch(ctx, s.app, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("removing the finalizer: %w", err)
	}
	return ctrl.Result{}, nil
}

// tellDeleted says what became of the app in Entra. An app that never had anything there leaves nothing to tell.
func (r *Reconciler) tellDeleted(app *v1alpha1.ScimApp) {
	id := app.Status.Application.ApplicationID
	switch {
	case id == "":
	case notOursYet(app):
		r.Events.Eventf(app, nil, corev1.EventTypeNormal, "Retained", "Delete",
			"application %s was not taken up; its job goes on as before, and the operator's mark is off it", id)
	case provisioning.Adopts(app):
		r.Events.Eventf(app, nil, corev1.EventTypeNormal, "Retained", "Delete",
			"the job is paused; application %s stays in Entra without the operator's mark, so that any ScimApp can take it up with creationPolicy: AdoptOnly", id)
	case deletionPolicy(app) == v1alpha1.DeletionPolicyRetain:
		r.Events.Eventf(app, nil, corev1.EventTypeNormal, "Retained", "Delete",
			"the job is paused; application %s stays in Entra, and the endpoint's claim as its whenDeleted says. Applying the manifest again takes them up, and another ScimApp can take up the application with creationPolicy: AdoptOnly", id)
	default:
		r.Events.Eventf(app, nil, corev1.EventTypeNormal, "DeletedInEntra", "Delete",
			"application %s and its job are deleted; Entra can restore the application for 30 days", id)
	}
}

// errNoTenant is for an EntraTenant, or its credentials, that are gone.
var errNoTenant = errors.New("the EntraTenant or its credentials are gone")

func (r *Reconciler) leaveEntra(ctx context.Context, s *scope) error {
	st := s.app.Status.Application
	if st.ServicePrincipalID == "" && st.RequestedAt == nil {
		return nil // nothing was ever asked of Entra
	}
	s.tenant = &v1alpha1.EntraTenant{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: s.app.Spec.TenantRef.Name}, s.tenant); apierrors.IsNotFound(err) {
		return errNoTenant
	} else if err != nil {
		return fmt.Errorf("reading EntraTenant %s: %w", s.app.Spec.TenantRef.Name, err)
	}
	directory, err := r.Tenants.Open(ctx, s.tenant)
	if fault.ReasonOf(err, "") == v1alpha1.ReasonSecretNotFound {
		return fmt.Errorf("%w: %w", errNoTenant, err)
	}
	if err != nil {
		return err
	}
	s.directory = directory
	if provisioning.Adopts(s.app) || deletionPolicy(s.app) == v1alpha1.DeletionPolicyRetain {
		settled, err := r.pauseJobs(ctx, s)
		if err != nil {
			return err
		}
		if !settled {
			return fault.NewWaiting(v1alpha1.ReasonReplicating, recheckStarting, fmt.Errorf(
				"job %s was started a moment ago and Entra does not show it running yet; waiting, so as to pause it", s.app.Status.Job.ID))
		}
		return release(ctx, s)
	}
	return r.deleteApplication(ctx, s)
}

// deleteApplication deletes the job and then the application. One whose creation was asked for without an answer is
// looked for first.
func (r *Reconciler) deleteApplication(ctx context.Context, s *scope) error {
	st := s.app.Status.Application
	if st.ApplicationID == "" {
		found, err := s.directory.ApplicationsByDisplayName(ctx, st.Creating)
		if err != nil {
			return err
		}
		for _, a := range found {
			if madeBefore(a, st) {
				continue // not what we asked for
			}
			if err := deleteOurs(ctx, s, a); err != nil {
				return err
			}
		}
		if len(found) == 0 && r.Clock.Since(st.RequestedAt.Time) < creationPatience {
			return fault.NewWaiting(v1alpha1.ReasonReplicating, replicationRecheck, fmt.Errorf(
				"the creation of application %q was asked for and it does not show yet; waiting, so as not to leave it behind", st.Creating))
		}
		return nil
	}
	if _, err := r.pauseJobs(ctx, s); err != nil { // whatever runs goes with the job
		return err
	}
	if s.app.Status.Job.ID != "" {
		if err := s.directory.DeleteJob(ctx, s.jobRef()); err != nil && !entra.IsNotFound(err) {
			return err
		}
	}
	return s.directory.DeleteApplication(ctx, st.ApplicationID)
}

// mustLetGo is true where holding the object longer would help nobody.
func (r *Reconciler) mustLetGo(s *scope, err error) bool {
	return errors.Is(err, errNoTenant) || r.Clock.Since(s.app.DeletionTimestamp.Time) > deletionPatience
}

func (r *Reconciler) recordDeletion(ctx context.Context, s *scope, err error) error {
	conditions.MarkReconciling(&s.app.Status.Conditions, s.app.Generation, fault.ReasonOf(err, "Deleting"), "deleting in Entra: "+err.Error())
	if saveErr := s.save(ctx); saveErr != nil {
		return saveErr
	}
	if fault.React(err).After == 0 {
		return err
	}
	return nil
}

func (r *Reconciler) deleteToken(ctx context.Context, app *v1alpha1.ScimApp) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: r.OperatorNamespace, Name: desired.TokenSecretName(app.Namespace, app.Name),
	}}
	if err := r.Client.Delete(ctx, secret); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting the token's Secret: %w", err)
	}
	return nil
}
