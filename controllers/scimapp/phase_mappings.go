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
	"github.com/scim-operator/scim-operator/internal/provisioning"
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
	acceptDefault.forget(s.app)
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
	return s.haltedHere(out)
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
	s.holdBack(held)
	alone := s.rolesAlone(r.Clock.Now())
	if alone {
		s.holdBackObject(mapping.User)
	}
	if len(s.held) > 0 {
		if plan, out = r.planMappings(ctx, s, template); out.State != phase.Done {
			return out
		}
	}
	if plan.Empty() {
		out = r.inForce(s, out)
	} else {
		out = r.apply(ctx, s, template, plan)
	}
	switch {
	case out.State != phase.Done:
		return out
	case len(held) > 0:
		return phase.Note(v1alpha1.ReasonRolloutPending, "%s", describeHeld(s, held))
	case alone:
		return out.Recheck(rolesRecheck) // the rest of the mapping is looked at then
	default:
		return s.narrowed(out)
	}
}

// rolesRecheck is how soon the mapping is looked at whose roles alone were written.
const rolesRecheck = 5 * time.Second

// reasonMappingsNotApplied is for a fault on our side.
const reasonMappingsNotApplied = "MappingsNotApplied"

// inForce remembers that Entra has what this pass applies.
func (r *Reconciler) inForce(s *scope, out phase.Outcome) phase.Outcome {
	if provisioning.AdoptionPending(s.app) {
		return out // what others wrote is not on record as ours
	}
	s.recordMappings(r.Clock.Now())
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

// planMappings compares the live schema with the mappings.
func (r *Reconciler) planMappings(ctx context.Context, s *scope, template json.RawMessage) (mapping.Plan, phase.Outcome) {
	live, err := s.directory.Schema(ctx, s.jobRef())
	if err != nil {
		return mapping.Plan{}, r.synchronizationFault(s, err)
	}
	plan, err := mapping.NewPlan(live, template, s.desired)
	if err == nil {
		s.meanings, err = mapping.Meanings(template, s.desired)
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

// holdBack takes the mappings that wait for their waves out of what is desired: Entra keeps what it has for their objects.
// All mappings of an object wait together: half of them would be neither the old state nor the new one.
func (s *scope) holdBack(held []declared) {
	for _, h := range held {
		s.holdBackObject(mapping.Object(h.MappingSpec().Object))
	}
}

func (s *scope) holdBackObject(object mapping.Object) {
	if !slices.Contains(s.held, object) {
		s.held = append(s.held, object)
	}
	s.desired.Mappings = without(s.desired.Mappings, s.held)
}

// leave has Entra keep all that it has for these object types.
func (s *scope) leave(objects []mapping.Object) {
	s.left = append(s.left, objects...)
	s.desired.Mappings = without(s.desired.Mappings, objects)
	if slices.Contains(objects, mapping.User) {
		s.desired.Roles = mapping.RolesNone
	}
}

func without(mappings []mapping.Mapping, objects []mapping.Object) []mapping.Mapping {
	return slices.DeleteFunc(slices.Clone(mappings), func(m mapping.Mapping) bool { return slices.Contains(objects, m.Object) })
}
