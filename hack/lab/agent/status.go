package agent

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podStatus is what a kubelet would say of a pod with these containers. Conditions keep the time of their last change from previous; those of
// others (PodScheduled) are left out, and the patch leaves them alone.
func podStatus(pod *corev1.Pod, previous corev1.PodStatus, ip string, containers []corev1.ContainerStatus, now metav1.Time) corev1.PodStatus {
	status := corev1.PodStatus{
		Phase:             phase(pod.Spec.RestartPolicy, containers),
		HostIP:            hostIP,
		HostIPs:           []corev1.HostIP{{IP: hostIP}},
		PodIP:             ip,
		PodIPs:            []corev1.PodIP{{IP: ip}},
		StartTime:         previous.StartTime,
		QOSClass:          pod.Status.QOSClass,
		ContainerStatuses: containers,
	}
	if status.StartTime == nil {
		status.StartTime = &now
	}
	unready := unreadyContainers(containers)
	reason, message := "", ""
	if len(unready) > 0 {
		reason, message = "ContainersNotReady", "containers with unready status: ["+strings.Join(unready, " ")+"]"
	}
	for _, condition := range []corev1.PodCondition{
		{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue},
		{Type: corev1.PodInitialized, Status: corev1.ConditionTrue},
		{Type: corev1.PodReady, Status: truth(len(unready) == 0), Reason: reason, Message: message},
		{Type: corev1.ContainersReady, Status: truth(len(unready) == 0), Reason: reason, Message: message},
	} {
		condition.LastTransitionTime = lastTransition(previous.Conditions, condition, now)
		condition.ObservedGeneration = pod.Generation
		status.Conditions = append(status.Conditions, condition)
	}
	return status
}

func lastTransition(previous []corev1.PodCondition, condition corev1.PodCondition, now metav1.Time) metav1.Time {
	for _, old := range previous {
		if old.Type == condition.Type && old.Status == condition.Status {
			return old.LastTransitionTime
		}
	}
	return now
}

func unreadyContainers(containers []corev1.ContainerStatus) []string {
	var names []string
	for _, c := range containers {
		if !c.Ready {
			names = append(names, c.Name)
		}
	}
	return names
}

// phase is Pending until a container has run, Running while one runs or will be started again, and else tells how they ended.
func phase(policy corev1.RestartPolicy, containers []corev1.ContainerStatus) corev1.PodPhase {
	begun, ended, failed := false, 0, false
	for _, c := range containers {
		switch {
		case c.State.Running != nil || c.LastTerminationState.Terminated != nil:
			begun = true
		case c.State.Terminated != nil:
			begun = true
			if !restarts(policy, c.State.Terminated.ExitCode) {
				ended++
				failed = failed || c.State.Terminated.ExitCode != 0
			}
		}
	}
	switch {
	case !begun:
		return corev1.PodPending
	case ended < len(containers):
		return corev1.PodRunning
	case failed:
		return corev1.PodFailed
	}
	return corev1.PodSucceeded
}

// restarts says whether a container that ended with this code is started again.
func restarts(policy corev1.RestartPolicy, code int32) bool {
	return policy == corev1.RestartPolicyAlways || policy == "" || policy == corev1.RestartPolicyOnFailure && code != 0
}

func truth(value bool) corev1.ConditionStatus {
	if value {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}
