package scimapp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

const (
	// replicationRecheck is how soon Entra is asked again about something new.
	replicationRecheck = 5 * time.Second
	// goneFor is how long an application has to be missing before it counts as deleted by somebody.
	goneFor = 10 * time.Minute
	// reasonApplicationGone is for an application that was there and is no more.
	reasonApplicationGone = "ApplicationGone"
)

// ensureApplication makes the enterprise application, once, and keeps its properties as declared.
func (r *Reconciler) ensureApplication(ctx context.Context, s *scope) phase.Outcome {
	if s.app.Status.Application.ServicePrincipalID == "" {
		if out := r.findOrCreate(ctx, s); out.State != phase.Done {
			return out
		}
	}
	if out := r.readApplication(ctx, s); out.State != phase.Done {
		return out
	}
	if owner := claimant(s.marker(), s.application, s.servicePrincipal); owner != "" {
		return claimed(s, s.application, s.servicePrincipal, owner)
	}
	// Owners first: with Application.ReadWrite.OwnedBy nothing else may be changed before.
	if err := r.ensureOwners(ctx, s); err != nil {
		return phase.Fail("OwnersNotAdded", err)
	}
	if err := r.updateApplication(ctx, s); err != nil {
		return phase.Fail("ApplicationNotUpdated", err)
	}
	// Whatever was made late under a name that we gave up is ours, and one too many.
	if err := r.deleteLateDuplicates(ctx, s); err != nil {
		return phase.Fail("DuplicateNotDeleted", err)
	}
	s.app.Status.Application.Creating, s.app.Status.Application.RequestedAt = "", nil
	return phase.Succeed(v1alpha1.ReasonApplicationReady, "enterprise application %q exists as declared", s.application.DisplayName)
}

// readApplication reads both halves by ID. A new one can be invisible for minutes; one that stays away was deleted by
// somebody, and is made anew.
func (r *Reconciler) readApplication(ctx context.Context, s *scope) phase.Outcome {
	st := s.app.Status.Application
	application, errA := s.directory.Application(ctx, st.ApplicationID)
	sp, errS := s.directory.ServicePrincipal(ctx, st.ServicePrincipalID)
	switch {
	case errA == nil && errS == nil:
		s.application, s.servicePrincipal = application, sp
		return phase.Succeed("", "")
	case errA != nil && !entra.IsNotFound(errA):
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, errA)
	case errS != nil && !entra.IsNotFound(errS):
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, errS)
	}
	if st.RequestedAt != nil && r.Clock.Since(st.RequestedAt.Time) < goneFor {
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "Entra has made application %s and does not show it everywhere yet", st.ApplicationID)
	}
	if r.missingFor(s, reasonApplicationGone) < goneFor {
		return phase.Wait(reasonApplicationGone, time.Minute,
			"application %s is not in Entra any more; restore it there within 30 days of its deletion%s", st.ApplicationID, orWait(s.app))
	}
	s.forgetApplication()
	if provisioning.Adopts(s.app) {
		return adoptedGone(s.app)
	}
	return phase.Wait(v1alpha1.ReasonReplicating, time.Second, "application %s was deleted in Entra; making a new one", st.ApplicationID)
}

// missingFor tells how long ApplicationReady has given the reason that something is missing. Where it gave another, the
// condition is made anew, so that its time tells since when, whatever it said before.
func (r *Reconciler) missingFor(s *scope, reason string) time.Duration {
	was := meta.FindStatusCondition(s.app.Status.Conditions, v1alpha1.ConditionApplicationReady)
	if was == nil || was.Reason != reason {
		meta.RemoveStatusCondition(&s.app.Status.Conditions, v1alpha1.ConditionApplicationReady)
		return 0
	}
	return r.Clock.Since(was.LastTransitionTime.Time)
}

// forgetApplication drops what belonged to an application that is gone.
func (s *scope) forgetApplication() {
	st := &s.app.Status
	st.Application, st.Job, st.Assignments, st.Mappings = &v1alpha1.ApplicationStatus{}, &v1alpha1.JobStatus{}, nil, nil
	st.Token.Fingerprint, st.Token.KeptAt = "", nil
}

func (r *Reconciler) updateApplication(ctx context.Context, s *scope) error {
	want := provisioning.Application(s.app, s.marker(), s.servicePrincipal)
	inUse, err := s.rolesInUse(ctx, want.Roles)
	if err != nil {
		return err
	}
	if patch, differs := want.OfApplication(s.application, inUse); differs {
		if err := s.directory.UpdateApplication(ctx, s.application.ID, patch); err != nil {
			return err
		}
		if patch.DisplayName != nil {
			s.application.DisplayName = *patch.DisplayName
		}
	}
	if patch, differs := want.OfServicePrincipal(s.servicePrincipal); differs {
		return s.directory.UpdateServicePrincipal(ctx, s.servicePrincipal.ID, patch)
	}
	return nil
}

// rolesInUse tells which roles are assigned to somebody. It asks Graph only where a role of ours is about to go.
func (s *scope) rolesInUse(ctx context.Context, want []diff.Role) (func(string) bool, error) {
	retired := slices.ContainsFunc(s.application.AppRoles, func(role entra.AppRole) bool {
		return role.Value != "" && !role.IsEnabled && role.ID == diff.RoleID(s.application.ID, role.Value) &&
			!slices.ContainsFunc(want, func(w diff.Role) bool { return w.Value == role.Value })
	})
	if !retired {
		return func(string) bool { return true }, nil
	}
	assigned, err := s.directory.ListAssignments(ctx, s.servicePrincipal.ID)
	if err != nil {
		return nil, err
	}
	return func(id string) bool {
		return slices.ContainsFunc(assigned, func(a entra.Assignment) bool { return a.AppRoleID == id })
	}, nil
}

// ensureOwners makes us and the declared owners own both halves. Without owning the service principal, an identity with
// Application.ReadWrite.OwnedBy may not touch its job.
func (r *Reconciler) ensureOwners(ctx context.Context, s *scope) error {
	want, err := wantedOwners(ctx, s)
	if err != nil {
		return err
	}
	have, err := s.directory.ServicePrincipalOwners(ctx, s.servicePrincipal.ID)
	if err != nil {
		return err
	}
	for _, id := range diff.Missing(have, want) {
		if err := s.directory.AddServicePrincipalOwner(ctx, s.servicePrincipal.ID, id); err != nil {
			return fmt.Errorf("spec.application.owners: %w", err)
		}
	}
	if have, err = s.directory.ApplicationOwners(ctx, s.application.ID); err != nil {
		return err
	}
	for _, id := range diff.Missing(have, want) {
		if err := s.directory.AddApplicationOwner(ctx, s.application.ID, id); err != nil {
			return fmt.Errorf("spec.application.owners: %w", err)
		}
	}
	return nil
}

// identify records which application is ours, before anything else is done with it.
func (s *scope) identify(ctx context.Context, application entra.Application, sp entra.ServicePrincipal) error {
	st := s.app.Status.Application
	st.ApplicationID, st.AppID, st.ServicePrincipalID = application.ID, application.AppID, sp.ID
	st.PortalURL = portalURL(entra.Cloud(s.tenant.Spec.Cloud), application.AppID, sp.ID)
	return s.save(ctx)
}

// portalURL opens the enterprise application in the admin center of its cloud.
func portalURL(cloud entra.Cloud, appID, servicePrincipalID string) string {
	return fmt.Sprintf("%s/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/%s/appId/%s", cloud.AdminCenter(), servicePrincipalID, appID)
}

func now(r *Reconciler) *metav1.Time { return &metav1.Time{Time: r.Clock.Now()} }
