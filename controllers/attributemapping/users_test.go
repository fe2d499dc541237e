package attributemapping

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/rollout"
	"github.com/scim-operator/scim-operator/test/gen"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) *metav1.Time { return &metav1.Time{Time: now.Add(-d)} }

// user is a healthy app that has the revision old of the mapping users.
func user(name string, changes ...func(*v1alpha1.ScimApp)) v1alpha1.ScimApp {
	app := gen.ScimApp(name, gen.WithMappings("users"))
	app.Status.Job = &v1alpha1.JobStatus{State: "Active"}
	app.Status.Mappings = &v1alpha1.MappingsStatus{Applied: []v1alpha1.AppliedMapping{
		{Kind: v1alpha1.KindAttributeMapping, Name: "users", Revision: "old", AppliedAt: ago(time.Hour)},
	}}
	for _, change := range changes {
		change(app)
	}
	return *app
}

func condition(kind string, status metav1.ConditionStatus, reason string, since time.Duration) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) {
		meta.SetStatusCondition(&app.Status.Conditions, metav1.Condition{Type: kind, Status: status, Reason: reason, LastTransitionTime: *ago(since)})
	}
}

func applied(change func(*v1alpha1.AppliedMapping)) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { change(&app.Status.Mappings.Applied[0]) }
}

func quarantined(since time.Duration) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) {
		app.Status.Job.State = "Quarantine"
		app.Status.Job.Quarantine = &v1alpha1.QuarantineStatus{Reason: "TooManyDeletes", Since: ago(since)}
	}
}

func TestUsersOf(t *testing.T) {
	suspend := true
	m := gen.AttributeMapping("users")
	m.Status.Revision = "new"
	for name, test := range map[string]struct {
		change func(*v1alpha1.ScimApp)
		want   *rollout.App
	}{
		"a healthy app takes part":                      {func(*v1alpha1.ScimApp) {}, &rollout.App{Revision: "old"}},
		"an app that never had any revision is no user": {func(app *v1alpha1.ScimApp) { app.Status.Mappings = nil }, nil},
		"a suspended app is left out":                   {func(app *v1alpha1.ScimApp) { app.Spec.Suspend = &suspend }, &rollout.App{Revision: "old", LeftOut: "spec.suspend is true"}},
		"an app that is to be paused is left out": {func(app *v1alpha1.ScimApp) {
			app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused}
		}, &rollout.App{Revision: "old", LeftOut: "spec.provisioning.state is Paused"}},
		"an app that somebody paused is left out":          {func(app *v1alpha1.ScimApp) { app.Status.Job.State = "Paused" }, &rollout.App{Revision: "old", LeftOut: "its job is paused in Entra"}},
		"an app that is being deleted is left out":         {func(app *v1alpha1.ScimApp) { app.DeletionTimestamp = ago(0) }, &rollout.App{Revision: "old", LeftOut: "it is being deleted"}},
		"an app that was in quarantine before is left out": {quarantined(2 * time.Hour), &rollout.App{Revision: "old", LeftOut: "its job was in quarantine before"}},
		"a stalled app is left out":                        {condition("Stalled", "True", "Denied", 0), &rollout.App{Revision: "old", LeftOut: "it is Stalled: Denied"}},
		"an app that is not ready for a moment takes part": {condition("Ready", "False", "EndpointStarting", time.Minute), &rollout.App{Revision: "old"}},
		"an app that is not ready for long is left out":    {condition("Ready", "False", "EndpointStarting", time.Hour), &rollout.App{Revision: "old", LeftOut: "it has not been ready for an hour: EndpointStarting"}},
		"an app that has not been ready since after the change is broken": {func(app *v1alpha1.ScimApp) {
			applied(func(a *v1alpha1.AppliedMapping) { a.Revision, a.Wave, a.ClaimedAt = "new", 1, ago(2*time.Hour) })(app)
			condition("Ready", "False", "EndpointStarting", time.Hour)(app)
		}, &rollout.App{Revision: "new", Wave: 1, Broken: "it has not been ready for an hour, and was before the change: EndpointStarting"}},
		"an app that was not ready before the change is left out": {func(app *v1alpha1.ScimApp) {
			applied(func(a *v1alpha1.AppliedMapping) { a.Revision, a.Wave, a.ClaimedAt = "new", 1, ago(time.Hour) })(app)
			condition("Ready", "False", "EndpointStarting", 2*time.Hour)(app)
		}, &rollout.App{Revision: "new", Wave: 1, LeftOut: "it has not been ready for an hour: EndpointStarting"}},
		"an app that somebody suspends after the change is left out": {func(app *v1alpha1.ScimApp) {
			applied(func(a *v1alpha1.AppliedMapping) { a.Revision, a.Wave, a.ClaimedAt = "new", 1, ago(2*time.Hour) })(app)
			condition("Ready", "False", "Suspended", time.Hour)(app)
			app.Spec.Suspend = &suspend
		}, &rollout.App{Revision: "new", Wave: 1, LeftOut: "spec.suspend is true"}},
		"a quarantine after the change is no reason to leave it out": {func(app *v1alpha1.ScimApp) {
			applied(func(a *v1alpha1.AppliedMapping) { a.Revision, a.Wave, a.ClaimedAt = "new", 1, ago(time.Hour) })(app)
			quarantined(time.Minute)(app)
			condition("Stalled", "True", "DeletionsHeld", 0)(app)
		}, &rollout.App{Revision: "new", Wave: 1, Quarantine: "TooManyDeletes"}},
		"a refusal of this revision counts, and the app is not left out for it": {func(app *v1alpha1.ScimApp) {
			applied(func(a *v1alpha1.AppliedMapping) { a.RefusedRevision, a.Refusal = "new", "no such attribute" })(app)
			condition("Stalled", "True", "MappingInvalid", 0)(app)
		}, &rollout.App{Revision: "old", Refused: "no such attribute"}},
		"a refusal of another revision does not": {applied(func(a *v1alpha1.AppliedMapping) { a.RefusedRevision, a.Refusal = "older", "x" }), &rollout.App{Revision: "old"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := usersOf(m, []v1alpha1.ScimApp{user("wiki", test.change)}, now)
			var want []rollout.App
			if test.want != nil {
				test.want.Name = "wiki"
				want = []rollout.App{*test.want}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("users (-want +got):\n%s", d)
			}
		})
	}
}

func TestRollOut(t *testing.T) {
	updated := applied(func(a *v1alpha1.AppliedMapping) {
		a.Revision, a.Wave, a.After = "new", 1, &v1alpha1.CycleFigures{Failed: 5}
	})
	fine := applied(func(a *v1alpha1.AppliedMapping) {
		a.Revision, a.Wave, a.After = "new", 1, &v1alpha1.CycleFigures{Disabled: new(int64(0))}
	})
	suspended := func(app *v1alpha1.ScimApp) { app.Spec.Suspend = new(true) }
	for name, test := range map[string]struct {
		annotation string
		apps       []v1alpha1.ScimApp
		status     metav1.ConditionStatus
		reason     string
		says       []string
		going      bool
	}{
		"a mapping of one app needs no waves": {
			apps: []v1alpha1.ScimApp{user("a")}, status: "True", reason: "MappingValid",
		},
		"all apps have it": {
			apps: []v1alpha1.ScimApp{user("a", updated), user("b", updated)}, status: "True", reason: "MappingValid",
		},
		"a wave runs": {
			apps: []v1alpha1.ScimApp{user("a"), user("b"), user("c", suspended)}, status: "False", reason: "RollingOut", going: true,
			says: []string{"wave 1, which runs in a;", "in 3 an older one", "left out for now: c (spec.suspend is true)"},
		},
		"only apps that are left out lack it": {
			apps: []v1alpha1.ScimApp{user("a", fine), user("b", suspended)}, status: "True", reason: "MappingValid", going: true,
			says: []string{"are valid; left out for now: b"},
		},
		"it halts, with the way on": {
			apps: []v1alpha1.ScimApp{user("a", updated), user("b")}, status: "False", reason: "RolloutHalted", going: true,
			says: []string{"halted in wave 1 at ScimApp a: 5 entries failed", "In 1 ScimApps an older",
				"`kubectl annotate attributemapping users --namespace docs scim-operator.io/continue-rollout=new:1:a --overwrite`"},
		},
		"an annotation for another halt releases nothing, and is told": {
			annotation: "older:1:a",
			apps:       []v1alpha1.ScimApp{user("a", updated), user("b")}, status: "False", reason: "RolloutHalted", going: true,
			says: []string{`The annotation says "older:1:a" now, which names another halt and releases nothing`},
		},
		"the annotation continues, and disables that nobody counts are told": {
			annotation: "new:1:a",
			apps:       []v1alpha1.ScimApp{user("a", updated), user("b")}, status: "False", reason: "RollingOut", going: true,
			says: []string{"wave 2, which runs in b", "Disables are not counted"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := gen.AttributeMapping("users", func(m *v1alpha1.AttributeMapping) { m.Generation = 2 })
			m.Status.Revision = "new"
			metav1.SetMetaDataAnnotation(&m.ObjectMeta, v1alpha1.AnnotationContinueRollout, test.annotation)
			if test.annotation == "" {
				m.Annotations = nil
			}
			judge(m)
			rollOut(m, test.apps, now)
			if err := conditions.Check(m.Status.Conditions, 2); err != nil {
				t.Error(err)
			}
			ready := meta.FindStatusCondition(m.Status.Conditions, "Ready")
			if ready.Status != test.status || ready.Reason != test.reason {
				t.Errorf("Ready is %s %s: %s; want %s %s", ready.Status, ready.Reason, ready.Message, test.status, test.reason)
			}
			for _, words := range test.says {
				if !strings.Contains(ready.Message, words) {
					t.Errorf("message %q does not say %q", ready.Message, words)
				}
			}
			if going := m.Status.Rollout != nil; going != test.going {
				t.Errorf("status.rollout is %+v", m.Status.Rollout)
			}
		})
	}
}

func TestAHaltKeepsItsTime(t *testing.T) {
	m := gen.AttributeMapping("users")
	m.Status.Revision = "new"
	apps := []v1alpha1.ScimApp{user("b"), user("a", applied(func(a *v1alpha1.AppliedMapping) {
		a.Revision, a.Wave, a.After = "new", 1, &v1alpha1.CycleFigures{Failed: 5}
	}))}
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		judge(m)
		rollOut(m, apps, at)
	}
	if got := m.Status.Rollout.Halt.Since; !got.Time.Equal(now) {
		t.Errorf("it halted at %s, want %s", got, now)
	}
}

// TestAHaltOutlivesAnInvalidMapping: the app of the halt is deleted and the mapping broken for a while; with the same
// revision the halt is there again, and says that its app is gone.
func TestAHaltOutlivesAnInvalidMapping(t *testing.T) {
	m := gen.AttributeMapping("users")
	m.Status.Revision = "new"
	bad := user("a", applied(func(a *v1alpha1.AppliedMapping) {
		a.Revision, a.Wave, a.After = "new", 1, &v1alpha1.CycleFigures{Failed: 5}
	}))
	judge(m)
	rollOut(m, []v1alpha1.ScimApp{bad, user("b"), user("c")}, now)
	good := m.Spec.Attributes
	m.Spec.Attributes, m.Status.Revision = append(slices.Clone(good), v1alpha1.MappedAttribute{Target: "title", Expression: "Nope("}), "broken"
	if judge(m) {
		t.Fatal("the mapping is valid")
	}
	m.Spec.Attributes, m.Status.Revision = good, "new"
	judge(m)
	rollOut(m, []v1alpha1.ScimApp{user("b"), user("c")}, now)
	ready := meta.FindStatusCondition(m.Status.Conditions, "Ready")
	if ready.Reason != "RolloutHalted" || !strings.Contains(ready.Message, "ScimApp a (it does not use the mapping any more, or is deleted") {
		t.Errorf("Ready is %s: %s", ready.Reason, ready.Message)
	}
}
