package scimapp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// heldBack gives the mappings whose revision may not be written yet, because their waves have not come to this app. A job
// that never ran is not held back, nor is a mapping that no other app uses.
func (r *Reconciler) heldBack(ctx context.Context, s *scope) ([]declared, error) {
	if s.job.KnowsNobody() {
		return nil, nil
	}
	var held []declared
	for _, m := range s.mappings {
		if applied := s.app.Status.AppliedMapping(m); applied != nil && applied.Revision == m.revision || released(m, s.app) {
			continue
		}
		users, err := index.AppsOfMapping(ctx, r.Client, m)
		if err != nil {
			return nil, err
		}
		if len(users) > 1 || halted(m) {
			s.appliedEntry(m) // so that its waves know of this app, even where the revision in force is not known
			held = append(held, m)
		}
	}
	return held, nil
}

// released is true when the mapping's controller has let the app take the mapping as it is now.
func released(m declared, app *v1alpha1.ScimApp) bool {
	rollout := m.MappingStatus().Rollout
	return rollout != nil && rollout.Revision == m.revision && slices.Contains(rollout.Released, index.NameForMapping(m, app))
}

// halted is true while the mapping's rollout stands still, whoever else still uses the mapping.
func halted(m declared) bool {
	rollout := m.MappingStatus().Rollout
	return rollout != nil && rollout.Revision == m.revision && rollout.Halt != nil
}

// haltedHere says at the app that got worse what the mapping says of it: who looks at the app should not have to guess that
// its mapping is the cause.
func (s *scope) haltedHere(out phase.Outcome) phase.Outcome {
	if out.State != phase.Done {
		return out
	}
	for _, m := range s.mappings {
		if halted(m) && m.MappingStatus().Rollout.Halt.App == index.NameForMapping(m, s.app) {
			out.Reason = v1alpha1.ReasonRolloutHalted
			out.Message += fmt.Sprintf("\nits rollout halted because this ScimApp got worse with revision %s of %s: %s. Correct the mapping; `kubectl describe %s` tells how to go on with it as it is",
				m.revision, m, m.MappingStatus().Rollout.Halt.Cause, resourceOf(m))
		}
	}
	return out
}

// resourceOf names the mapping as an argument of kubectl.
func resourceOf(m declared) string {
	resource := strings.ToLower(string(m.MappingKind())) + " " + m.GetName()
	if m.GetNamespace() != "" {
		resource += " --namespace " + m.GetNamespace()
	}
	return resource
}

// appliedEntry finds the status of the mapping, or adds one without a revision: which one is in force is not known when
// status was lost, or when the manifest did not name the mapping before.
func (s *scope) appliedEntry(m declared) *v1alpha1.AppliedMapping {
	if s.app.Status.Mappings == nil {
		s.app.Status.Mappings = &v1alpha1.MappingsStatus{}
	}
	if applied := s.app.Status.AppliedMapping(m); applied != nil {
		return applied
	}
	st := s.app.Status.Mappings
	st.Applied = append(st.Applied, v1alpha1.AppliedMapping{Kind: m.MappingKind(), Name: m.GetName(), Object: m.MappingSpec().Object})
	return &st.Applied[len(st.Applied)-1]
}

func describeHeld(s *scope, held []declared) string {
	parts := make([]string, 0, len(held))
	for _, m := range held {
		inForce := "an older revision"
		if applied := s.app.Status.AppliedMapping(m); applied != nil && applied.Revision != "" {
			inForce = "revision " + applied.Revision
		}
		parts = append(parts, fmt.Sprintf("revision %s of %s waits until its waves come to this ScimApp, and %s stays in force; `kubectl describe %s` tells how far they are",
			m.revision, m, inForce, resourceOf(m)))
	}
	return strings.Join(parts, "\n")
}

// claimRevisions saves, before the schema is written, which revisions it brings and how the job did until then: were that
// lost, nobody could tell whether the app got worse.
func (r *Reconciler) claimRevisions(ctx context.Context, s *scope) error {
	var before *v1alpha1.CycleFigures
	claimed := false
	for _, m := range s.mappings {
		applied := s.app.Status.AppliedMapping(m)
		if s.isLeftOut(m) || applied == nil || applied.Revision == m.revision || !released(m, s.app) {
			continue
		}
		if e := s.job.LastExecution; before == nil && e != nil {
			figures, err := r.figures(ctx, s, e, e.Began)
			if err != nil {
				return err
			}
			before = figures
		}
		applied.Revision, applied.Wave = m.revision, m.MappingStatus().Rollout.Wave
		applied.ClaimedAt, applied.AppliedAt, applied.Before, applied.After = &metav1.Time{Time: r.Clock.Now().Truncate(time.Second)}, nil, before, nil
		claimed = true
	}
	if !claimed {
		return nil
	}
	return s.save(ctx)
}

// isLeftOut is true for a mapping that this pass does not apply.
func (s *scope) isLeftOut(m declared) bool {
	object := mapping.Object(m.MappingSpec().Object)
	return slices.Contains(s.held, object) || slices.Contains(s.left, object)
}

// figures are what a cycle came to, with all who were disabled from the given time to its end: cycles before it may have
// failed, or ended while nobody looked. The provisioning log alone tells how many people were disabled; who may not read it
// goes without that figure.
func (r *Reconciler) figures(ctx context.Context, s *scope, e *entra.Execution, from time.Time) (*v1alpha1.CycleFigures, error) {
	out := &v1alpha1.CycleFigures{Failed: e.Escrowed, EndedAt: timeOf(&e.Ended)}
	written, err := s.directory.Written(ctx, s.jobRef(), e.Began, e.Ended)
	switch {
	case err == nil && (written.Entries >= e.Exported || r.Clock.Since(e.Ended) >= logPatience):
		if from.Before(e.Began) {
			if written, err = s.directory.Written(ctx, s.jobRef(), from, e.Ended); err != nil {
				return nil, err
			}
		}
		out.Disabled = &written.Disabled
		return out, nil
	case err == nil:
		return nil, fault.NewWaiting(v1alpha1.ReasonReplicating, mappingRecheck, fmt.Errorf(
			"the provisioning log shows %d of the %d entries that the cycle wrote which ended at %s", written.Entries, e.Exported, stamp(e.Ended)))
	case fault.ClassOf(err) == fault.Terminal:
		return out, nil
	default:
		return nil, err
	}
}

// logPatience is how long the provisioning log may lag behind. Microsoft names no figure.
const logPatience = 15 * time.Minute

// recordCycle remembers how the job did in the first whole cycle with each revision that came in a wave, or in one that
// failed, if it disabled more people than the one before. While that cannot be told yet it gives the time after which to
// look again; the waves wait for it, and the app does not.
func (r *Reconciler) recordCycle(ctx context.Context, s *scope) (again time.Duration) {
	e := s.job.LastExecution
	if s.app.Status.Mappings == nil || e == nil || e.Ended.IsZero() {
		return 0
	}
	for i := range s.app.Status.Mappings.Applied {
		a := &s.app.Status.Mappings.Applied[i]
		if a.Wave == 0 || a.After != nil || a.AppliedAt == nil || a.ClaimedAt == nil || !e.Began.After(a.AppliedAt.Time) {
			continue
		}
		after, err := r.figures(ctx, s, e, a.ClaimedAt.Time)
		if err != nil {
			log.FromContext(ctx).Info("how the cycle after a change did is not known yet", "message", err.Error())
			return mappingRecheck
		}
		if e.State != cycleFailed || disabledMore(after, a.Before) {
			a.After = after
		}
	}
	return 0
}

func disabledMore(after, before *v1alpha1.CycleFigures) bool {
	var was int64
	if before != nil && before.Disabled != nil {
		was = *before.Disabled
	}
	return after.Disabled != nil && *after.Disabled > was
}

// recordMappings remembers that Entra has what this pass applies.
func (s *scope) recordMappings(at time.Time) {
	st := s.app.Status.Mappings
	if st == nil {
		st = &v1alpha1.MappingsStatus{}
		s.app.Status.Mappings = st
	}
	var applied []v1alpha1.AppliedMapping
	for _, m := range s.mappings {
		entry := *s.appliedEntry(m)
		if !s.isLeftOut(m) {
			entry.Object, entry.Attributes = m.MappingSpec().Object, int32(len(m.MappingSpec().Attributes)) //nolint:gosec // the CRD allows 200
			if entry.Revision != m.revision {
				entry.Revision, entry.Wave, entry.ClaimedAt, entry.Before, entry.After, entry.AppliedAt = m.revision, 0, nil, nil, nil, nil
			}
			if entry.AppliedAt == nil {
				// Rounded up, so that no cycle that began before the write counts as one after it.
				entry.AppliedAt = &metav1.Time{Time: at.Truncate(time.Second).Add(time.Second)}
			}
			entry.RefusedRevision, entry.Refusal = "", ""
		}
		applied = append(applied, entry)
	}
	st.Applied = applied
	s.recordObjects()
}

// maxRefusal is the limit of a refusal in status.
const maxRefusal = 512

// recordRefusal remembers that a revision cannot be applied to this app, so that no further wave takes it.
func (s *scope) recordRefusal(out phase.Outcome) {
	if !out.Stalled() || out.Reason == v1alpha1.ReasonDenied {
		return
	}
	refused := func(a *v1alpha1.AppliedMapping, revision string) bool {
		if out.Reason == v1alpha1.ReasonMappingsNotKept {
			return slices.Contains(s.unkept, mapping.Object(a.Object)) && a.Revision == revision && a.Wave > 0 && a.After == nil
		}
		return (a.Revision != revision || a.AppliedAt == nil) && !slices.Contains(s.held, mapping.Object(a.Object)) && !slices.Contains(s.left, mapping.Object(a.Object))
	}
	for _, m := range s.mappings {
		if applied := s.app.Status.AppliedMapping(m); applied != nil && refused(applied, m.revision) {
			applied.RefusedRevision, applied.Refusal = m.revision, truncate(out.Message, maxRefusal)
		}
	}
}
