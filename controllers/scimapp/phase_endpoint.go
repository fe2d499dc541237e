package scimapp

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/token"
)

// The cluster does not tell when a kubelet has brought a changed ConfigMap into a pod, so this one thing is polled: often
// while a pod starts, and seldom when it takes too long, for every pass reads from Graph as well.
const (
	endpointRecheck     = 2 * time.Second
	endpointSlowRecheck = 30 * time.Second
	endpointPatience    = 3 * time.Minute
)

func (r *Reconciler) endpointRecheck(s *scope) time.Duration {
	c := meta.FindStatusCondition(s.app.Status.Conditions, v1alpha1.ConditionEndpointReady)
	if c != nil && c.Status != metav1.ConditionTrue && r.Clock.Since(c.LastTransitionTime.Time) > endpointPatience {
		return endpointSlowRecheck
	}
	return endpointRecheck
}

// ensureEndpoint deploys the SCIM endpoint and waits until every pod accepts the token and knows the attributes.
func (r *Reconciler) ensureEndpoint(ctx context.Context, s *scope) phase.Outcome {
	if s.tenant == nil {
		return phase.Wait(v1alpha1.ReasonTenantNotFound, 0, "waiting for the EntraTenant: its cloud decides about the endpoint's address")
	}
	if s.endpointURL == "" {
		return phase.Stall(v1alpha1.ReasonExposureRequired,
			"spec.endpoint.exposure is missing: Entra has to reach the endpoint from the internet; make an Ingress or Gateway lead to Service %s and set spec.endpoint.exposure.url to its https address with the path %s",
			desired.Name(s.app.Name), desired.BasePath)
	}
	s.app.Status.Endpoint.URL = s.endpointURL
	if external(s.app) != nil {
		return phase.Succeed(v1alpha1.ReasonEndpointServing, "Entra talks to the external endpoint %s", s.endpointURL)
	}
	switch {
	case s.granted:
		if err := r.applyEndpoint(ctx, s); err != nil {
			return phase.Fail("EndpointNotApplied", err)
		}
	case s.app.Status.Endpoint.ConfigRevision == "":
		return phase.Wait("Waiting"+v1alpha1.ConditionAllowed, 0, "waiting for %s: an endpoint that no grant covers is not made", v1alpha1.ConditionAllowed)
	}
	return r.awaitEndpoint(ctx, s)
}

func (r *Reconciler) applyEndpoint(ctx context.Context, s *scope) error {
	hashes, err := r.acceptedHashes(ctx, s)
	if err != nil {
		return err
	}
	objects, err := desired.Objects(desired.Endpoint{
		App: s.app, URL: s.endpointURL, DefaultImage: r.EndpointImage, OperatorNamespace: r.OperatorNamespace,
		TokenHashes: hashes, Extensions: mapping.Extensions(s.desired),
	})
	if err != nil {
		return err
	}
	for _, obj := range objects {
		_, isClaim := obj.(*corev1.PersistentVolumeClaim)
		if !isClaim || desired.WhenDeleted(s.app) == v1alpha1.WhenDeletedDelete {
			apply.OwnedBy(obj, s.app)
		}
		if s.mappingsUnread && obj.GetName() == desired.ConfigName(s.app.Name) && s.app.Status.Endpoint.ConfigRevision != "" {
			continue // an unreadable mapping must not take attributes away from a running endpoint
		}
		if _, err := r.Applier.Apply(ctx, obj); err != nil {
			return err
		}
	}
	return nil
}

// acceptedHashes are those of the current token and, until a cycle has begun and ended well with it, of all that the
// endpoint accepted before: what Entra still presents is never refused, and a cycle keeps the token it began with.
func (r *Reconciler) acceptedHashes(ctx context.Context, s *scope) ([]string, error) {
	hashes := []string{s.tokenHash}
	if s.app.Status.Token.Fingerprint == token.Fingerprint(s.token) && provenByCycle(s.app.Status) {
		return hashes, nil
	}
	cm := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: s.app.Namespace, Name: desired.TokensName(s.app.Name)}
	if err := r.Live.Get(ctx, key, cm); client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading the accepted token hashes in ConfigMap %s: %w", key, err)
	}
	for _, hash := range desired.ParseHashes(cm.Data[desired.HashesKey]) {
		if !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes, nil
}

// provenByCycle is true when a cycle that began after Entra took the token ended well.
func provenByCycle(st v1alpha1.ScimAppStatus) bool {
	accepted, cycle := st.Token.AcceptedAt, st.Job.LastCycle
	return accepted != nil && cycle != nil && cycle.StartedAt != nil && cycle.FinishedAt != nil &&
		cycle.StartedAt.After(accepted.Time) && cycle.Result != cycleFailed
}

// awaitEndpoint asks every pod that could be answering Entra, which includes one that is going away.
func (r *Reconciler) awaitEndpoint(ctx context.Context, s *scope) phase.Outcome {
	addresses, err := r.servingAddresses(ctx, s)
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	s.app.Status.Endpoint.ReadyReplicas = int32(len(addresses)) //nolint:gosec // a handful of pods
	if len(addresses) == 0 {
		return r.explainNotServing(ctx, s)
	}
	_, revision, err := desired.Config(mapping.Extensions(s.desired))
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	for _, address := range addresses {
		status, err := r.Pods.Status(ctx, address)
		switch {
		case err != nil:
			return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s), "%v; the operator has to reach the endpoint's management port %d", err, desired.ManagementPort)
		case !status.Accepts(s.tokenHash):
			return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s), "pod %s does not accept the current token yet; a kubelet takes up to two minutes to hand it a changed ConfigMap", address)
		case !s.mappingsUnread && status.ConfigRevision != revision:
			return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s), "pod %s does not serve configuration %s yet; a kubelet takes up to two minutes to hand it a changed ConfigMap", address, revision)
		}
		s.app.Status.Endpoint.StoreID = status.StoreID
		s.app.Status.Endpoint.ConfigRevision = status.ConfigRevision
	}
	return phase.Succeed(v1alpha1.ReasonEndpointServing, "the endpoint serves %s", s.endpointURL)
}

func (r *Reconciler) servingAddresses(ctx context.Context, s *scope) ([]string, error) {
	var list discoveryv1.EndpointSliceList
	err := r.Client.List(ctx, &list, client.InNamespace(s.app.Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: desired.Name(s.app.Name)})
	if err != nil {
		return nil, fmt.Errorf("listing the endpoint's addresses: %w", err)
	}
	var out []string
	for _, slice := range list.Items {
		for _, ep := range slice.Endpoints {
			if isTrue(ep.Conditions.Ready) || isTrue(ep.Conditions.Serving) {
				out = append(out, ep.Addresses...)
			}
		}
	}
	return out, nil
}

func isTrue(b *bool) bool { return b != nil && *b }

// explainNotServing says why no pod is ready, in the pod's own words, so that nobody has to go and look.
func (r *Reconciler) explainNotServing(ctx context.Context, s *scope) phase.Outcome {
	var pods corev1.PodList
	err := r.Client.List(ctx, &pods, client.InNamespace(s.app.Namespace), client.MatchingLabels{v1alpha1.LabelApp: s.app.Name})
	if err != nil {
		return phase.Fail("EndpointUnknown", fmt.Errorf("listing the endpoint's pods: %w", err))
	}
	detail := "its pod is being created"
	for _, pod := range pods.Items {
		if podReady(pod) {
			detail = fmt.Sprintf("pod %s is ready and Service %s does not lead to it yet", pod.Name, desired.Name(s.app.Name))
		}
		if why := podProblem(pod); why != "" {
			detail = fmt.Sprintf("pod %s: %s", pod.Name, why)
		}
	}
	return phase.Wait(v1alpha1.ReasonEndpointStarting, r.endpointRecheck(s), "the endpoint is not ready yet: %s", detail)
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
