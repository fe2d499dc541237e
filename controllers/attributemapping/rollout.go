package attributemapping

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/rollout"
)

// maxNames bounds the names in a message and in status.rollout.leftOut.
const maxNames = 10

// rollOut releases the mapping's revision to the next of its apps, and says in status how far it has come. A mapping of one
// app needs no waves: whether that app gets worse shows in its own status.
func rollOut(m v1alpha1.MappingObject, apps []v1alpha1.ScimApp, now time.Time) {
	status := m.MappingStatus()
	before := status.Rollout
	users := usersOf(m, apps, now)
	r, going := rollout.Decide(status.Revision, decidedBefore(before), m.GetAnnotations()[v1alpha1.AnnotationContinueRollout], users)
	if !going || len(apps) < 2 && r.Halt == nil {
		status.Rollout = nil
		return
	}
	status.Rollout = &v1alpha1.RolloutStatus{
		Revision: r.Revision, Wave: count(r.Wave), Released: r.Released, Updated: count(r.Updated), Waiting: count(r.Waiting),
	}
	for _, a := range r.LeftOut[:min(len(r.LeftOut), maxNames)] {
		status.Rollout.LeftOut = append(status.Rollout.LeftOut, v1alpha1.LeftOutApp{App: a.Name, Reason: a.LeftOut})
	}
	if r.Halt != nil {
		status.Rollout.Halt = &v1alpha1.RolloutHalt{App: r.Halt.App, Cause: r.Halt.Cause, Since: haltedSince(before, r, now)}
	}
	tell(m, r, uncounted(r, users))
}

// count fits a number of apps into the status.
func count(n int) int32 { return int32(n) } //nolint:gosec // apps of one cluster

func decidedBefore(st *v1alpha1.RolloutStatus) rollout.Rollout {
	if st == nil {
		return rollout.Rollout{}
	}
	before := rollout.Rollout{Revision: st.Revision, Wave: int(st.Wave), Released: st.Released}
	if st.Halt != nil {
		before.Halt = &rollout.Halt{App: st.Halt.App, Wave: int(st.Wave), Cause: st.Halt.Cause}
	}
	return before
}

func haltedSince(before *v1alpha1.RolloutStatus, r rollout.Rollout, now time.Time) *metav1.Time {
	if before != nil && before.Halt != nil && before.Revision == r.Revision && int(before.Wave) == r.Wave {
		return before.Halt.Since
	}
	return &metav1.Time{Time: now.Truncate(time.Second)}
}

// uncounted is true when an app of the rollout could not tell how many people were disabled.
func uncounted(r rollout.Rollout, users []rollout.App) bool {
	return slices.ContainsFunc(users, func(a rollout.App) bool {
		return a.Revision == r.Revision && a.After != nil && a.After.Disabled == nil
	})
}

// tell sets Ready by the rollout. What judge has said stays in the message.
func tell(m v1alpha1.MappingObject, r rollout.Rollout, uncounted bool) {
	conds, generation := &m.MappingStatus().Conditions, m.GetGeneration()
	valid := readyMessage(*conds)
	switch {
	case r.Halt != nil:
		conditions.MarkStalled(conds, generation, v1alpha1.ReasonRolloutHalted, haltMessage(m, r))
	case len(r.Running) > 0:
		message := fmt.Sprintf("revision %s goes to the ScimApps in waves: it is wave %d, which runs in %s; %d have the revision, in %d an older one is in force. "+
			"The next wave begins when each app of this one has ended a whole cycle with no more failures and disables than before",
			r.Revision, r.Wave, names(r.Running), r.Updated, r.Waiting)
		if uncounted {
			message += ". Disables are not counted: the operator's identity may not read the provisioning log, grant it ProvisioningLog.Read.All"
		}
		conditions.MarkReconciling(conds, generation, v1alpha1.ReasonRollingOut, message+leftOutNote(r))
	default:
		conditions.MarkReady(conds, generation, v1alpha1.ReasonMappingValid, valid+leftOutNote(r))
	}
}

func readyMessage(conds []metav1.Condition) string {
	i := slices.IndexFunc(conds, func(c metav1.Condition) bool { return c.Type == v1alpha1.ConditionReady })
	return conds[i].Message
}

func haltMessage(m v1alpha1.MappingObject, r rollout.Rollout) string {
	resource := "attributemapping " + m.GetName() + " --namespace " + m.GetNamespace()
	if m.MappingKind() == v1alpha1.KindClusterAttributeMapping {
		resource = "clusterattributemapping " + m.GetName()
	}
	approval, gone := r.Halt.Approval, ""
	if r.Halt.Gone {
		gone = " (it does not use the mapping any more, or is deleted, so that it cannot show that the cause has ended)"
	}
	message := fmt.Sprintf("the rollout of revision %s halted in wave %d at ScimApp %s%s: %s. In %d ScimApps an older revision stays in force. "+
		"See the ScimApp and the provisioning logs of its application; then change the mapping again, or go on as it is with "+
		"`kubectl annotate %s %s=%s --overwrite`", r.Revision, r.Wave, r.Halt.App, gone, r.Halt.Cause, r.Waiting, resource, v1alpha1.AnnotationContinueRollout, approval)
	if have, set := m.GetAnnotations()[v1alpha1.AnnotationContinueRollout]; set && have != approval {
		message += fmt.Sprintf(". The annotation says %q now, which names another halt and releases nothing", have)
	}
	return message + leftOutNote(r)
}

func leftOutNote(r rollout.Rollout) string {
	if len(r.LeftOut) == 0 {
		return ""
	}
	var parts []string
	for _, a := range r.LeftOut {
		parts = append(parts, a.Name+" ("+a.LeftOut+")")
	}
	return "; left out for now: " + names(parts)
}

// names lists the first names and counts the others.
func names(all []string) string {
	if more := len(all) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:maxNames], ", "), more)
	}
	return strings.Join(all, ", ")
}
