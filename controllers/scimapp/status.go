package scimapp

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// graceIntervals is for how many intervals an app that was ready is still taken to be so while Graph cannot be read.
const graceIntervals = 2

// summarise turns the phases' outcomes into conditions, and those into Ready. It is the only place that decides about
// Ready, Reconciling and Stalled. Each row has its examples in testdata/states.
//
//	outcome of the pass                              Ready                              also
//	a phase needs a person                           False, its reason                  Stalled
//	a phase, pods or replication pending             False, first unmet                 Reconciling
//	Graph unreachable, was Ready                     True for 2 intervals, then Unknown JobHealthy=Unknown
//	quarantine that Entra can end                    False, QuarantineRecovering        Reconciling
//	deletions held, job disabled by Entra,
//	quarantine for longer than a day                 False, its reason                  Stalled
//	state: Paused / paused by somebody else          True, Paused / PausedOutside
//	initial cycle running                            True, InitialCycle
//	healthy / some entries fail                      True, Provisioning / EntriesFailing
//	drift, policy Report                             True                               InSync=False
//	a mapping waits for its wave                     True                               MappingsApplied=False
func summarise(s *scope, results []phase.Result, now time.Time) {
	app, before := s.app, slices.Clone(s.app.Status.Conditions)
	defer func() { conditions.Stamp(before, app.Status.Conditions, now) }()
	app.Status.ObservedGeneration = app.Generation
	unmet, stalled := firstUnmet(results), firstStalled(results)
	tolerated := stalled == nil && unmet != nil && allUnreachable(results) && lastKnownReady(app)
	for _, merged := range mergeByCondition(results) {
		if tolerated && (merged.Outcome.State == phase.Blocked || merged.Condition == v1alpha1.ConditionJobHealthy) {
			continue // what did not run stays as last seen; tolerate alone sets JobHealthy, whose time of change counts
		}
		set(app, merged.Condition, statusOf(merged.Outcome), merged.Outcome.Reason, merged.Outcome.Message)
	}
	switch job := jobOutcome(results); {
	case unmet == nil:
		conditions.MarkReady(&app.Status.Conditions, app.Generation, readyReason(job.Reason), job.Message)
	case stalled != nil:
		conditions.MarkStalled(&app.Status.Conditions, app.Generation, stalled.Outcome.Reason, stalled.Outcome.Message)
	case tolerated:
		tolerate(app, unmet.Outcome, now)
	default:
		conditions.MarkReconciling(&app.Status.Conditions, app.Generation, unmet.Outcome.Reason, unmet.Outcome.Message)
	}
}

// mergeByCondition gives one outcome for each condition: the first that something has to wait for, else the first that is
// not done, else the last one. A phase without a condition has none to show.
func mergeByCondition(results []phase.Result) []phase.Result {
	var out []phase.Result
	at := map[string]int{}
	for _, r := range results {
		i, seen := at[r.Condition]
		switch {
		case r.Condition == "":
		case !seen:
			at[r.Condition] = len(out)
			out = append(out, r)
		case out[i].Outcome.State == phase.Done, out[i].Outcome.State == phase.Noted && !r.Outcome.Met():
			out[i] = r
		}
	}
	return out
}

func firstUnmet(results []phase.Result) *phase.Result {
	var blocked *phase.Result
	for i := range results {
		switch results[i].Outcome.State {
		case phase.Done, phase.Noted:
		case phase.Blocked:
			if blocked == nil {
				blocked = &results[i]
			}
		default:
			return &results[i]
		}
	}
	return blocked
}

func firstStalled(results []phase.Result) *phase.Result {
	i := slices.IndexFunc(results, func(r phase.Result) bool { return r.Outcome.Stalled() })
	if i < 0 {
		return nil
	}
	return &results[i]
}

func jobOutcome(results []phase.Result) phase.Outcome {
	return results[len(results)-1].Outcome
}

func readyReason(jobReason string) string {
	if jobReason == v1alpha1.ReasonJobHealthy {
		return v1alpha1.ReasonProvisioning
	}
	return jobReason
}

// allUnreachable is true when nothing stands in the way but the way to Graph.
func allUnreachable(results []phase.Result) bool {
	return !slices.ContainsFunc(results, func(r phase.Result) bool {
		return !r.Outcome.Met() && r.Outcome.State != phase.Blocked && !unreachable(r.Outcome)
	})
}

// unreachable is true for a fault of the way to Graph, which says nothing about the app. An answer such as 404 is none,
// and neither is a fault of the cluster.
func unreachable(out phase.Outcome) bool {
	switch out.Reason {
	case entra.ReasonThrottled, entra.ReasonGraphUnreachable, entra.ReasonServerError, entra.ReasonTokenRefused:
		return out.Err != nil
	default:
		return false
	}
}

// lastKnownReady is true when the app was ready as long as Graph could be read.
func lastKnownReady(app *v1alpha1.ScimApp) bool {
	ready := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && (ready.Status == metav1.ConditionTrue ||
		ready.Status == metav1.ConditionUnknown && ready.Reason == v1alpha1.ReasonGraphUnreachable)
}

// tolerate keeps Ready for a while, since nothing is known to have changed.
func tolerate(app *v1alpha1.ScimApp, out phase.Outcome, now time.Time) {
	before := slices.Clone(app.Status.Conditions)
	set(app, v1alpha1.ConditionJobHealthy, metav1.ConditionUnknown, v1alpha1.ReasonGraphUnreachable, out.Message)
	conditions.Stamp(before, app.Status.Conditions, now)
	since := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionJobHealthy).LastTransitionTime.Time
	ready := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionReady)
	if ready.Status == metav1.ConditionTrue && now.Sub(since) <= graceIntervals*interval(app) {
		conditions.MarkReady(&app.Status.Conditions, app.Generation, ready.Reason, ready.Message)
		return
	}
	unknown(app, v1alpha1.ReasonGraphUnreachable, out.Message)
}

// unknown says that the operator is at work, and that whether the app is ready is not known meanwhile.
func unknown(app *v1alpha1.ScimApp, reason, message string) {
	set(app, v1alpha1.ConditionReady, metav1.ConditionUnknown, reason, message)
	set(app, v1alpha1.ConditionReconciling, metav1.ConditionTrue, reason, message)
	meta.RemoveStatusCondition(&app.Status.Conditions, v1alpha1.ConditionStalled)
}

func statusOf(out phase.Outcome) metav1.ConditionStatus {
	switch {
	case out.State == phase.Done:
		return metav1.ConditionTrue
	case unreachable(out):
		return metav1.ConditionUnknown
	default:
		return metav1.ConditionFalse
	}
}

func set(app *v1alpha1.ScimApp, condition string, status metav1.ConditionStatus, reason, message string) {
	conditions.Set(&app.Status.Conditions, app.Generation, condition, status, reason, message)
}

// change is a condition that is not what it was.
type change struct {
	condition metav1.Condition
	eventType string
}

// alarming are the reasons for which a person had better look although the operator or Entra may get over it.
var alarming = []string{v1alpha1.ReasonQuarantineRecovering, reasonCycleFailed, v1alpha1.ReasonRolloutHalted}

// changes gives the conditions whose status or reason changed, for events. Reconciling and Stalled only repeat another
// one, as Ready mostly does; what merely waits for another condition is no news.
func changes(before, after []metav1.Condition) []change {
	var out []change
	told := map[string]bool{}
	for _, c := range after {
		old := meta.FindStatusCondition(before, c.Type)
		switch {
		case c.Type == v1alpha1.ConditionReconciling, c.Type == v1alpha1.ConditionStalled, strings.HasPrefix(c.Reason, "Waiting"):
			continue
		case old != nil && old.Status == c.Status && old.Reason == c.Reason, told[c.Reason+c.Message]:
			continue
		}
		told[c.Reason+c.Message] = true
		eventType := corev1.EventTypeNormal
		if slices.Contains(alarming, c.Reason) || c.Status != metav1.ConditionTrue && meta.IsStatusConditionTrue(after, v1alpha1.ConditionStalled) {
			eventType = corev1.EventTypeWarning
		}
		out = append(out, change{condition: c, eventType: eventType})
	}
	return out
}
