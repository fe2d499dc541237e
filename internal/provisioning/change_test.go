package provisioning_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/provisioning"
	"github.com/scim-operator/scim-operator/test/gen"
)

const portal = "https://wiki.contoso.example/scim/v2"

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// adopting is a manifest that says what Entra has: nothing differs.
func adopting(changes ...func(*v1alpha1.ScimApp)) *v1alpha1.ScimApp {
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Generation = 1
		app.Spec.Application = &v1alpha1.ApplicationSpec{CreationPolicy: v1alpha1.CreationAdoptOnly, ServicePrincipalID: "sp"}
		app.Spec.Endpoint = &v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: portal}}
		app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "wiki-token", Key: "token"}}
	})
	for _, change := range changes {
		change(app)
	}
	return app
}

func live(change ...func(*provisioning.Live)) provisioning.Live {
	l := provisioning.Live{
		Address: portal, Now: noon, Job: entra.Job{Schedule: entra.ScheduleActive, SteadySince: &noon},
		Secrets: entra.Secrets{
			entra.SecretBaseAddress: portal, entra.SecretToken: "*", entra.SecretSyncAll: "false",
			entra.SecretSyncNotificationSettings: `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":500}`,
		},
	}
	for _, f := range change {
		f(&l)
	}
	return l
}

func minted(app *v1alpha1.ScimApp) { app.Spec.Authentication = nil }

func everybody(l *provisioning.Live) { l.Secrets[entra.SecretSyncAll] = "true" }

func schedule(state entra.ScheduleState) func(*provisioning.Live) {
	return func(l *provisioning.Live) { l.Job.Schedule = state }
}

func paused(app *v1alpha1.ScimApp) {
	app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused}
}

func emptyStore(app *v1alpha1.ScimApp) {
	app.Status.Job = &v1alpha1.JobStatus{Restart: &v1alpha1.RestartStatus{Reason: v1alpha1.ReasonStoreReplaced}}
}

func TestWhatTakingUpChanges(t *testing.T) {
	const (
		masked   = "token: the one that Entra has, which it shows masked -> replaced by "
		replaced = masked + "that of Secret wiki-token, which may be the same"
		restart  = "job: knows whose account is which -> restarted with scope Full, which matches everybody anew: the endpoint's database is another one"
	)
	never := func(l *provisioning.Live) { l.Job = entra.Job{Schedule: entra.ScheduleDisabled} }
	tests := map[string]struct {
		app   *v1alpha1.ScimApp
		live  provisioning.Live
		want  []string
		needs bool
	}{
		"all is as declared":                                              {adopting(), live(), nil, false},
		"the scope is another":                                            {adopting(), live(everybody), []string{"scope: All -> Assigned", replaced}, true},
		"only the token is another, which Entra tries":                    {adopting(minted), live(), []string{masked + "one that the operator mints"}, false},
		"somebody paused the job":                                         {adopting(), live(schedule(entra.SchedulePaused)), []string{"job: Paused -> started"}, true},
		"Entra disabled the job":                                          {adopting(), live(schedule(entra.ScheduleDisabled)), []string{"job: Disabled -> started"}, true},
		"the manifest leaves a paused job paused":                         {adopting(paused), live(schedule(entra.SchedulePaused)), nil, false},
		"the manifest pauses":                                             {adopting(paused), live(), []string{"job: Active -> paused"}, true},
		"the endpoint's database is empty":                                {adopting(emptyStore), live(), []string{restart}, true},
		"an empty database matters to no job that is paused and stays so": {adopting(paused, emptyStore), live(schedule(entra.SchedulePaused)), nil, false},
		"nobody was ever served":                                          {adopting(), live(never, everybody), []string{"scope: All -> Assigned", replaced, "job: Disabled -> started"}, false},
		"somebody has just started the job":                               {adopting(), live(never, schedule(entra.ScheduleActive), everybody), []string{"scope: All -> Assigned", replaced}, true},
		"an address that is not known is not compared":                    {adopting(), live(func(l *provisioning.Live) { l.Address = "" }), nil, false},
		"it was settled before": {adopting(minted, func(app *v1alpha1.ScimApp) {
			app.Status.Application = &v1alpha1.ApplicationStatus{AdoptedAt: &metav1.Time{Time: noon}}
		}), live(), nil, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			change := provisioning.Of(tc.app, tc.live)
			var got []string
			for _, c := range change.All() {
				got = append(got, c.String())
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if needs := change.NeedsApproval(tc.live.Job); needs != tc.needs {
				t.Errorf("NeedsApproval = %t, want %t", needs, tc.needs)
			}
		})
	}
}

func TestADigestCoversNoOtherChange(t *testing.T) {
	seen := map[string]string{}
	for name, digest := range map[string]string{
		"scope":                provisioning.Of(adopting(), live(everybody)).Digest("sp"),
		"another application":  provisioning.Of(adopting(), live(everybody)).Digest("sp2"),
		"scope and a start":    provisioning.Of(adopting(), live(everybody, schedule(entra.SchedulePaused))).Digest("sp"),
		"scope, another token": provisioning.Of(adopting(minted), live(everybody)).Digest("sp"),
		"another address": provisioning.Of(adopting(), live(everybody, func(l *provisioning.Live) {
			l.Secrets[entra.SecretBaseAddress] = "https://elsewhere.example"
		})).Digest("sp"),
	} {
		if other, taken := seen[digest]; taken {
			t.Errorf("one digest stands for %q and %q", name, other)
		}
		seen[digest] = name
	}
	if a, b := provisioning.Of(adopting(), live(everybody)).Digest("sp"), provisioning.Of(adopting(), live(everybody)).Digest("sp"); a != b {
		t.Errorf("one change has the digests %s and %s", a, b)
	}
}

func pausedAfterAStart() *v1alpha1.JobStatus {
	st := &v1alpha1.JobStatus{}
	provisioning.RecordStart(st, metav1.Time{Time: noon.Add(-20 * time.Second)}, 7)
	provisioning.RecordPause(st, metav1.Time{Time: noon.Add(-10 * time.Second)})
	return st
}

func TestSettled(t *testing.T) {
	at := func(ago time.Duration) *metav1.Time { return &metav1.Time{Time: noon.Add(-ago)} }
	for name, tc := range map[string]struct {
		status   *v1alpha1.JobStatus
		schedule entra.ScheduleState
		want     bool
	}{
		"what nobody was asked for":              {nil, entra.SchedulePaused, true},
		"paused, a minute after a start":         {&v1alpha1.JobStatus{StartedAt: at(time.Minute)}, entra.SchedulePaused, false},
		"paused, an hour after a start":          {&v1alpha1.JobStatus{StartedAt: at(time.Hour)}, entra.SchedulePaused, true},
		"running, a minute after a start":        {&v1alpha1.JobStatus{StartedAt: at(time.Minute)}, entra.ScheduleActive, true},
		"running, a minute after a pause":        {&v1alpha1.JobStatus{PausedAt: at(time.Minute)}, entra.ScheduleActive, false},
		"running, an hour after a pause":         {&v1alpha1.JobStatus{PausedAt: at(time.Hour)}, entra.ScheduleActive, true},
		"paused, a minute after a pause of ours": {pausedAfterAStart(), entra.SchedulePaused, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := provisioning.Settled(tc.status, entra.Job{Schedule: tc.schedule}, noon); got != tc.want {
				t.Errorf("Settled = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestStartDue(t *testing.T) {
	tests := map[string]struct {
		status   *v1alpha1.JobStatus
		schedule entra.ScheduleState
		want     bool
	}{
		"a job that was never started":            {nil, entra.ScheduleDisabled, true},
		"a running job":                           {nil, entra.ScheduleActive, false},
		"one that somebody paused":                {&v1alpha1.JobStatus{StartedGeneration: 1}, entra.SchedulePaused, false},
		"a new generation of the manifest":        {&v1alpha1.JobStatus{StartedGeneration: 7}, entra.SchedulePaused, true},
		"a start that Entra does not show yet":    {&v1alpha1.JobStatus{StartedAt: &metav1.Time{Time: noon.Add(-time.Minute)}}, entra.ScheduleDisabled, false},
		"a job that was paused after its start":   {pausedAfterAStart(), entra.SchedulePaused, true},
		"a pause that Entra does not show yet":    {pausedAfterAStart(), entra.ScheduleActive, false},
		"a start that should have shown long ago": {&v1alpha1.JobStatus{StartedAt: &metav1.Time{Time: noon.Add(-time.Hour)}}, entra.ScheduleDisabled, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := adopting(func(app *v1alpha1.ScimApp) { app.Status.Job = tc.status })
			if got := provisioning.StartDue(app, entra.Job{Schedule: tc.schedule}, noon); got != tc.want {
				t.Errorf("StartDue = %t, want %t", got, tc.want)
			}
		})
	}
}
