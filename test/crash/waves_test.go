package crash

import (
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

// waved are two apps that share a mapping, in the order of their waves.
var waved = []string{"app-a", kit.AppName}

// TestTheOperatorMayBeKilledWhileAMappingIsRolledOut is about the steps that a wave adds: the release in the mapping's
// status, what the app saves before it writes, the write, and what it saves afterwards.
func TestTheOperatorMayBeKilledWhileAMappingIsRolledOut(t *testing.T) {
	for _, call := range []string{
		"PATCH attributemappings/wiki-users/status #1",
		"PATCH scimapps/app-a/status #1",
		"PATCH scimapps/app-a/status #2",
		"PUT /servicePrincipals/{id}/synchronization/jobs/{job}/schema #1",
		"PATCH scimapps/app-a/status #3",
	} {
		for name, lost := range map[string]bool{"killed": false, "its answer lost, killed after the next write": true} {
			t.Run(strings.ReplaceAll(call, "/", " ")+", "+name, func(t *testing.T) {
				t.Parallel()
				w := rolledOut(t)
				operator := w.StartOperator(t, kit.Crash{After: call, LostAnswer: lost})
				w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
					s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: "nickName", Source: "mailNickname"})
				})
				operator.OrKilled(t, "the first app has the change", func() error { return hasChange(t, w) })
				kit.Eventually(t, "the operator makes the call "+call, operator.Reached)
				operator.Kill()
				w.StartOperator(t, kit.Crash{})
				kit.Eventually(t, "the first app has the change", func() error { return hasChange(t, w) })
				for app, want := range map[string]int{"app-a": 2, kit.AppName: 1} {
					if job, err := w.JobOf(app); err != nil || job.SchemaWrites != want {
						t.Errorf("the schema of %s was written %d times (%v), want %d", app, job.SchemaWrites, err, want)
					}
				}
				if report := w.CycleOf(t, "app-a"); report.Error != nil || report.Failed > 0 {
					t.Fatalf("the cycle failed: %+v", report)
				}
				kit.Eventually(t, "the last app has the change", func() error {
					if job, err := w.JobOf(kit.AppName); err != nil || job.SchemaWrites != 2 {
						return fmt.Errorf("its schema was written %d times (%w)", job.SchemaWrites, err)
					}
					return nil
				})
			})
		}
	}
}

// rolledOut gives a world whose two apps have ended their initial cycles, without an operator.
func rolledOut(t *testing.T) *kit.World {
	t.Helper()
	w := cluster.NewWorld(t)
	w.Apply(t, w.Manifests(t))
	w.AddApps(t, waved[:1], func(s *v1alpha1.ScimAppSpec) {
		s.AttributeMappings = []v1alpha1.AttributeMappingReference{{Name: "wiki-users"}}
	})
	operator := w.StartOperator(t, kit.Crash{})
	for _, app := range waved {
		w.ExpectCalled(t, app, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		w.CycleOf(t, app)
		w.ExpectCalled(t, app, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonProvisioning)
	}
	operator.Kill()
	return w
}

// hasChange gives nil when the first app has the mapping as it is now, from the first wave and with the cycle before.
func hasChange(t *testing.T, w *kit.World) error {
	m := &v1alpha1.AttributeMapping{}
	m.Namespace, m.Name = w.Namespace, "wiki-users"
	if err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(m), m); err != nil {
		return err
	}
	applied := w.AppCalled(t, "app-a").Status.AppliedMapping(m)
	if applied == nil || applied.Revision != m.Status.Revision || applied.AppliedAt == nil || applied.Wave != 1 || applied.Before == nil || m.Generation < 2 {
		return fmt.Errorf("generation %d of the mapping has revision %s, and the app has %+v", m.Generation, m.Status.Revision, applied)
	}
	return nil
}
