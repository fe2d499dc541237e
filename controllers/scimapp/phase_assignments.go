package scimapp

import (
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
)

// readBack is how soon a new assignment is looked for in Entra, before an old one is deleted.
const readBack = time.Second

// applyAssignments assigns the declared users and groups, and takes away what this ScimApp assigned before and no
// longer declares. What is new is created and seen in a later read before anything is deleted, so nobody loses access
// in between.
func (r *Reconciler) applyAssignments(ctx context.Context, s *scope) phase.Outcome {
	spID := s.servicePrincipal.ID
	wanted, problems := wantedAssignments(s)
	live, err := s.directory.ListAssignments(ctx, spID)
	if err != nil {
		return phase.Fail("AssignmentsUnknown", err)
	}
	plan := diff.Assignments(live, pairs(wanted), pairs(s.app.Status.Assignments))
	s.app.Status.Assignments = pin(wanted, s.app.Status.Assignments, live)
	if len(plan.Create) > 0 {
		// Saved first: after a crash, what we are about to create must be known as ours.
		if err := s.save(ctx); err != nil {
			return phase.Fail("IntentNotSaved", err)
		}
		return createAssignments(ctx, s, plan.Create, problems)
	}
	if len(problems) > 0 {
		return phase.Fail("AssignmentsNotApplied", errors.Join(problems...)).Recheck(replicationRecheck * 6)
	}
	for _, obsolete := range plan.Delete {
		if err := s.directory.DeleteAssignment(ctx, spID, obsolete.ID); err != nil {
			return phase.Fail("AssignmentsNotApplied", fmt.Errorf("removing the assignment of %s: %w", obsolete.PrincipalID, err))
		}
	}
	s.app.Status.Assignments = slices.DeleteFunc(s.app.Status.Assignments, func(st v1alpha1.AssignmentStatus) bool {
		return !slices.Contains(pairs(wanted), pairOf(st))
	})
	return phase.Succeed(v1alpha1.ReasonAssignmentsApplied, "%d users and groups are assigned", len(wanted))
}

func createAssignments(ctx context.Context, s *scope, create []diff.Pair, problems []error) phase.Outcome {
	for _, pair := range create {
		if _, err := s.directory.CreateAssignment(ctx, s.servicePrincipal.ID, pair.PrincipalID, pair.AppRoleID); err != nil {
			problems = append(problems, fmt.Errorf("assigning %s: %w", pair.PrincipalID, err))
		}
	}
	if len(problems) > 0 {
		return phase.Fail("AssignmentsNotApplied", errors.Join(problems...))
	}
	return phase.Wait(v1alpha1.ReasonReplicating, readBack, "%d assignments were made; reading them back", len(create))
}

// wantedAssignments gives the entries that can be assigned, and what is wrong with the others.
func wantedAssignments(s *scope) ([]v1alpha1.AssignmentStatus, []error) {
	var wanted []v1alpha1.AssignmentStatus
	var problems []error
	for _, p := range s.principals {
		if p.problem != nil {
			problems = append(problems, p.problem)
			continue
		}
		roleID := diff.BasicAccess(s.servicePrincipal.AppRoles)
		if value := p.assignment.AppRole; value != "" {
			role, ok := diff.Enabled(s.servicePrincipal.AppRoles, value)
			if !ok {
				problems = append(problems, replicating("spec.assignments[%s].appRole: Entra does not show the new role %q at the enterprise application yet", p.assignment.Name, value))
				continue
			}
			roleID = role.ID
		}
		wanted = append(wanted, v1alpha1.AssignmentStatus{Name: p.assignment.Name, Reference: p.reference, PrincipalID: p.id, AppRoleID: roleID})
	}
	return wanted, problems
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
