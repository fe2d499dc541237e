package scimapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
		s.desired.Mappings = append(s.desired.Mappings, manifest.Mapping(v1alpha1.KindAttributeMapping, m.Name, m.Spec))
	}
	if findings := mapping.Validate(s.desired).Errors(); len(findings) > 0 {
		return phase.Stall(v1alpha1.ReasonMappingInvalid, "%w; what Entra has stays as it is", findings)
	}
	s.mappingsUnread = false
	return phase.Succeed(v1alpha1.ReasonMappingsApplied, "the mappings are valid")
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
	if out.State != phase.Done {
		return out
	}
	if plan.Empty() {
		return out
	}
	if out, denied := r.denySources(ctx, s, plan.Schema); denied {
		return out
	}
	return r.writeMappings(ctx, s, template)
}

// rewriteAfter is how long the same mappings are not written again although Entra shows others: every write starts a
// full cycle, and whatever makes the difference would only make it anew.
const rewriteAfter = 10 * time.Minute

// writeMappings PUTs the schema, and reads it back.
func (r *Reconciler) writeMappings(ctx context.Context, s *scope, template json.RawMessage) phase.Outcome {
	revision, err := revisionOf(s.desired)
	if err != nil {
		return phase.Fail("MappingsNotApplied", err)
	}
	plan, out := r.parseExpressions(ctx, s, template)
	if out.State != phase.Done {
		return out
	}
	if st := s.app.Status.Mappings; st != nil && st.Revision == revision && st.AppliedAt != nil && r.Clock.Since(st.AppliedAt.Time) < rewriteAfter {
		return phase.Wait("MappingsDiffer", mappingRecheck,
			"the mappings were written at %s and Entra shows others: %s; somebody may have changed them in the portal. They are written again after %s",
			stamp(st.AppliedAt.Time), strings.Join(plan.Lines(), "; "), rewriteAfter)
	}
	if err := s.directory.PutSchema(ctx, s.jobRef(), plan.Schema); err != nil {
		return r.synchronizationFault(s, fmt.Errorf("the mappings were not accepted: %w", err))
	}
	s.recordMappings()
	s.app.Status.Mappings.AppliedAt, s.app.Status.Mappings.Revision = now(r), revision
	if err := s.record(ctx); err != nil {
		return phase.Fail("MappingsNotRecorded", err)
	}
	after, out := r.planMappings(ctx, s, template)
	if out.State == phase.Done && !after.Empty() {
		return phase.Wait(v1alpha1.ReasonReplicating, mappingRecheck,
			"Entra took the mappings and shows others when they are read back: %s", strings.Join(after.Lines(), "; "))
	}
	return out
}

// revisionOf is a digest of what is declared, without the trees that Graph made of it.
func revisionOf(d mapping.Desired) (string, error) {
	d.Parsed = nil
	body, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encoding the declared mappings: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:16], nil
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
		return plan, phase.Stall(v1alpha1.ReasonMappingInvalid, "%w; what Entra has stays as it is", findings)
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
			Kind: v1alpha1.KindAttributeMapping, Name: m.Name, Object: m.Spec.Object, Generation: m.Generation,
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
