package crash

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestTheOperatorMayBeKilledWhileItDeletes(t *testing.T) {
	for policy, expectLeft := range map[v1alpha1.DeletionPolicy]func(*testing.T, *kit.World){
		v1alpha1.DeletionPolicyRetain: expectPaused, v1alpha1.DeletionPolicyDelete: expectNothing,
	} {
		t.Run(string(policy), func(t *testing.T) {
			made := deleted(t, policy, kit.Crash{}, expectLeft)
			if written := slices.DeleteFunc(slices.Clone(made), func(c kit.Call) bool { return !c.Write || c.Cluster }); len(written) == 0 {
				t.Fatalf("nothing was written to Entra, but only %v called", made)
			}
			for _, call := range choose(made, true) {
				for _, lost := range []bool{false, true} {
					name := strings.ReplaceAll(call.Name, "/", " ")
					if lost {
						name += ", its answer lost"
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						deleted(t, policy, kit.Crash{After: call.Name, LostAnswer: lost}, expectLeft)
					})
				}
			}
		})
	}
}

// deleted deletes an app that is Ready, with an operator that crashes and one that comes after it, and gives the calls
// of the former.
func deleted(t *testing.T, policy v1alpha1.DeletionPolicy, crash kit.Crash, expectLeft func(*testing.T, *kit.World)) []kit.Call {
	t.Helper()
	w := cluster.NewWorld(t)
	m := w.Manifests(t)
	m.App.Spec.DeletionPolicy = policy
	w.Apply(t, m)
	builder := w.StartOperator(t, kit.Crash{})
	app := w.ExpectReady(t)
	builder.Kill()
	if err := w.Client.Delete(t.Context(), app); err != nil {
		t.Fatal(err)
	}

	operator := w.StartOperator(t, crash)
	gone := func() error { return w.Gone(t, app) }
	operator.OrKilled(t, "the ScimApp is gone", gone)
	if strings.HasSuffix(crash.After, " #1") { // how often a call is repeated is a matter of chance
		kit.Eventually(t, "the operator makes the call "+crash.After, operator.Reached)
	}
	operator.Kill()
	w.StartOperator(t, kit.Crash{})
	kit.Eventually(t, "the ScimApp is gone", gone)
	expectLeft(t, w)

	tokens := &corev1.SecretList{}
	if err := w.Client.List(t.Context(), tokens, client.InNamespace(w.OperatorNamespace), client.MatchingLabels{v1alpha1.LabelApp: kit.AppName}); err != nil {
		t.Fatal(err)
	}
	if len(tokens.Items) != 0 {
		t.Errorf("the token was left behind in Secret %s", tokens.Items[0].Name)
	}
	return operator.Calls()
}

func expectPaused(t *testing.T, w *kit.World) {
	t.Helper()
	state := w.Sim.State()
	if len(state.Applications) != 1 || len(state.Assignments) != 2 || state.DeletedItems != 0 {
		t.Errorf("left are applications %v and assignments %v, and %d objects were deleted; want all as it was", state.Applications, state.Assignments, state.DeletedItems)
	}
	if job := w.Job(t); job.Schedule != "Paused" || job.Pauses != 1 {
		t.Errorf("the job is %s after %d pauses, want Paused after one", job.Schedule, job.Pauses)
	}
}

func expectNothing(t *testing.T, w *kit.World) {
	t.Helper()
	state := w.Sim.State()
	if len(state.Applications) != 0 || len(state.Principals) != 0 || len(state.Jobs) != 0 || state.DeletedItems != 2 {
		t.Errorf("left are applications %v, principals %v and jobs %v, and %d objects that can be restored; want none, and two",
			state.Applications, state.Principals, state.Jobs, state.DeletedItems)
	}
}
