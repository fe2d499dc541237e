package conditions

import (
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// MarkReady says that the object is as its manifest wants it: Ready is True, and neither Reconciling nor Stalled is there.
func MarkReady(conds *[]metav1.Condition, generation int64, reason, message string) {
	Set(conds, generation, v1alpha1.ConditionReady, metav1.ConditionTrue, reason, message)
	meta.RemoveStatusCondition(conds, v1alpha1.ConditionReconciling)
	meta.RemoveStatusCondition(conds, v1alpha1.ConditionStalled)
}

// MarkReconciling says that the object is not ready, and that nobody has to act: Ready is False, Reconciling is True.
func MarkReconciling(conds *[]metav1.Condition, generation int64, reason, message string) {
	Set(conds, generation, v1alpha1.ConditionReady, metav1.ConditionFalse, reason, message)
	Set(conds, generation, v1alpha1.ConditionReconciling, metav1.ConditionTrue, reason, message)
	meta.RemoveStatusCondition(conds, v1alpha1.ConditionStalled)
}

// MarkStalled says that a person has to act: Ready is False, Stalled is True.
func MarkStalled(conds *[]metav1.Condition, generation int64, reason, message string) {
	Set(conds, generation, v1alpha1.ConditionReady, metav1.ConditionFalse, reason, message)
	Set(conds, generation, v1alpha1.ConditionStalled, metav1.ConditionTrue, reason, message)
	meta.RemoveStatusCondition(conds, v1alpha1.ConditionReconciling)
}

// maxMessage is the limit of metav1.Condition.message, in characters: a longer one would make the API server refuse the
// whole status.
const maxMessage = 32768

// Set sets one condition, with its generation. The time of the last transition moves only when the status does, so that
// setting what is there already changes nothing.
func Set(conds *[]metav1.Condition, generation int64, kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(conds, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: shorten(message), ObservedGeneration: generation,
	})
}

// Stamp gives the conditions that changed since before the time of the caller's clock, by which their age is told later.
func Stamp(before, after []metav1.Condition, at time.Time) {
	for i := range after {
		was := meta.FindStatusCondition(before, after[i].Type)
		if was == nil || !was.LastTransitionTime.Equal(&after[i].LastTransitionTime) {
			after[i].LastTransitionTime = metav1.NewTime(at)
		}
	}
}

func shorten(message string) string {
	if utf8.RuneCountInString(message) <= maxMessage {
		return message
	}
	return string([]rune(message)[:maxMessage-1]) + "…"
}

// ReadyChanged tells whether Ready has another status or reason than before, and the type of the event that says so:
// Normal when it is True, else Warning. A message that alone is different is no change: counts and times are in it.
func ReadyChanged(before, after []metav1.Condition) (ready metav1.Condition, eventType string, changed bool) {
	now := meta.FindStatusCondition(after, v1alpha1.ConditionReady)
	if now == nil {
		return metav1.Condition{}, "", false
	}
	was := meta.FindStatusCondition(before, v1alpha1.ConditionReady)
	changed = was == nil || was.Status != now.Status || was.Reason != now.Reason
	if now.Status == metav1.ConditionTrue {
		return *now, corev1.EventTypeNormal, changed
	}
	return *now, corev1.EventTypeWarning, changed
}
