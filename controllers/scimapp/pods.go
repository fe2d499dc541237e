package scimapp

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/endpoint"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// servingPod is a pod that Entra's requests may reach, and what it says of itself.
type servingPod struct {
	name    string // the address where the slice names no pod
	address string
	ready   bool
	status  endpoint.Status
}

// String is how messages name the pod.
func (p servingPod) String() string { return "pod " + p.name }

// servingPods gives each pod once that is ready or still serves, in the order of their names.
func (r *Reconciler) servingPods(ctx context.Context, s *scope) ([]servingPod, error) {
	var list discoveryv1.EndpointSliceList
	err := r.Client.List(ctx, &list, client.InNamespace(s.app.Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: desired.Name(s.app.Name)})
	if err != nil {
		return nil, fmt.Errorf("listing the endpoint's addresses: %w", err)
	}
	var out []servingPod
	for _, slice := range list.Items {
		for _, ep := range slice.Endpoints {
			if len(ep.Addresses) == 0 || !isTrue(ep.Conditions.Ready) && !isTrue(ep.Conditions.Serving) {
				continue
			}
			p := servingPod{name: ep.Addresses[0], address: ep.Addresses[0], ready: isTrue(ep.Conditions.Ready)}
			if ep.TargetRef != nil {
				p.name = ep.TargetRef.Name
			}
			// With two address families there is a slice for each.
			if !slices.ContainsFunc(out, func(known servingPod) bool { return known.name == p.name }) {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b servingPod) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

func countReady(pods []servingPod) int32 {
	var n int32
	for _, p := range pods {
		if p.ready {
			n++
		}
	}
	return n
}

func isTrue(b *bool) bool { return b != nil && *b }

// serving says that the endpoint serves, and what stands in the way of pods that are missing.
func (r *Reconciler) serving(ctx context.Context, s *scope) phase.Outcome {
	ready, want := s.app.Status.Endpoint.ReadyReplicas, desired.Replicas(s.app)
	if ready >= want {
		return phase.Succeed(v1alpha1.ReasonEndpointServing, "the endpoint serves %s", s.endpointURL)
	}
	detail, err := r.podDetail(ctx, s, "the others are being created")
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	return phase.Succeed(v1alpha1.ReasonEndpointServing, "the endpoint serves %s with %d of %d pods; %s", s.endpointURL, ready, want, detail)
}

// explainNotServing says why no pod is ready, in the pod's own words, so that nobody has to go and look.
func (r *Reconciler) explainNotServing(ctx context.Context, s *scope) phase.Outcome {
	detail, err := r.podDetail(ctx, s, "its pod is being created")
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	return phase.Wait(v1alpha1.ReasonEndpointStarting, r.endpointRecheck(s), "the endpoint is not ready yet: %s", detail)
}

// podDetail gives what stands in the way of one of the app's pods, or the text given.
func (r *Reconciler) podDetail(ctx context.Context, s *scope, otherwise string) (string, error) {
	var pods corev1.PodList
	err := r.Client.List(ctx, &pods, client.InNamespace(s.app.Namespace), client.MatchingLabels{v1alpha1.LabelApp: s.app.Name})
	if err != nil {
		return "", fmt.Errorf("listing the endpoint's pods: %w", err)
	}
	detail := otherwise
	for _, pod := range pods.Items {
		if why := podProblem(pod); why != "" {
			return fmt.Sprintf("pod %s: %s", pod.Name, why), nil
		}
		if podReady(pod) && s.app.Status.Endpoint.ReadyReplicas == 0 {
			detail = fmt.Sprintf("pod %s is ready and Service %s does not lead to it yet", pod.Name, desired.Name(s.app.Name))
		}
	}
	return detail, nil
}

func podReady(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// podProblem gives what stands in a pod's way, or nothing.
func podProblem(pod corev1.Pod) string {
	for _, c := range pod.Status.ContainerStatuses {
		if w := c.State.Waiting; w != nil && w.Reason != "ContainerCreating" {
			return fmt.Sprintf("container %s waits: %s %s", c.Name, w.Reason, w.Message)
		}
		if t := c.LastTerminationState.Terminated; t != nil && !c.Ready {
			return fmt.Sprintf("container %s ended with exit code %d (%s) and was restarted %d times; see `kubectl logs %s -n %s --previous`",
				c.Name, t.ExitCode, t.Reason, c.RestartCount, pod.Name, pod.Namespace)
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return "it is not scheduled: " + c.Message
		}
	}
	return ""
}
