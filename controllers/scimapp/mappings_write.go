package scimapp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// writeMappings PUTs the schema, and reads it back. What it changes has to be what was judged.
func (r *Reconciler) writeMappings(ctx context.Context, s *scope, template json.RawMessage, judged []mapping.Change, v verdict) phase.Outcome {
	plan, out := r.parseExpressions(ctx, s, template)
	if out.State != phase.Done {
		return out
	}
	if !slices.Equal(plan.Changes, judged) {
		return phase.Wait(reasonMappingsDiffer, mappingRecheck, "Entra shows another schema than a moment ago; it is compared again before anything is written")
	}
	if out, denied := r.denySources(ctx, s, plan.Schema); denied {
		return out
	}
	if err := r.claimRevisions(ctx, s); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	if err := s.directory.PutSchema(ctx, s.jobRef(), plan.Schema); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the mappings were not accepted: %w", err))
	}
	if v.accepted != "" {
		acceptDefault.handled(s.app, v.accepted, "wrote what the mappings come to now", r.Clock.Now())
	}
	s.recordMappings(r.Clock.Now())
	s.writtenAt(plan, r.Clock.Now())
	if err := s.record(ctx); err != nil {
		return phase.Fail("MappingsNotRecorded", err)
	}
	r.tellChange(s, plan, v.corrects)
	after, out := r.planMappings(ctx, s, template)
	if out.State != phase.Done {
		return out
	}
	if !after.Empty() {
		return phase.Wait(v1alpha1.ReasonReplicating, mappingRecheck,
			"Entra took the mappings and shows others when they are read back: %s", strings.Join(after.Lines(), "; "))
	}
	s.seenInForce(r.Clock.Now())
	return out
}

// maxNote is the limit of an event's note.
const maxNote = 1024

// tellChange records an event about what was written. The first mappings of a job that never ran change nothing for
// anybody.
func (r *Reconciler) tellChange(s *scope, plan mapping.Plan, drifted bool) {
	plan.People = peopleIn(s.app.Status.Job.Entries)
	text := strings.Join(plan.Lines(), "; ")
	switch {
	case drifted:
		r.Events.Eventf(s.app, nil, corev1.EventTypeNormal, v1alpha1.ReasonDriftCorrected, "Correct",
			"%s", truncate("somebody changed the attribute mappings in Entra, and they were set back: "+text, maxNote))
	case !s.job.KnowsNobody():
		r.Events.Eventf(s.app, nil, corev1.EventTypeNormal, v1alpha1.ReasonMappingsChanged, "Apply",
			"%s", truncate("the attribute mappings were changed: "+text, maxNote))
	}
}

// peopleIn is how many are provisioned; 0 where it is not known.
func peopleIn(entries []v1alpha1.EntryCount) int {
	i := slices.IndexFunc(entries, func(e v1alpha1.EntryCount) bool { return e.Type == string(mapping.User) })
	if i < 0 || entries[i].Count == nil {
		return 0
	}
	return int(*entries[i].Count)
}

// parseExpressions has Entra parse every expression that is to be written, so that what Entra cannot parse is never
// written and the trees are its own; then it plans again.
func (r *Reconciler) parseExpressions(ctx context.Context, s *scope, template json.RawMessage) (mapping.Plan, phase.Outcome) {
	s.desired.Parsed = map[string]json.RawMessage{}
	for _, text := range s.desired.Expressions() {
		parsed, err := s.directory.ParseExpression(ctx, s.jobRef(), text)
		if err != nil {
			return mapping.Plan{}, r.synchronizationFault(s, err)
		}
		if !parsed.Succeeded {
			return mapping.Plan{}, phase.Stall(v1alpha1.ReasonMappingInvalid,
				"Entra cannot parse the expression %s of %s: %s; correct it. What Entra has stays as it is", text, whoseExpression(s.mappings, text), parsed.Message)
		}
		s.desired.Parsed[text] = parsed.Source
	}
	return r.planMappings(ctx, s, template)
}

func whoseExpression(mappings []declared, text string) string {
	for _, m := range mappings {
		for _, a := range m.MappingSpec().Attributes {
			if a.Expression == text {
				return fmt.Sprintf("%s, target %s", m, a.Target)
			}
		}
	}
	return "spec.roles"
}
