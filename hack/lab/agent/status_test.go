package agent

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPhase(t *testing.T) {
	running := corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	creating := corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}}
	ended := func(code int32) corev1.ContainerStatus {
		return corev1.ContainerStatus{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}}
	}
	crashed := corev1.ContainerStatus{State: creating.State, LastTerminationState: ended(1).State}
	tests := map[string]struct {
		policy     corev1.RestartPolicy
		containers []corev1.ContainerStatus
		want       corev1.PodPhase
	}{
		"nothing has run yet":                         {corev1.RestartPolicyAlways, []corev1.ContainerStatus{creating}, corev1.PodPending},
		"one runs":                                    {corev1.RestartPolicyAlways, []corev1.ContainerStatus{running, creating}, corev1.PodRunning},
		"a crashed one waits for its restart":         {corev1.RestartPolicyAlways, []corev1.ContainerStatus{crashed}, corev1.PodRunning},
		"one that ended is started again":             {corev1.RestartPolicyAlways, []corev1.ContainerStatus{ended(0)}, corev1.PodRunning},
		"a job's container ended well":                {corev1.RestartPolicyNever, []corev1.ContainerStatus{ended(0)}, corev1.PodSucceeded},
		"a job's container failed":                    {corev1.RestartPolicyNever, []corev1.ContainerStatus{ended(0), ended(3)}, corev1.PodFailed},
		"a failed one is started again on failure":    {corev1.RestartPolicyOnFailure, []corev1.ContainerStatus{ended(3)}, corev1.PodRunning},
		"a good end is an end for restart on failure": {corev1.RestartPolicyOnFailure, []corev1.ContainerStatus{ended(0)}, corev1.PodSucceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := phase(test.policy, test.containers); got != test.want {
				t.Errorf("phase = %s, want %s", got, test.want)
			}
		})
	}
}

func TestConditionsKeepTheTimeOfTheirLastChange(t *testing.T) {
	pod := &corev1.Pod{}
	readiness := func(ready bool, previous corev1.PodStatus, at time.Time) corev1.PodStatus {
		return podStatus(pod, previous, "10.244.0.2", []corev1.ContainerStatus{{Name: "web", Ready: ready}}, metav1.NewTime(at))
	}
	changed := func(status corev1.PodStatus) time.Time {
		for _, condition := range status.Conditions {
			if condition.Type == corev1.PodReady {
				return condition.LastTransitionTime.Time
			}
		}
		t.Fatal("no Ready condition")
		return time.Time{}
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	unready := readiness(false, corev1.PodStatus{}, start)
	still := readiness(false, unready, start.Add(time.Minute))
	ready := readiness(true, still, start.Add(2*time.Minute))
	if got := changed(still); !got.Equal(start) {
		t.Errorf("an unchanged condition changed at %s", got)
	}
	if got := changed(ready); !got.Equal(start.Add(2 * time.Minute)) {
		t.Errorf("a changed condition changed at %s", got)
	}
	if !ready.StartTime.Equal(unready.StartTime) {
		t.Errorf("the start time moved from %s to %s", unready.StartTime, ready.StartTime)
	}
}
