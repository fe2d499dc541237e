package scimapp

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/token"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestPodProblem(t *testing.T) {
	container := func(state, last corev1.ContainerState, ready bool) corev1.PodStatus {
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "scim-endpoint", State: state, LastTerminationState: last, Ready: ready, RestartCount: 3}}}
	}
	waiting := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "because"}}
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 2, Reason: "Error"}}
	tests := map[string]struct {
		status corev1.PodStatus
		says   []string // nothing: no problem
	}{
		"a pod without a word":                     {corev1.PodStatus{}, nil},
		"a container that is being created":        {container(waiting("ContainerCreating"), corev1.ContainerState{}, false), nil},
		"an image that cannot be pulled":           {container(waiting("ImagePullBackOff"), corev1.ContainerState{}, false), []string{"scim-endpoint", "ImagePullBackOff", "because"}},
		"one that crashed and runs again":          {container(running, ended, false), []string{"exit code 2", "restarted 3 times", "kubectl logs wiki-scim-0 -n docs --previous"}},
		"one that crashed long ago and is ready":   {container(running, ended, true), nil},
		"one that is not scheduled":                {corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "no volume"}}}, []string{"not scheduled", "no volume"}},
		"one that is scheduled and not yet ready":  {corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}}, nil},
		"one that waits after a crash":             {container(waiting("CrashLoopBackOff"), ended, false), []string{"CrashLoopBackOff"}},
		"a container that runs and is not ready":   {container(running, corev1.ContainerState{}, false), nil},
		"one that cannot be configured is told so": {container(waiting("CreateContainerConfigError"), corev1.ContainerState{}, false), []string{"CreateContainerConfigError"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "docs", Name: "wiki-scim-0"}, Status: tc.status}
			got := podProblem(pod)
			if (got == "") != (len(tc.says) == 0) {
				t.Fatalf("podProblem = %q", got)
			}
			for _, part := range tc.says {
				if !strings.Contains(got, part) {
					t.Errorf("podProblem = %q, without %q", got, part)
				}
			}
		})
	}
}

func TestByLabel(t *testing.T) {
	slice := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "docs", Name: "wiki-scim-x7k", Labels: map[string]string{v1alpha1.LabelApp: "wiki"}}}
	want := reconcile.Request{}
	want.Namespace, want.Name = "docs", "wiki"
	if got := byLabel(t.Context(), slice); len(got) != 1 || got[0] != want {
		t.Errorf("byLabel = %v, want docs/wiki", got)
	}
	if got := byLabel(t.Context(), &corev1.Pod{}); len(got) != 0 {
		t.Errorf("byLabel of an object that is not ours = %v", got)
	}
}

func TestSetToken(t *testing.T) {
	s := &scope{}
	s.setToken("secret")
	if s.token != "secret" || s.tokenHash != token.Hash("secret") {
		t.Error("token and hash do not belong together")
	}
}

func TestMustLetGo(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	r := &Reconciler{Clock: clocktesting.NewFakePassiveClock(now)}
	waiting := fault.NewWaiting("Replicating", time.Second, errNoAnswer)
	tests := map[string]struct {
		err error
		ago time.Duration
		let bool
	}{
		"an unreachable Graph is waited for":             {errNoAnswer, time.Minute, false},
		"an unreachable Graph is not for ever":           {errNoAnswer, time.Hour, true},
		"a missing permission is not for ever":           {fault.NewTerminal("PermissionMissing", errNoAnswer), time.Hour, true},
		"a tenant that is gone holds nothing":            {errNoTenant, time.Second, true},
		"what replicates is waited for":                  {waiting, time.Minute, false},
		"a refusal that looks like replication ends too": {fault.NewWaiting(entra.ReasonSynchronizationDenied, 0, errNoAnswer), time.Hour, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := gen.ScimApp("wiki")
			app.DeletionTimestamp = &metav1.Time{Time: now.Add(-tc.ago)}
			if got := r.mustLetGo(&scope{app: app}, tc.err); got != tc.let {
				t.Errorf("mustLetGo = %t, want %t", got, tc.let)
			}
		})
	}
}

var errNoAnswer = fault.NewRetryable("GraphUnreachable", errNoRoute{})

type errNoRoute struct{}

func (errNoRoute) Error() string { return "no route to host" }
