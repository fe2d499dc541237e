package scimapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// credentialRecheck is how soon an endpoint that Entra could not use is tried again: it is often only DNS that spreads.
const credentialRecheck = time.Minute

// readMappings reads the AttributeMappings and checks what can be checked without Entra.
func (r *Reconciler) readMappings(ctx context.Context, s *scope) phase.Outcome {
	s.mappingsUnread = true
	s.desired = mapping.Desired{
		Roles:    mapping.Roles(roles(s.app)),
		ScopeAll: provisioning(s.app).Scope == v1alpha1.ScopeAll,
	}
	byObject := map[v1alpha1.MappedObject]string{}
	for _, ref := range s.app.Spec.AttributeMappings {
		m := v1alpha1.AttributeMapping{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: s.app.Namespace, Name: ref.Name}, &m)
		if apierrors.IsNotFound(err) {
			return phase.Stall(v1alpha1.ReasonMappingNotFound,
				"spec.attributeMappings names %q, but there is no AttributeMapping of that name in namespace %s; create it or take it off the list. What Entra has stays as it is", ref.Name, s.app.Namespace)
		}
		if err != nil {
			return phase.Fail(v1alpha1.ReasonMappingNotFound, fmt.Errorf("reading AttributeMapping %s: %w", ref.Name, err))
		}
		if other, twice := byObject[m.Spec.Object]; twice {
			return phase.Stall(v1alpha1.ReasonMappingInvalid,
				"spec.attributeMappings names %s and %s, and both map object %s; a ScimApp takes one for each object: merge them or take one off the list", other, m.Name, m.Spec.Object)
		}
		byObject[m.Spec.Object] = m.Name
		s.mappings = append(s.mappings, m)
		s.desired.Mappings = append(s.desired.Mappings, Convert(m))
	}
	if findings := mapping.Validate(s.desired).Errors(); len(findings) > 0 {
		return phase.Stall(v1alpha1.ReasonMappingInvalid, "%w\nWhat Entra has stays as it is", findings)
	}
	s.mappingsUnread = false
	return phase.Succeed(v1alpha1.ReasonMappingsApplied, "the mappings are valid")
}

// Convert gives the pure form of an AttributeMapping.
func Convert(m v1alpha1.AttributeMapping) mapping.Mapping {
	out := mapping.Mapping{Name: m.Name, Object: mapping.Object(m.Spec.Object)}
	for _, a := range m.Spec.Attributes {
		attribute := mapping.Attribute{
			Target: a.Target, Source: a.Source, Constant: a.Constant, Expression: a.Expression,
			Default: a.Default, OnCreate: a.Apply == v1alpha1.ApplyOnCreate,
		}
		if a.MatchPrecedence != nil {
			attribute.MatchPrecedence = int(*a.MatchPrecedence)
		}
		out.Attributes = append(out.Attributes, attribute)
	}
	return out
}

// applyMappings brings the job's schema to what the mappings say. It writes only where the meaning differs, since any
// write makes Entra evaluate everybody anew.
func (r *Reconciler) applyMappings(ctx context.Context, s *scope) phase.Outcome {
	if len(s.desired.Mappings) == 0 && s.desired.Roles == mapping.RolesNone {
		s.app.Status.Mappings = nil
		return phase.Succeed(v1alpha1.ReasonMappingsApplied, "no mapping is declared; Entra keeps its own")
	}
	template, err := s.directory.TemplateSchema(ctx, s.servicePrincipal.ID, templateSCIM)
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	plan, out := r.planMappings(ctx, s, template)
	if out.State != phase.Done || plan.Empty() {
		return out
	}
	if plan, out = r.parseExpressions(ctx, s, template); out.State != phase.Done {
		return out
	}
	if err := s.directory.PutSchema(ctx, s.jobRef(), plan.Schema); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the mappings were not accepted: %w", err))
	}
	s.recordMappings()
	s.app.Status.Mappings.AppliedAt = now(r)
	after, out := r.planMappings(ctx, s, template)
	if out.State == phase.Done && !after.Empty() {
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck,
			"Entra took the mappings and shows others when they are read back: %s", strings.Join(after.Lines(), "; "))
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
	var findings mapping.Findings
	switch {
	case errors.As(err, &findings):
		return plan, phase.Stall(v1alpha1.ReasonMappingInvalid, "%w\nWhat Entra has stays as it is", findings)
	case err != nil:
		return plan, phase.Fail("SchemaUnreadable", fmt.Errorf("comparing the mappings with Entra's schema: %w", err))
	}
	if plan.Empty() {
		s.recordMappings()
	}
	return plan, phase.Succeed(v1alpha1.ReasonMappingsApplied, "%s", describeMappings(s.mappings))
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

func whoseExpression(mappings []v1alpha1.AttributeMapping, text string) string {
	for _, m := range mappings {
		for _, a := range m.Spec.Attributes {
			if a.Expression == text {
				return fmt.Sprintf("AttributeMapping %s, target %s", m.Name, a.Target)
			}
		}
	}
	return "spec.roles"
}

func (s *scope) recordMappings() {
	st := s.app.Status.Mappings
	if st == nil {
		st = &v1alpha1.MappingsStatus{}
	}
	st.Applied = nil
	for _, m := range s.mappings {
		st.Applied = append(st.Applied, v1alpha1.AppliedMapping{
			Name: m.Name, Object: m.Spec.Object, Generation: m.Generation,
			Attributes: int32(len(m.Spec.Attributes)), //nolint:gosec // the CRD allows 200
		})
	}
	s.app.Status.Mappings = st
}

func describeMappings(mappings []v1alpha1.AttributeMapping) string {
	if len(mappings) == 0 {
		return "Entra has the role mapping; all other attributes are at its default"
	}
	parts := make([]string, 0, len(mappings))
	for _, m := range mappings {
		parts = append(parts, fmt.Sprintf("%s (%s, generation %d)", m.Name, m.Spec.Object, m.Generation))
	}
	return "Entra has " + strings.Join(parts, " and ")
}
