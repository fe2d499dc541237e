package scimapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

const (
	// rewriteAfter is how long a difference to what was just written counts as Entra's own: it may not show the write yet,
	// and every further write starts a full cycle.
	rewriteAfter = 10 * time.Minute
	// retryAfter is how long mappings are not written again that Entra took and never showed.
	retryAfter = 24 * time.Hour
)

// difference says where a difference between Entra and the manifest comes from.
type difference int

const (
	// declaredAnew: the manifest changed.
	declaredAnew difference = iota
	// notShownYet: it was written a moment ago.
	notShownYet
	// notKept: Entra took it and never showed it.
	notKept
	// neverKept: so it was for as long that it is to be given another try.
	neverKept
	// drifted: Entra had it, and somebody changed it there.
	drifted
	// defaultChanged: Entra's default mapping or this version of the operator makes something else of the same manifest.
	defaultChanged
)

// reportDrift puts what differs and is not written into status. What was there before keeps its time.
func (s *scope) reportDrift(changes []mapping.Change, at time.Time) {
	before := s.app.Status.Drift
	s.app.Status.Drift = nil
	for _, change := range changes {
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
	if len(s.drifted)+len(s.newDefault) == 0 {
		s.app.Status.Drift = nil
		return phase.Succeed(v1alpha1.ReasonInSync, "nothing in Entra was found to differ from what the operator wrote")
	}
	drifted := fmt.Sprintf("somebody changed %s in Entra; spec.driftPolicy is Report, so it stays. "+
		"status.drift has what is wanted and what is there: change the manifest to it, or set driftPolicy: Correct", paths(s.drifted))
	if len(s.newDefault) == 0 {
		return phase.Note(v1alpha1.ReasonDrifted, "%s", drifted)
	}
	if len(s.drifted) > 0 {
		drifted = ". Besides, " + drifted
	} else {
		drifted = ""
	}
	value := defaultDigest(s.newDefault)
	_, note := acceptDefault.ask(s.app, value)
	return phase.Note(v1alpha1.ReasonDefaultChanged,
		"the mappings come to something else than what was written, and the manifest is the same: Entra's default mapping is another one, or this version of the operator "+
			"makes something else of them. Written anew they would change %s; status.drift has what is wanted and what is there, `kubectl scim plan` all of it, and until then nothing that somebody changes "+
			"there in the portal is set back. It comes with the next change of a mapping of that object, in its waves, or exactly this now, for this ScimApp, with "+
			"`kubectl annotate scimapp %s -n %s %s=%s --overwrite`%s%s",
		paths(s.newDefault), s.app.Name, s.app.Namespace, v1alpha1.AnnotationAcceptDefault, value, note, drifted)
}

// paths names what differs, the first of it.
func paths(changes []mapping.Change) string {
	var out []string
	for _, change := range changes {
		if path := driftPath(change); !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	if more := len(out) - maxDrift; more > 0 {
		out = append(out[:maxDrift], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

// defaultDigest stands for exactly these changes in an annotation.
func defaultDigest(changes []mapping.Change) string {
	hash := sha256.New()
	for _, change := range changes {
		fmt.Fprintln(hash, change)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}
