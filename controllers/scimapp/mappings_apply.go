package scimapp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// verdict says what becomes of the object types that differ from what is declared.
type verdict struct {
	// write: what is declared is to be written.
	write []mapping.Object
	// pending: it was written a moment ago. It is written again only along with others, since what Entra shows may be older.
	pending []mapping.Object
	// unkept: Entra took it and does not show it.
	unkept []mapping.Object
	// drifted: somebody changed it in Entra, and it is to be reported.
	drifted []mapping.Object
	// newDefault: nobody changed anything, and it comes to something else.
	newDefault []mapping.Object
	// accepted is the value of the annotation that has a new default written; empty where none does.
	accepted string
	// corrects is true where nothing else is written than what somebody changed in Entra.
	corrects bool
}

// judge decides for each object type of the plan by itself: a change of the mapping of groups is no reason to write what
// waits in that of users.
func (s *scope) judge(plan mapping.Plan, now time.Time) verdict {
	v := verdict{corrects: true}
	report := driftPolicy(s.app) == v1alpha1.DriftReport
	for _, object := range plan.Objects() {
		switch kind := s.declaredFor(object).differing(s.objectStatus(object), now); {
		case kind == declaredAnew:
			v.write, v.corrects = append(v.write, object), false
		case kind == notShownYet:
			v.pending = append(v.pending, object)
		case kind == defaultChanged:
			v.newDefault = append(v.newDefault, object)
		case kind == notKept, kind == neverKept && report:
			v.unkept = append(v.unkept, object)
		case kind == drifted && report:
			v.drifted = append(v.drifted, object)
		default:
			v.write, v.corrects = append(v.write, object), v.corrects && kind == drifted
		}
	}
	return v
}

// apply writes what of the plan is to be written, and tells of the rest.
func (r *Reconciler) apply(ctx context.Context, s *scope, template json.RawMessage, plan mapping.Plan) phase.Outcome {
	if out, waits := s.awaitAdoption(); waits {
		return out
	}
	v := s.judge(plan, r.Clock.Now())
	s.acceptNewDefault(plan, &v)
	s.unkept, s.drifted, s.newDefault = v.unkept, plan.ChangesOf(v.drifted), plan.ChangesOf(v.newDefault)
	s.reportDrift(plan.ChangesOf(slices.Concat(v.drifted, v.newDefault)), r.Clock.Now())
	s.leave(slices.Concat(v.unkept, v.drifted, v.newDefault))
	switch {
	case len(v.write) > 0:
		if out, waits := s.awaitOthers(r.Clock.Now()); waits {
			return out
		}
		if out := r.writeMappings(ctx, s, template, plan.ChangesOf(slices.Concat(v.write, v.pending)), v); out.State != phase.Done {
			return out
		}
	case len(v.pending) > 0:
		return phase.Wait(reasonMappingsDiffer, mappingRecheck,
			"the mappings were written at %s and Entra shows others: %s; somebody may have changed them in the portal. What becomes of that is decided after %s",
			s.writtenLast(v.pending), lines(plan, v.pending), rewriteAfter)
	default:
		s.recordMappings(r.Clock.Now())
		s.seenInForce(r.Clock.Now())
	}
	return s.tellRest(plan, v)
}

// reasonMappingsDiffer is for a difference that is looked at again.
const reasonMappingsDiffer = "MappingsDiffer"

// awaitOthers keeps a write away from an object type that it would not bring to what is declared, and that was written a
// moment ago: Entra takes the whole schema at once, and may show of that object what it had before.
func (s *scope) awaitOthers(now time.Time) (phase.Outcome, bool) {
	for _, object := range mappedObjects {
		st := s.objectStatus(object)
		outside := slices.Contains(s.held, object) || slices.Contains(s.left, object) || !s.declaredFor(object).anythingDeclared()
		if st == nil || !outside || st.AppliedAt == nil || now.Sub(st.AppliedAt.Time) >= rewriteAfter {
			continue
		}
		return phase.Wait(reasonMappingsDiffer, mappingRecheck,
			"the mapping of %s was written at %s and is not to be written now; until %s after that Entra may show what it had before, which a write of the other mapping would bring back",
			object, stamp(st.AppliedAt.Time), rewriteAfter), true
	}
	return phase.Outcome{}, false
}

// acceptNewDefault has a changed default written where somebody accepts exactly what it changes: nobody changed a mapping,
// and so no wave would hold it back from any app.
func (s *scope) acceptNewDefault(plan mapping.Plan, v *verdict) {
	if len(v.newDefault) == 0 {
		return
	}
	value := defaultDigest(plan.ChangesOf(v.newDefault))
	if accepted, _ := acceptDefault.ask(s.app, value); accepted {
		v.write, v.newDefault, v.accepted, v.corrects = append(v.write, v.newDefault...), nil, value, false
	}
}

// tellRest says what of the plan was not written.
func (s *scope) tellRest(plan mapping.Plan, v verdict) phase.Outcome {
	text := describeMappings(s.mappings)
	switch {
	case len(v.unkept) > 0:
		return phase.Stall(v1alpha1.ReasonMappingsNotKept,
			"the mappings were written at %s and Entra has never shown them since: %s; declare what Entra makes of it, or leave it out. "+
				"Each write starts a full cycle, so the next one comes when a mapping of that object changes, or, unless driftPolicy is Report, %s after the last one",
			s.writtenLast(v.unkept), lines(plan, v.unkept), retryAfter)
	case len(v.newDefault) > 0:
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s, as they were written; they come to something else now, see InSync", text)
	case len(v.drifted) > 0:
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s; somebody changed some of it in Entra since, see InSync", text)
	default:
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s", text)
	}
}

// writtenLast is when the first of the object types was written.
func (s *scope) writtenLast(objects []mapping.Object) string {
	return stamp(s.objectStatus(objects[0]).AppliedAt.Time)
}

func lines(plan mapping.Plan, objects []mapping.Object) string {
	return strings.Join(mapping.Plan{Changes: plan.ChangesOf(objects)}.Lines(), "; ")
}
