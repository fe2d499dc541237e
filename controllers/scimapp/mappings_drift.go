package scimapp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// The limits of status.drift.
const (
	maxDrift      = 20
	maxDriftValue = 256
)

// reportDrift puts what differs into status. What was there before keeps its time.
func (s *scope) reportDrift(plan mapping.Plan, at time.Time) {
	before := s.app.Status.Drift
	s.app.Status.Drift, s.drift = nil, len(plan.Changes)
	for _, change := range plan.Changes {
		d := v1alpha1.Drift{
			Path: driftPath(change), Want: truncate(change.New, maxDriftValue), Have: truncate(change.Old, maxDriftValue),
			Since: &metav1.Time{Time: at.Truncate(time.Second)},
		}
		samePath := func(other v1alpha1.Drift) bool { return other.Path == d.Path }
		if i := slices.IndexFunc(before, samePath); i >= 0 {
			d.Since = before[i].Since
		}
		if len(s.app.Status.Drift) < maxDrift && !slices.ContainsFunc(s.app.Status.Drift, samePath) {
			s.app.Status.Drift = append(s.app.Status.Drift, d)
		}
	}
}

// driftPath names what differs, such as mappings.User.userName or mappings.User.Scope.
func driftPath(change mapping.Change) string {
	parts := []string{"mappings", string(change.Object)}
	if change.Aspect != mapping.AspectAttribute {
		parts = append(parts, string(change.Aspect))
	}
	if change.Target != "" {
		parts = append(parts, change.Target)
	}
	return truncate(strings.Join(parts, "."), maxDriftValue)
}

// judgeSync says whether Entra is as the manifest says, apart from what is on its way.
func (r *Reconciler) judgeSync(_ context.Context, s *scope) phase.Outcome {
	if s.drift == 0 {
		s.app.Status.Drift = nil
		return phase.Succeed(v1alpha1.ReasonInSync, "nothing in Entra was found to differ from what the operator wrote")
	}
	var paths []string
	for _, d := range s.app.Status.Drift {
		paths = append(paths, d.Path)
	}
	if more := s.drift - len(paths); more > 0 {
		paths = append(paths, fmt.Sprintf("and %d more", more))
	}
	return phase.Note(v1alpha1.ReasonDrifted,
		"somebody changed %s in Entra; spec.driftPolicy is Report, so it stays. status.drift has what is wanted and what is there: change the manifest to it, or set driftPolicy: Correct",
		strings.Join(paths, ", "))
}
