package scimapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// creationPatience is how long a creation name is looked up after a request whose outcome is unknown, before another
// name is tried.
const creationPatience = 10 * time.Minute

// findOrCreate gives the application that is ours: by its mark, else by the name under which it is being created, else
// a new one. The steps and what they survive:
//
//   - the creation name is computed, not drawn, so that it is the same after every loss of state;
//   - the intent is saved before the request, with a precondition on the object's version, so that neither a crash nor
//     a stale cache leads to a second request;
//   - the request is sent once, and after an unclear answer the name is looked up until patience ends.
func (r *Reconciler) findOrCreate(ctx context.Context, s *scope) phase.Outcome {
	if provisioning.Adopts(s.app) {
		return r.adopt(ctx, s)
	}
	marked, err := marked(ctx, s)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	}
	switch len(marked) {
	case 0:
	case 1:
		return r.takeUp(ctx, s, marked[0])
	default:
		return phase.Stall("ApplicationAmbiguous",
			"%d applications in Entra carry the mark %q; keep the one whose users are right and delete the others there: %s", len(marked), s.marker(), ids(marked))
	}
	st := s.app.Status.Application
	if st.Creating == "" {
		st.Creating = creationName(s.app.Name, s.marker(), st.CreationAttempt)
	}
	named, err := s.directory.ApplicationsByDisplayName(ctx, st.Creating)
	if err != nil {
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	}
	if len(named) > 0 {
		found := oldest(named)
		if madeBefore(found, st) {
			return phase.Stall(v1alpha1.ReasonApplicationClaimed,
				"application %s bears the name %q under which the operator asked for an application at %s, and was made before that at %s, so somebody else made it; rename or delete it in Entra",
				found.ID, st.Creating, st.RequestedAt.UTC().Format(time.RFC3339), found.CreatedAt.UTC().Format(time.RFC3339))
		}
		return r.takeUp(ctx, s, found)
	}
	if st.RequestedAt == nil {
		return r.instantiate(ctx, s)
	}
	if asked := r.Clock.Since(st.RequestedAt.Time); asked < creationPatience {
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck,
			"the creation of application %q was asked for %s ago and it does not show yet; after %s another try is made", st.Creating, asked.Round(time.Second), creationPatience)
	}
	st.CreationAttempt++
	st.Creating, st.RequestedAt = "", nil
	return phase.Wait(v1alpha1.ReasonReplicating, time.Second, "no application appeared; trying again under another name")
}

// marked gives the applications that carry our mark, else those that a ScimApp of this name made and left.
func marked(ctx context.Context, s *scope) ([]entra.Application, error) {
	found, err := s.directory.ApplicationsByTag(ctx, s.marker())
	if err != nil || len(found) > 0 {
		return found, err
	}
	return s.directory.ApplicationsByTag(ctx, mark.Kept(s.tenant.Spec.Instance, s.app.Namespace, s.app.Name))
}

func (r *Reconciler) instantiate(ctx context.Context, s *scope) phase.Outcome {
	st := s.app.Status.Application
	st.RequestedAt = now(r)
	if err := s.save(ctx); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	made, err := s.directory.InstantiateApplication(ctx, entra.NewApplication{
		DisplayName: st.Creating, ServiceManagementReference: provisioning.ApplicationSpec(s.app).ServiceManagementReference,
	})
	switch {
	case err == nil:
		if err := s.identify(ctx, made.Application, made.ServicePrincipal); err != nil {
			return phase.Fail("ApplicationNotRecorded", err)
		}
		return phase.Succeed("", "")
	case entra.Unclear(err):
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck,
			"whether application %q was created is unclear (%v); looking for it", st.Creating, err)
	default:
		st.RequestedAt = nil
		return phase.Fail("ApplicationNotCreated", err)
	}
}

// takeUp makes an application that was found ours.
func (r *Reconciler) takeUp(ctx context.Context, s *scope, found entra.Application) phase.Outcome {
	sp, err := s.directory.ServicePrincipalByAppID(ctx, found.AppID)
	switch {
	case entra.IsNotFound(err) && !found.CreatedAt.IsZero() && r.Clock.Since(found.CreatedAt) > goneFor:
		return phase.Stall("ServicePrincipalGone",
			"application %s is ours and its service principal was deleted, without which nobody can be provisioned; restore the service principal in Entra, or delete the application there, and the operator makes a new one", found.ID)
	case entra.IsNotFound(err):
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "application %s has no service principal yet", found.ID)
	case err != nil:
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	}
	// Asked before the IDs are recorded: what is recorded may be deleted with this ScimApp.
	if out := checkOurs(ctx, s, found, sp); out.State != phase.Done {
		return out
	}
	if err := s.identify(ctx, found, sp); err != nil {
		return phase.Fail("ApplicationNotRecorded", err)
	}
	return phase.Succeed("", "")
}

// deleteLateDuplicates deletes what appeared under a creation name that was given up.
func (r *Reconciler) deleteLateDuplicates(ctx context.Context, s *scope) error {
	for attempt := range s.app.Status.Application.CreationAttempt {
		name := creationName(s.app.Name, s.marker(), attempt)
		late, err := s.directory.ApplicationsByDisplayName(ctx, name)
		if err != nil {
			return err
		}
		for _, a := range late {
			if a.ID == s.application.ID {
				continue
			}
			if err := deleteOurs(ctx, s, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteOurs deletes an application that bears a creation name of ours, unless it is somebody else's.
func deleteOurs(ctx context.Context, s *scope, a entra.Application) error {
	if claimant(s.marker(), a, entra.ServicePrincipal{}) != "" {
		return nil
	}
	if owners, err := strangers(ctx, s, a.ID, ""); err != nil || len(owners) > 0 {
		return err
	}
	return s.directory.DeleteApplication(ctx, a.ID)
}

// creationName is unique to the ScimApp and to the attempt, and made of what never changes: a display name might be another
// when the name is looked up again. Entra allows 120 characters, and the name of a ScimApp has 40 at most.
func creationName(app, marker string, attempt int32) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s#%d", marker, attempt)))
	return app + " [" + hex.EncodeToString(sum[:])[:16] + "]"
}

func oldest(applications []entra.Application) entra.Application {
	return slices.MinFunc(applications, func(a, b entra.Application) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

func ids(applications []entra.Application) string {
	out := make([]string, 0, len(applications))
	for _, a := range applications {
		out = append(out, a.ID)
	}
	return strings.Join(out, ", ")
}
