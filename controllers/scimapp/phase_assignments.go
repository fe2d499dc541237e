package scimapp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/principals"
)

// readBack is how soon a new assignment is looked for in Entra, before an old one is deleted.
const readBack = time.Second

// trouble is an entry that cannot be assigned now. What was assigned for it before stays, and so does every assignment
// of its principal: nobody loses access because something else did not work.
type trouble struct {
	entry       string
	principalID string // empty where the name could not be resolved
	err         error
}

// applyAssignments assigns the declared users and groups, and takes away what this ScimApp assigned before and no
// longer declares. What is new is created and seen in a later read before anything is deleted, so nobody loses access
// in between.
func (r *Reconciler) applyAssignments(ctx context.Context, s *scope) phase.Outcome {
	wanted, troubles := wantedAssignments(s)
	live, err := s.directory.ListAssignments(ctx, s.servicePrincipal.ID)
	if err != nil {
		return phase.Fail("AssignmentsUnknown", err)
	}
	create := diff.Assignments(live, pairs(wanted), nil).Create
	if out, waits := s.awaitAdoption(); waits {
		if len(create)+len(troubles) > 0 {
			return out
		}
		return phase.Succeed(v1alpha1.ReasonAssignmentsApplied, "%d users and groups are assigned already", len(wanted)) // and not on record as ours
	}
	before := s.app.Status.Assignments
	s.app.Status.Assignments = pin(wanted, before, live)
	if len(create) > 0 {
		// Saved first: after a crash, what we are about to create must be known as ours.
		if err := s.save(ctx); err != nil {
			return phase.Fail("IntentNotSaved", err)
		}
		made, failed := createAssignments(ctx, s, wanted, create)
		if made > 0 {
			return phase.Wait(v1alpha1.ReasonReplicating, readBack, "%d assignments were made; reading them back", made)
		}
		troubles = append(troubles, failed...)
	}
	if err := r.deleteAssignments(ctx, s, wanted, troubles, live); err != nil {
		return phase.Fail("AssignmentsNotApplied", err)
	}
	if len(troubles) > 0 {
		return phase.Fail("AssignmentsNotApplied", joinTroubles(troubles)).Recheck(troubleRecheck)
	}
	return phase.Succeed(v1alpha1.ReasonAssignmentsApplied, "%d users and groups are assigned", len(wanted)).Recheck(r.absenceRecheck(s))
}

// troubleRecheck is how soon an entry that could not be assigned is tried again.
const troubleRecheck = 30 * time.Second

func joinTroubles(troubles []trouble) error {
	// What only a person can mend comes first, and gives the whole its class.
	slices.SortStableFunc(troubles, func(a, b trouble) int { return cmp.Compare(fault.ClassOf(b.err), fault.ClassOf(a.err)) })
	errs := make([]error, 0, len(troubles))
	for _, t := range troubles {
		errs = append(errs, t.err)
	}
	return errors.Join(errs...)
}

// createAssignments gives the number of assignments that it made, and the entries for which that failed.
func createAssignments(ctx context.Context, s *scope, wanted []v1alpha1.AssignmentStatus, create []diff.Pair) (int, []trouble) {
	made := 0
	var failed []trouble
	for _, pair := range create {
		_, err := s.directory.CreateAssignment(ctx, s.servicePrincipal.ID, pair.PrincipalID, pair.AppRoleID)
		if err == nil {
			made++
			continue
		}
		for _, w := range wanted {
			if pairOf(w) == pair {
				failed = append(failed, trouble{w.Name, pair.PrincipalID, fmt.Errorf("spec.assignments[%s]: %w", w.Name, err)})
			}
		}
	}
	return made, failed
}

// deleteAssignments deletes what is ours and neither wanted nor held.
func (r *Reconciler) deleteAssignments(ctx context.Context, s *scope, wanted []v1alpha1.AssignmentStatus, troubles []trouble, live []entra.Assignment) error {
	var released []v1alpha1.AssignmentStatus
	for _, st := range s.app.Status.Assignments {
		if !slices.Contains(pairs(wanted), pairOf(st)) && !held(st, troubles) {
			released = append(released, st)
		}
	}
	var gone []diff.Pair
	for _, obsolete := range diff.Assignments(live, pairs(wanted), pairs(released)).Delete {
		if err := s.directory.DeleteAssignment(ctx, s.servicePrincipal.ID, obsolete.ID); err != nil {
			return fmt.Errorf("removing the assignment of %s: %w", obsolete.PrincipalID, err)
		}
		gone = append(gone, diff.Pair{PrincipalID: obsolete.PrincipalID, AppRoleID: obsolete.AppRoleID})
	}
	s.app.Status.Assignments = r.forget(s.app.Status.Assignments, pairs(released), gone)
	return nil
}

// forget drops a released entry once Entra has acknowledged its deletion, or has not shown it for long: one that a
// lagging list hides for a moment must not come back as nobody's.
func (r *Reconciler) forget(all []v1alpha1.AssignmentStatus, released, gone []diff.Pair) []v1alpha1.AssignmentStatus {
	var keep []v1alpha1.AssignmentStatus
	for _, st := range all {
		switch pair := pairOf(st); {
		case slices.Contains(gone, pair):
			continue
		case !slices.Contains(released, pair):
			st.AbsentSince = nil
		case st.AbsentSince == nil:
			st.AbsentSince = now(r)
		case r.Clock.Since(st.AbsentSince.Time) > goneFor:
			continue
		}
		keep = append(keep, st)
	}
	return keep
}

// held is true for what must stay because of a trouble.
func held(st v1alpha1.AssignmentStatus, troubles []trouble) bool {
	return slices.ContainsFunc(troubles, func(t trouble) bool { return t.entry == st.Name || t.principalID == st.PrincipalID })
}

// absenceRecheck comes back to entries that are neither wanted nor shown; zero asks for nothing.
func (r *Reconciler) absenceRecheck(s *scope) time.Duration {
	if slices.ContainsFunc(s.app.Status.Assignments, func(st v1alpha1.AssignmentStatus) bool { return st.AbsentSince != nil }) {
		return goneFor + time.Minute
	}
	return 0
}

// wantedAssignments gives the entries that can be assigned, and what is wrong with the others.
func wantedAssignments(s *scope) ([]v1alpha1.AssignmentStatus, []trouble) {
	var wanted []v1alpha1.AssignmentStatus
	var troubles []trouble
	for _, p := range s.principals {
		if p.Problem != nil {
			troubles = append(troubles, trouble{p.Assignment.Name, p.ID, p.Problem})
			continue
		}
		roleID := diff.BasicAccess(s.servicePrincipal.AppRoles)
		if value := p.Assignment.AppRole; value != "" {
			role, ok := diff.Enabled(s.servicePrincipal.AppRoles, value)
			if !ok {
				troubles = append(troubles, trouble{p.Assignment.Name, p.ID, replicating(
					"spec.assignments[%s].appRole: Entra does not show the new role %q at the enterprise application yet", p.Assignment.Name, value)})
				continue
			}
			roleID = role.ID
		}
		wanted = append(wanted, v1alpha1.AssignmentStatus{
			Name: p.Assignment.Name, Kind: string(principals.Kind(p.Assignment)), Reference: p.Reference, PrincipalID: p.ID, AppRoleID: roleID,
		})
	}
	return wanted, troubles
}

// pin gives the status entries: the wanted ones with the IDs that Entra gave them, and those of before that are not
// wanted now. These keep their name where no wanted one has it, so that an entry which has to wait, such as for a new
// role, stays pinned to its object ID; else they have a name of their own until they are deleted.
func pin(wanted, before []v1alpha1.AssignmentStatus, live []entra.Assignment) []v1alpha1.AssignmentStatus {
	out := make([]v1alpha1.AssignmentStatus, 0, len(wanted)+len(before))
	has := func(name string) bool {
		return slices.ContainsFunc(out, func(o v1alpha1.AssignmentStatus) bool { return o.Name == name })
	}
	for _, st := range wanted {
		if found, ok := diff.Find(live, pairOf(st)); ok {
			st.AssignmentID = found.ID
		}
		out = append(out, st)
	}
	for _, st := range before {
		if slices.Contains(pairs(wanted), pairOf(st)) {
			continue
		}
		if has(st.Name) {
			st.Name = supersededName(st)
		}
		if !has(st.Name) {
			out = append(out, st)
		}
	}
	return out
}

// supersededName never collides with an entry's own name, which has no dot.
func supersededName(st v1alpha1.AssignmentStatus) string {
	sum := sha256.Sum256([]byte(st.PrincipalID + st.AppRoleID))
	return "superseded." + hex.EncodeToString(sum[:])[:16]
}

func pairs(sts []v1alpha1.AssignmentStatus) []diff.Pair {
	out := make([]diff.Pair, 0, len(sts))
	for _, st := range sts {
		out = append(out, pairOf(st))
	}
	return out
}

func pairOf(st v1alpha1.AssignmentStatus) diff.Pair {
	return diff.Pair{PrincipalID: st.PrincipalID, AppRoleID: st.AppRoleID}
}

func replicating(format string, args ...any) error {
	return fault.NewWaiting(v1alpha1.ReasonReplicating, replicationRecheck, fmt.Errorf(format, args...))
}
