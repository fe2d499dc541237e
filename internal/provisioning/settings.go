package provisioning

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// RFCPatch is Entra's flag for PATCH requests as in RFC 7644. It is read from the tenant URL's query.
const RFCPatch = "aadOptscim062020"

// Spec is spec.provisioning with its defaults.
func Spec(app *v1alpha1.ScimApp) v1alpha1.ProvisioningSpec {
	var spec v1alpha1.ProvisioningSpec
	if app.Spec.Provisioning != nil {
		spec = *app.Spec.Provisioning
	}
	if spec.State == "" {
		spec.State = v1alpha1.ProvisioningRunning
	}
	if spec.Scope == "" {
		spec.Scope = v1alpha1.ScopeAssigned
	}
	if spec.OutOfScope == "" {
		spec.OutOfScope = v1alpha1.OutOfScopeDisable
	}
	return spec
}

// defaultDeletionThreshold is Entra's own.
const defaultDeletionThreshold = 500

// DeletionThreshold says whether Entra holds back removals, and above how many.
func DeletionThreshold(p v1alpha1.ProvisioningSpec) (enabled bool, threshold int32) {
	enabled, threshold = true, defaultDeletionThreshold
	if a := p.AccidentalDeletions; a != nil {
		enabled = a.Protection != v1alpha1.ProtectionDisabled
		if a.Threshold != nil {
			threshold = *a.Threshold
		}
	}
	return enabled, threshold
}

// Address is the SCIM base of the endpoint; empty when there is none that Entra could reach.
func Address(app *v1alpha1.ScimApp, cloud entra.Cloud) string {
	switch e := app.Spec.Endpoint; {
	case e != nil && e.External != nil:
		return e.External.URL
	case e != nil && e.Exposure != nil:
		return e.Exposure.URL
	case cloud == entra.CloudCustom:
		return desired.InternalURL(app.Namespace, app.Name)
	default:
		return ""
	}
}

// Settings are what Entra is given for the app, with the flags that the address carries.
func Settings(app *v1alpha1.ScimApp, address, token string) diff.Settings {
	p := Spec(app)
	guard, threshold := DeletionThreshold(p)
	if app.Spec.Compatibility == v1alpha1.CompatibilityRFC {
		address = strings.TrimSuffix(address, "/") + "/?" + RFCPatch
	}
	return diff.Settings{
		BaseAddress: address, Token: token, SyncAll: p.Scope == v1alpha1.ScopeAll, NotificationEmail: p.NotificationEmail,
		GuardDeletions: guard, DeleteThreshold: threshold, KeepOutOfScope: p.OutOfScope == v1alpha1.OutOfScopeKeep,
	}
}

// ShowingFor is how long a start or a pause may take to show.
const ShowingFor = 2 * time.Minute

// JustStarted is true while a start may not show yet.
func JustStarted(st *v1alpha1.JobStatus, now time.Time) bool {
	return st != nil && st.StartedAt != nil && now.Sub(st.StartedAt.Time) < ShowingFor
}

// justPaused is true while a pause may not show yet.
func justPaused(st *v1alpha1.JobStatus, now time.Time) bool {
	return st != nil && st.PausedAt != nil && now.Sub(st.PausedAt.Time) < ShowingFor
}

// RecordStart remembers a start for a generation of the manifest, and RecordPause a pause, which takes what is known of the
// last start away: it is over, and the next one is due as soon as the job is to run.
func RecordStart(st *v1alpha1.JobStatus, at metav1.Time, generation int64) {
	st.StartedAt, st.StartedGeneration, st.PausedAt = &at, generation, nil
}

// RecordPause is explained at RecordStart.
func RecordPause(st *v1alpha1.JobStatus, at metav1.Time) {
	st.StartedAt, st.StartedGeneration, st.PausedAt = nil, 0, &at
}

// Settled is true when the job's schedule is taken at its word: what was last asked of it shows by now.
func Settled(st *v1alpha1.JobStatus, job entra.Job, now time.Time) bool {
	if job.Schedule == entra.ScheduleActive {
		return !justPaused(st, now)
	}
	return !JustStarted(st, now)
}

// StartDue says whether the job is to be started: once for each generation of the manifest. A start that Entra does not
// show yet is not repeated.
func StartDue(app *v1alpha1.ScimApp, job entra.Job, now time.Time) bool {
	st := app.Status.Job
	return Spec(app).State == v1alpha1.ProvisioningRunning && job.Schedule != entra.ScheduleActive &&
		(st == nil || st.StartedGeneration != app.Generation) && Settled(st, job, now)
}
