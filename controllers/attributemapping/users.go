package attributemapping

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/internal/rollout"
)

// patience is for how long a wave waits for an app that is not ready.
const patience = time.Hour

// The words of status.job.state that keep an app from ending a cycle.
const (
	jobPaused   = "Paused"
	jobDisabled = "Disabled"
)

// usersOf gives the apps as a rollout sees them. An app that never had any revision is none of them: it takes the present
// one when its job is made, and nobody is in it yet who could be harmed.
func usersOf(m v1alpha1.MappingObject, apps []v1alpha1.ScimApp, now time.Time) []rollout.App {
	var users []rollout.App
	for i := range apps {
		app := &apps[i]
		applied := app.Status.AppliedMapping(m)
		if applied == nil {
			continue
		}
		user := rollout.App{
			Name: index.NameForMapping(m, app), Revision: applied.Revision, Wave: int(applied.Wave),
			Before: cycle(applied.Before), After: cycle(applied.After),
			Quarantine: quarantinedSince(app, applied),
		}
		if applied.RefusedRevision == m.MappingStatus().Revision {
			user.Refused = applied.Refusal
		}
		user.Broken = brokenSince(app, applied, now)
		if user.Quarantine == "" && user.Refused == "" && user.Broken == "" {
			user.LeftOut = leftOut(app, now)
		}
		users = append(users, user)
	}
	return users
}

func cycle(figures *v1alpha1.CycleFigures) *rollout.Cycle {
	if figures == nil {
		return nil
	}
	return &rollout.Cycle{Failed: figures.Failed, Disabled: figures.Disabled}
}

// quarantinedSince is why the job was put into quarantine since the revision was written; empty where it was not, or was
// before.
func quarantinedSince(app *v1alpha1.ScimApp, applied *v1alpha1.AppliedMapping) string {
	if app.Status.Job == nil || app.Status.Job.Quarantine == nil || applied.ClaimedAt == nil || applied.Wave == 0 {
		return ""
	}
	q := app.Status.Job.Quarantine
	if q.Since == nil || q.Since.Before(applied.ClaimedAt) {
		return ""
	}
	return q.Reason
}

// brokenSince says why an app has not been ready for as long as a wave waits, if that began after the revision was written;
// empty where it did not.
func brokenSince(app *v1alpha1.ScimApp, applied *v1alpha1.AppliedMapping, now time.Time) string {
	ready := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != metav1.ConditionFalse || applied.Wave == 0 || applied.ClaimedAt == nil || leftOutByWill(app) != "" {
		return ""
	}
	since := ready.LastTransitionTime.Time
	if since.Before(applied.ClaimedAt.Time) || now.Sub(since) < patience {
		return ""
	}
	return "it has not been ready for an hour, and was before the change: " + ready.Reason
}

// leftOut says why an app cannot show how it does with the revision, which may last for as long as it likes; empty where it
// can.
func leftOut(app *v1alpha1.ScimApp, now time.Time) string {
	job := app.Status.Job
	if job == nil {
		job = &v1alpha1.JobStatus{}
	}
	stalled := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionStalled)
	ready := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionReady)
	will := leftOutByWill(app)
	switch {
	case will != "":
		return will
	case job.State == jobPaused:
		return "its job is paused in Entra"
	case job.State == jobDisabled:
		return "its job is disabled in Entra"
	case job.Quarantine != nil:
		return "its job was in quarantine before"
	case stalled != nil:
		return "it is Stalled: " + stalled.Reason
	case ready != nil && ready.Status == metav1.ConditionFalse && now.Sub(ready.LastTransitionTime.Time) >= patience:
		return "it has not been ready for an hour: " + ready.Reason
	default:
		return ""
	}
}

// leftOutByWill says how somebody took the app out; empty where nobody did.
func leftOutByWill(app *v1alpha1.ScimApp) string {
	switch {
	case !app.DeletionTimestamp.IsZero():
		return "it is being deleted"
	case app.Spec.Suspend != nil && *app.Spec.Suspend:
		return "spec.suspend is true"
	case app.Spec.Provisioning != nil && app.Spec.Provisioning.State == v1alpha1.ProvisioningPaused:
		return "spec.provisioning.state is Paused"
	default:
		return ""
	}
}
