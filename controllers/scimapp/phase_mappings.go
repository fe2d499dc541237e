package scimapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// credentialRecheck is how soon an endpoint that Entra could not use is tried again: it is often only DNS that spreads.
const credentialRecheck = time.Minute

// mappingRecheck leaves Entra time to settle before mappings are compared again.
const mappingRecheck = time.Minute

// declared is one mapping that the manifest names, as it is now.
type declared struct {
	v1alpha1.MappingObject
	revision string
}

// String names it as a person does.
func (d declared) String() string { return string(d.MappingKind()) + " " + d.GetName() }

// readMappings reads the mappings and checks what can be checked without Entra.
func (r *Reconciler) readMappings(ctx context.Context, s *scope) phase.Outcome {
	s.mappingsUnread = true
	s.desired = manifest.Desired(s.app, nil)
	for _, ref := range s.app.Spec.AttributeMappings {
		m, out := r.readMapping(ctx, s, ref)
		if out.State != phase.Done {
			return out
		}
		s.mappings = append(s.mappings, m)
		s.desired.Mappings = append(s.desired.Mappings, manifest.Mapping(m.MappingKind(), m.GetName(), *m.MappingSpec()))
	}
	if findings := mapping.Validate(s.desired).Errors(); len(findings) > 0 {
		return phase.Stall(v1alpha1.ReasonMappingInvalid, "%w; what Entra has stays as it is", findings)
	}
	s.mappingsUnread = false
	return phase.Succeed(v1alpha1.ReasonMappingsApplied, "the mappings are valid")
}

func (r *Reconciler) readMapping(ctx context.Context, s *scope, ref v1alpha1.AttributeMappingReference) (declared, phase.Outcome) {
	m, key, where := v1alpha1.MappingObject(&v1alpha1.AttributeMapping{}), client.ObjectKey{Namespace: s.app.Namespace, Name: ref.Name}, " in namespace "+s.app.Namespace
	if ref.ClusterName != "" {
		m, key, where = &v1alpha1.ClusterAttributeMapping{}, client.ObjectKey{Name: ref.ClusterName}, ""
	}
	err := r.Client.Get(ctx, key, m)
	if apierrors.IsNotFound(err) {
		return declared{}, phase.Stall(v1alpha1.ReasonMappingNotFound,
			"spec.attributeMappings names %q, but there is no %s of that name%s; create it or take it off the list. What Entra has stays as it is", key.Name, m.MappingKind(), where)
	}
	if err != nil {
		return declared{}, phase.Fail(v1alpha1.ReasonMappingNotFound, fmt.Errorf("reading %s %s: %w", m.MappingKind(), key.Name, err))
	}
	revision, err := manifest.Revision(*m.MappingSpec())
	if err != nil {
		return declared{}, phase.Fail(v1alpha1.ReasonMappingNotFound, err)
	}
	return declared{m, revision}, phase.Succeed("", "")
}

// applyMappings brings the job's schema to what the mappings say, as far as their waves have come. It writes only where
// the meaning differs, since any write makes Entra evaluate everybody anew.
func (r *Reconciler) applyMappings(ctx context.Context, s *scope) phase.Outcome {
	if len(s.desired.Mappings) == 0 && s.desired.Roles == mapping.RolesNone {
		s.app.Status.Mappings, s.app.Status.Drift = nil, nil
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "no mapping is declared; Entra keeps its own")
	}
	template, err := s.directory.TemplateSchema(ctx, s.servicePrincipal.ID, templateSCIM)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	if out := r.readOperators(ctx, s); out.State != phase.Done {
		return out
	}
	out := r.reconcileMappings(ctx, s, template)
	s.recordRefusal(out)
	return out
}

// readOperators asks Graph for the operators that a scope may have, where one is declared.
func (r *Reconciler) readOperators(ctx context.Context, s *scope) phase.Outcome {
	if !s.desired.NeedsOperators() {
		return phase.Succeed("", "")
	}
	answer, err := s.directory.FilterOperators(ctx, s.jobRef())
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	if s.desired.Operators, err = mapping.ParseFilterOperators(answer); err != nil {
		return phase.Fail("SchemaUnreadable", err)
	}
	return phase.Succeed("", "")
}

func (r *Reconciler) reconcileMappings(ctx context.Context, s *scope, template json.RawMessage) phase.Outcome {
	plan, out := r.planMappings(ctx, s, template)
	if out.State != phase.Done {
		return out
	}
	if plan.Empty() {
		return r.inForce(s, out)
	}
	held, err := r.heldBack(ctx, s)
	if err != nil {
		return phase.Fail(reasonMappingsNotApplied, err)
	}
	if len(held) == 0 {
		return s.narrowed(r.apply(ctx, s, template, plan))
	}
	s.leaveOut(held)
	if plan, out = r.planMappings(ctx, s, template); out.State != phase.Done {
		return out
	}
	if plan.Empty() {
		out = r.inForce(s, out)
	} else {
		out = r.apply(ctx, s, template, plan)
	}
	if out.State != phase.Done {
		return out
	}
	return phase.Note(v1alpha1.ReasonRolloutPending, "%s", describeHeld(s, held))
}

// reasonMappingsNotApplied is for a fault on our side.
const reasonMappingsNotApplied = "MappingsNotApplied"

// inForce remembers that Entra has what is declared.
func (r *Reconciler) inForce(s *scope, out phase.Outcome) phase.Outcome {
	revision, err := revisionOf(s.desired)
	if err != nil {
		return phase.Fail(reasonMappingsNotApplied, err)
	}
	s.recordMappings(r.Clock.Now(), revision)
	s.seenInForce(r.Clock.Now())
	return s.narrowed(out)
}

// narrowed asks for another pass where the endpoint serves what Entra's schema does not name any more: it may forget that
// now.
func (s *scope) narrowed(out phase.Outcome) phase.Outcome {
	if out.State == phase.Done && s.extensionsKept {
		return out.Recheck(extensionRecheck)
	}
	return out
}

// apply writes the plan, unless it would undo what somebody changed in Entra and the manifest says to report that.
func (r *Reconciler) apply(ctx context.Context, s *scope, template json.RawMessage, plan mapping.Plan) phase.Outcome {
	revision, err := revisionOf(s.desired)
	if err != nil {
		return phase.Fail(reasonMappingsNotApplied, err)
	}
	if out, denied := r.denySources(ctx, s, plan.Schema); denied {
		return out
	}
	kind := differing(s.app.Status.Mappings, revision, s.meaning, r.Clock.Now())
	switch {
	case kind == defaultChanged:
		return r.newDefault(ctx, s, template, plan, revision)
	case kind == notShownYet:
		return phase.Wait("MappingsDiffer", mappingRecheck,
			"the mappings were written at %s and Entra shows others: %s; somebody may have changed them in the portal. What becomes of that is decided after %s",
			stamp(s.app.Status.Mappings.AppliedAt.Time), strings.Join(plan.Lines(), "; "), rewriteAfter)
	case kind == notKept, kind == neverKept && driftPolicy(s.app) == v1alpha1.DriftReport:
		return phase.Stall(v1alpha1.ReasonMappingsNotKept,
			"the mappings were written at %s and Entra has never shown them since: %s; declare what Entra makes of it, or leave it out. "+
				"Each write starts a full cycle, so the next one comes when a mapping changes, or, unless driftPolicy is Report, %s after the last one",
			stamp(s.app.Status.Mappings.AppliedAt.Time), strings.Join(plan.Lines(), "; "), retryAfter)
	case kind == drifted && driftPolicy(s.app) == v1alpha1.DriftReport:
		s.reportDrift(plan, r.Clock.Now())
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s; somebody changed some of it in Entra since, see InSync", describeMappings(s.mappings))
	}
	return r.writeMappings(ctx, s, template, revision, kind == drifted)
}

// newDefault writes what the mappings come to now only where somebody accepts that: nobody changed them, and so no wave would
// hold it back from any app.
func (r *Reconciler) newDefault(ctx context.Context, s *scope, template json.RawMessage, plan mapping.Plan, revision string) phase.Outcome {
	if accepted, _ := acceptDefault.ask(s.app, s.meaning); accepted {
		acceptDefault.handled(s.app, s.meaning, "wrote what the mappings come to now", r.Clock.Now())
		return r.writeMappings(ctx, s, template, revision, false)
	}
	s.newMeaning = s.meaning
	s.reportDrift(plan, r.Clock.Now())
	return phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s, as they were written; they come to something else now, see InSync", describeMappings(s.mappings))
}

// planMappings compares the live schema with the mappings.
func (r *Reconciler) planMappings(ctx context.Context, s *scope, template json.RawMessage) (mapping.Plan, phase.Outcome) {
	live, err := s.directory.Schema(ctx, s.jobRef())
	if err != nil {
		return mapping.Plan{}, r.synchronizationFault(s, err)
	}
	plan, err := mapping.NewPlan(live, template, s.desired)
	if err == nil {
		s.meaning, err = mapping.Meaning(template, s.desired)
	}
	var findings mapping.Findings
	switch {
	case errors.As(err, &findings):
		return plan, phase.Stall(v1alpha1.ReasonMappingInvalid, "%w; what Entra has stays as it is", findings)
	case err != nil:
		return plan, phase.Fail("SchemaUnreadable", fmt.Errorf("comparing the mappings with Entra's schema: %w", err))
	}
	return plan, phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s", describeMappings(s.mappings))
}

func describeMappings(mappings []declared) string {
	if len(mappings) == 0 {
		return "Entra has the role mapping; all other attributes are at its default"
	}
	parts := make([]string, 0, len(mappings))
	for _, m := range mappings {
		parts = append(parts, fmt.Sprintf("%s (%s, revision %s)", m.GetName(), m.MappingSpec().Object, m.revision))
	}
	return "Entra has " + strings.Join(parts, " and ")
}

// leaveOut takes the objects of the mappings that wait out of what is desired: Entra keeps what it has for them. All
// mappings of an object wait together: half of them would be neither the old state nor the new one.
func (s *scope) leaveOut(held []declared) {
	s.desired.Mappings = slices.DeleteFunc(slices.Clone(s.desired.Mappings), func(m mapping.Mapping) bool {
		return slices.ContainsFunc(held, func(h declared) bool { return string(h.MappingSpec().Object) == string(m.Object) })
	})
}
