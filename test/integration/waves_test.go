package integration

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

// sharing are the apps of a world that use the mapping of users, in the order of their waves: one, five and one.
var sharing = []string{"app-a", "app-b", "app-c", "app-d", "app-e", "app-f", "wiki"}

// shared gives a world whose apps have all finished their initial cycles with one mapping of users. The sample's app is
// the last of them.
func shared(t *testing.T, apps []string) *kit.World {
	t.Helper()
	w := cluster.NewWorld(t)
	w.Apply(t, w.Manifests(t))
	w.AddApps(t, apps[:len(apps)-1], func(s *v1alpha1.ScimAppSpec) {
		s.AttributeMappings = []v1alpha1.AttributeMappingReference{{Name: "wiki-users"}}
		s.Assignments = s.Assignments[:1]
	})
	w.StartOperator(t, kit.Crash{})
	for _, app := range apps {
		w.ExpectCalled(t, app, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		expectGood(t, w, app)
	}
	return w
}

// expectGood runs a cycle of the app's job in which nothing fails.
func expectGood(t *testing.T, w *kit.World, app string) {
	t.Helper()
	if report := w.CycleOf(t, app); report.Error != nil || report.Failed > 0 {
		t.Fatalf("the cycle of %s failed: %+v", app, report)
	}
}

// writes is how often the schema of each app was written since its first.
func writes(t *testing.T, w *kit.World, apps []string) string {
	t.Helper()
	var parts []string
	for _, app := range apps {
		job, err := w.JobOf(app)
		if err != nil {
			t.Fatal(err)
		}
		if job.SchemaWrites > 1 {
			parts = append(parts, fmt.Sprintf("%s:%d", app, job.SchemaWrites-1))
		}
	}
	return strings.Join(parts, " ")
}

// expectWrites waits until the schemas are written that often.
func expectWrites(t *testing.T, w *kit.World, apps []string, want string) {
	t.Helper()
	kit.Eventually(t, "the schemas are written in the apps "+want, func() error {
		if got := writes(t, w, apps); got != want {
			return fmt.Errorf("they are in %q", got)
		}
		return nil
	})
}

// expectUsers waits until the mapping of users is Ready, or not, for the reason, and gives it.
func expectUsers(t *testing.T, w *kit.World, status metav1.ConditionStatus, reason string) (m *v1alpha1.AttributeMapping, message string) {
	t.Helper()
	m = &v1alpha1.AttributeMapping{}
	m.Namespace, m.Name = w.Namespace, "wiki-users"
	return m, expectMapping(t, w, m, status, reason)
}

// expectMapping reads the mapping until it is Ready, or not, for the reason, and gives what it says.
func expectMapping(t *testing.T, w *kit.World, m v1alpha1.MappingObject, status metav1.ConditionStatus, reason string) (message string) {
	t.Helper()
	kit.Eventually(t, "the mapping "+m.GetName()+" is "+reason, func() error {
		*m.MappingStatus() = v1alpha1.AttributeMappingStatus{} // decoding leaves what the answer lacks
		if err := w.Client.Get(t.Context(), keyOf(m), m); err != nil {
			return err
		}
		ready := meta.FindStatusCondition(m.MappingStatus().Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.ObservedGeneration != m.GetGeneration() || ready.Status != status || ready.Reason != reason {
			return fmt.Errorf("it is %+v with the rollout %+v", ready, m.MappingStatus().Rollout)
		}
		message = ready.Message
		return nil
	})
	return message
}

// retitle is a harmless change.
func retitle(s *v1alpha1.AttributeMappingSpec) { attribute(s, "title").Source = "department" }

// refusedByTheEndpoint is a change with which nobody can be provisioned.
func refusedByTheEndpoint(s *v1alpha1.AttributeMappingSpec) {
	const desk = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:desk"
	s.TargetAttributes = []v1alpha1.TargetAttribute{{Name: desk, Type: v1alpha1.TypeInteger}}
	s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: desk, Constant: "the one by the window"})
}

func TestAChangedMappingReachesItsAppsInWaves(t *testing.T) {
	t.Parallel()
	w := shared(t, sharing)
	w.ChangeUsers(t, retitle)
	expectWrites(t, w, sharing, "app-a:1")
	kit.Eventually(t, "the mapping tells of its first wave", func() error {
		_, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRollingOut)
		if !strings.Contains(message, "wave 1, which runs in app-a") || !strings.Contains(message, "in 6 an older one") {
			return errors.New(message)
		}
		return nil
	})
	w.LookAt(t, "wiki")
	w.ExpectCalled(t, "wiki", v1alpha1.ConditionMappingsApplied, metav1.ConditionFalse, v1alpha1.ReasonRolloutPending)
	w.ExpectCalled(t, "wiki", v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	w.ExpectCalled(t, "wiki", v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonInSync)

	expectGood(t, w, "app-a")
	second := "app-a:1 app-b:1 app-c:1 app-d:1 app-e:1 app-f:1"
	expectWrites(t, w, sharing, second)
	for _, app := range sharing[1:5] {
		expectGood(t, w, app)
	}
	kit.Eventually(t, "the second wave waits for app-f alone", func() error {
		m, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRollingOut)
		if !strings.Contains(message, "wave 2, which runs in app-f;") {
			return fmt.Errorf("status.rollout is %+v: %s", m.Status.Rollout, message)
		}
		return nil
	})
	w.LookAt(t, "wiki")
	if got := writes(t, w, sharing); got != second {
		t.Errorf("before the second wave has ended the schemas are written in %q, want %q", got, second)
	}
	expectGood(t, w, "app-f")
	expectWrites(t, w, sharing, second+" wiki:1")
	m, _ := expectUsers(t, w, metav1.ConditionTrue, v1alpha1.ReasonMappingValid)
	if m.Status.Rollout != nil {
		t.Errorf("status.rollout is still there: %+v", m.Status.Rollout)
	}
	w.ExpectCalled(t, "wiki", v1alpha1.ConditionMappingsApplied, metav1.ConditionTrue, v1alpha1.ReasonMappingsApplied)
	for _, app := range sharing {
		if got := w.AppCalled(t, app).Status.AppliedMapping(m); got == nil || got.Revision != m.Status.Revision {
			t.Errorf("%s says of the mapping %+v, want revision %s", app, got, m.Status.Revision)
		}
	}
	order := schemaOrder(t, w)
	if last := order[len(order)-len(sharing):]; last[0] != "app-a" || last[len(last)-1] != "wiki" {
		t.Errorf("the schemas were written in the order %v, want app-a first and wiki last", last)
	}
}

// schemaOrder are the apps in the order in which their schemas were written.
func schemaOrder(t *testing.T, w *kit.World) []string {
	t.Helper()
	name := map[string]string{}
	for _, app := range sharing {
		name[w.AppCalled(t, app).Status.Application.ServicePrincipalID] = app
	}
	var order []string
	for _, e := range w.Sim.Journal() {
		if e.Method == http.MethodPut && strings.HasSuffix(e.Path, "/schema") {
			for id, app := range name {
				if strings.Contains(e.Path, id) {
					order = append(order, app)
				}
			}
		}
	}
	return order
}

func TestARolloutHaltsAndGoesOn(t *testing.T) {
	apps := []string{"app-a", "app-b", "wiki"}
	for name, test := range map[string]struct {
		change func(*v1alpha1.AttributeMappingSpec)
		says   string
	}{
		"when the endpoint refuses what is sent": {
			refusedByTheEndpoint,
			"entries failed in its first whole cycle with the change, and 0 in the one before it",
		},
		"when people are disabled": {
			func(s *v1alpha1.AttributeMappingSpec) {
				active := attribute(s, "active")
				active.Expression, active.Constant = `Switch([IsSoftDeleted], "False", "True", "False")`, ""
			},
			"accounts were disabled or deleted from the change to the end of its first whole cycle with it, and 0 in the cycle before it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := shared(t, apps)
			w.ChangeUsers(t, test.change)
			expectWrites(t, w, apps, "app-a:1")
			w.CycleOf(t, "app-a")
			m, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted)
			for _, words := range []string{"halted in wave 1 at ScimApp app-a", test.says, "In 2 ScimApps"} {
				if !strings.Contains(message, words) {
					t.Errorf("the message does not say %q: %s", words, message)
				}
			}
			kit.Eventually(t, "the app that got worse says so itself", func() error {
				c := meta.FindStatusCondition(w.AppCalled(t, "app-a").Status.Conditions, v1alpha1.ConditionMappingsApplied)
				if c == nil || c.Status != metav1.ConditionTrue || c.Reason != v1alpha1.ReasonRolloutHalted || !strings.Contains(c.Message, test.says) {
					return fmt.Errorf("MappingsApplied is %+v", c)
				}
				return nil
			})
			described := describe(t, w, m)
			if !strings.Contains(strings.Join(strings.Fields(described), " "), test.says) {
				t.Errorf("kubectl describe does not say why:\n%s", described)
			}
			annotate := func(value string) {
				kit.Change(t, w, m, func(m *v1alpha1.AttributeMapping) {
					metav1.SetMetaDataAnnotation(&m.ObjectMeta, v1alpha1.AnnotationContinueRollout, value)
				})
			}
			annotate("0123456789:1:app-a")
			kit.Eventually(t, "the message says that the annotation is about another halt", func() error {
				if _, message = expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted); !strings.Contains(message, "releases nothing") {
					return fmt.Errorf("it says %s", message)
				}
				return nil
			})
			w.LookAt(t, "app-b")
			if got := writes(t, w, apps); got != "app-a:1" {
				t.Errorf("while the rollout has halted the schemas are written in %q", got)
			}
			_, command, _ := strings.Cut(message, "`")
			command, _, _ = strings.Cut(command, "`")
			kubectl(t, command)
			expectWrites(t, w, apps, "app-a:1 app-b:1 wiki:1")
			kit.Eventually(t, "the app does not say so any more", func() error {
				if c := meta.FindStatusCondition(w.AppCalled(t, "app-a").Status.Conditions, v1alpha1.ConditionMappingsApplied); c.Reason != v1alpha1.ReasonMappingsApplied {
					return fmt.Errorf("MappingsApplied is %+v", c)
				}
				return nil
			})
		})
	}
}

// describe is what kubectl shows of the mapping.
func describe(t *testing.T, w *kit.World, m v1alpha1.MappingObject) string {
	t.Helper()
	short := map[v1alpha1.MappingKind]string{v1alpha1.KindAttributeMapping: "amap", v1alpha1.KindClusterAttributeMapping: "camap"}
	output, err := exec.CommandContext(t.Context(), cluster.Kubectl(t), "describe", short[m.MappingKind()], m.GetName(), "--namespace", w.Namespace,
		"--kubeconfig", cluster.Kubeconfig(t)).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl describe: %v\n%s", err, output)
	}
	return string(output)
}

// TestDisablesOfACycleThatNobodySawHaltARollout: the cycle that disables people ends while the operator is away, and the one
// that it sees disables nobody any more.
func TestDisablesOfACycleThatNobodySawHaltARollout(t *testing.T) {
	t.Parallel()
	apps := []string{"app-a", "app-b", "wiki"}
	w := shared(t, apps)
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		active := attribute(s, "active")
		active.Expression, active.Constant = `Switch([IsSoftDeleted], "False", "True", "False")`, ""
	})
	expectWrites(t, w, apps, "app-a:1")
	w.LookAt(t, "app-a") // the write is in status then
	w.KillOperators()
	job, err := w.JobOf("app-a")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.Pass(t, 2*time.Second) // as CycleOf, which has the operator look
		if _, err := w.Sim.RunCycle(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.StartOperator(t, kit.Crash{})
	_, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted)
	if !strings.Contains(message, "accounts were disabled or deleted from the change") {
		t.Errorf("the message is %s", message)
	}
}

func TestAChangeThatIsTakenBackEndsAHalt(t *testing.T) {
	t.Parallel()
	apps := []string{"app-a", "app-b", "wiki"}
	w := shared(t, apps)
	before := ""
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		before = attribute(s, "active").Expression
		attribute(s, "active").Expression = `Switch([IsSoftDeleted], "False", "True", "False")`
	})
	expectWrites(t, w, apps, "app-a:1")
	w.CycleOf(t, "app-a")
	expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted)
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { attribute(s, "active").Expression = before })
	expectWrites(t, w, apps, "app-a:2")
	expectUsers(t, w, metav1.ConditionTrue, v1alpha1.ReasonMappingValid)
	expectGood(t, w, "app-a")
	w.LookAt(t, "app-b")
	if got := writes(t, w, apps); got != "app-a:2" {
		t.Errorf("apps that never took the change were written to: %q", got)
	}
}

// TestTheLastAppOfAHaltedMappingDoesNotTakeTheChange: the app that got worse goes, and nobody has looked at why.
func TestTheLastAppOfAHaltedMappingDoesNotTakeTheChange(t *testing.T) {
	for name, leave := range map[string]func(*testing.T, *kit.World, *v1alpha1.ScimApp){
		"when the one before it is deleted": func(t *testing.T, w *kit.World, app *v1alpha1.ScimApp) {
			if err := w.Client.Delete(t.Context(), app); err != nil {
				t.Fatal(err)
			}
			kit.Eventually(t, "the app is gone", func() error { return w.Gone(t, app) })
		},
		"when the one before it takes the mapping off its list": func(t *testing.T, w *kit.World, app *v1alpha1.ScimApp) {
			kit.Change(t, w, app, func(app *v1alpha1.ScimApp) { app.Spec.AttributeMappings = nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := shared(t, []string{"app-a", "wiki"})
			w.ChangeUsers(t, refusedByTheEndpoint)
			expectWrites(t, w, []string{"app-a", "wiki"}, "app-a:1")
			w.CycleOf(t, "app-a")
			expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted)
			leave(t, w, w.AppCalled(t, "app-a"))

			message := ""
			kit.Eventually(t, "the mapping says that the app of the halt cannot show any more how it does", func() error {
				if _, message = expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRolloutHalted); !strings.Contains(message, "app-a (it does not use the mapping any more, or is deleted") {
					return errors.New(message)
				}
				return nil
			})
			for range 2 {
				w.LookAt(t, "wiki")
			}
			w.ExpectCalled(t, "wiki", v1alpha1.ConditionMappingsApplied, metav1.ConditionFalse, v1alpha1.ReasonRolloutPending)
			if got := writes(t, w, []string{"wiki"}); got != "" {
				t.Errorf("the last app took the change that halted: %q", got)
			}
			_, command, _ := strings.Cut(message, "`")
			command, _, _ = strings.Cut(command, "`")
			kubectl(t, command)
			expectWrites(t, w, []string{"wiki"}, "wiki:1")
		})
	}
}

// TestAMappingOfOneAppNeedsNoWave: there is nobody to try it on first, and no cycle to wait for.
func TestAMappingOfOneAppNeedsNoWave(t *testing.T) {
	t.Parallel()
	w := shared(t, []string{"wiki"})
	for n, change := range []func(*v1alpha1.AttributeMappingSpec){retitle, refusedByTheEndpoint} {
		w.ChangeUsers(t, change)
		expectWrites(t, w, []string{"wiki"}, fmt.Sprintf("wiki:%d", n+1))
		w.ExpectCalled(t, "wiki", v1alpha1.ConditionMappingsApplied, metav1.ConditionTrue, v1alpha1.ReasonMappingsApplied)
		if m, _ := expectUsers(t, w, metav1.ConditionTrue, v1alpha1.ReasonMappingValid); m.Status.Rollout != nil {
			t.Errorf("status.rollout is there for one app: %+v", m.Status.Rollout)
		}
		w.CycleOf(t, "wiki")
	}
	// That the app got worse shows in its own status, and halts nothing.
	m, _ := expectUsers(t, w, metav1.ConditionTrue, v1alpha1.ReasonMappingValid)
	if applied := w.AppCalled(t, "wiki").Status.AppliedMapping(m); m.Status.Rollout != nil || applied.Revision != m.Status.Revision || applied.Wave != 0 {
		t.Errorf("after a bad cycle the app has %+v of revision %s, and status.rollout is %+v", applied, m.Status.Revision, m.Status.Rollout)
	}
}

func TestAnAppThatCannotShowHowItDoesHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	apps := []string{"app-a", "app-b", "wiki"}
	w := shared(t, apps)
	w.ChangeUsers(t, retitle)
	expectWrites(t, w, apps, "app-a:1")
	suspend := true
	kit.Change(t, w, w.AppCalled(t, "app-a"), func(app *v1alpha1.ScimApp) { app.Spec.Suspend = &suspend })
	expectWrites(t, w, apps, "app-a:1 app-b:1")
	_, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRollingOut)
	if !strings.Contains(message, "left out for now: app-a (spec.suspend is true)") {
		t.Errorf("the message does not name who is left out: %s", message)
	}
	expectGood(t, w, "app-b")
	expectWrites(t, w, apps, "app-a:1 app-b:1 wiki:1")

	suspend = false
	kit.Change(t, w, w.AppCalled(t, "app-a"), func(app *v1alpha1.ScimApp) { app.Spec.Suspend = &suspend })
	w.ExpectCalled(t, "app-a", v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	expectUsers(t, w, metav1.ConditionTrue, v1alpha1.ReasonMappingValid)
}

func TestWavesGoOnAfterAllStatusWasLost(t *testing.T) {
	t.Parallel()
	apps := []string{"app-a", "app-b", "app-c", "wiki"}
	w := shared(t, apps)
	w.ChangeUsers(t, retitle)
	expectWrites(t, w, apps, "app-a:1")
	w.LookAt(t, "app-a") // the write is in status then
	w.KillOperators()
	for _, app := range apps {
		w.LoseStatus(t, w.AppCalled(t, app))
	}
	m := &v1alpha1.AttributeMapping{}
	m.Namespace, m.Name = w.Namespace, "wiki-users"
	w.LoseStatus(t, m)
	w.StartOperator(t, kit.Crash{})
	// Who had it already proves nothing any more, so the first wave is another app: the first one of those that are known by then.
	next := ""
	kit.Eventually(t, "one other app takes the change", func() error {
		written := strings.Fields(writes(t, w, apps))
		if len(written) != 2 || written[0] != "app-a:1" {
			return fmt.Errorf("the schemas are written in %q", written)
		}
		next = strings.TrimSuffix(written[1], ":1")
		return nil
	})
	kit.Eventually(t, "the mapping tells of that wave", func() error {
		_, message := expectUsers(t, w, metav1.ConditionFalse, v1alpha1.ReasonRollingOut)
		if !strings.Contains(message, "wave 1, which runs in "+next) {
			return errors.New(message)
		}
		return nil
	})
	expectGood(t, w, next)
	expectWrites(t, w, apps, "app-a:1 app-b:1 app-c:1 wiki:1")
}
