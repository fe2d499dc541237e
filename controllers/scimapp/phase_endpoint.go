package scimapp

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/desired"
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
	if err := r.readExtensions(ctx, s); err != nil {
		return phase.Fail("EndpointUnknown", err)
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
	e := r.wantedEndpoint(s)
	e.TokenHashes = hashes
	objects, err := desired.Objects(e)
	if err != nil {
		return err
	}
	// What is obsolete goes first: two kinds of workload must not answer behind one Service.
	for _, obj := range desired.Obsolete(e) {
		if err := r.Applier.Delete(ctx, obj); err != nil {
			return err
		}
	}
	for _, obj := range objects {
		if err := r.applyObject(ctx, s, obj); err != nil {
			return err
		}
	}
	return nil
}

// wantedEndpoint is what the endpoint's objects are made from, but for the token hashes.
func (r *Reconciler) wantedEndpoint(s *scope) desired.Endpoint {
	return desired.Endpoint{
		App: s.app, URL: s.endpointURL, DefaultImage: r.EndpointImage, OperatorNamespace: r.OperatorNamespace,
		Extensions: s.extensions, Store: s.app.Status.Endpoint.Store,
	}
}

func (r *Reconciler) applyObject(ctx context.Context, s *scope, obj client.Object) error {
	_, isClaim := obj.(*corev1.PersistentVolumeClaim)
	if !isClaim || desired.WhenDeleted(s.app) == v1alpha1.WhenDeletedDelete {
		apply.OwnedBy(obj, s.app)
	}
	if s.mappingsUnread && obj.GetName() == desired.ConfigName(s.app.Name) && s.app.Status.Endpoint.ConfigRevision != "" {
		return nil // an unreadable mapping must not take attributes away from a running endpoint
	}
	_, err := r.Applier.Apply(ctx, obj)
	return err
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
	pods, err := r.servingPods(ctx, s)
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	s.app.Status.Endpoint.ReadyReplicas = countReady(pods)
	if len(pods) == 0 {
		return r.explainNotServing(ctx, s)
	}
	for i := range pods {
		if pods[i].status, err = r.Pods.Status(ctx, pods[i].address); err != nil {
			return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s),
				"%s does not tell what it serves: %v; the operator has to reach the endpoint's management port %d", pods[i], err, desired.ManagementPort)
		}
	}
	if out := r.ensureStore(ctx, s, pods); out.State != phase.Done {
		return out
	}
	_, revision, err := desired.Config(r.wantedEndpoint(s))
	if err != nil {
		return phase.Fail("EndpointUnknown", err)
	}
	for _, p := range pods {
		if missing := s.missing(p, revision); missing != "" {
			return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s),
				"%s does not %s yet; a kubelet takes up to two minutes to hand it a changed ConfigMap", p, missing)
		}
		s.app.Status.Endpoint.ConfigRevision = p.status.ConfigRevision
	}
	return r.serving(ctx, s)
}

// missing says what the pod does not do yet; empty when it is up to date.
func (s *scope) missing(p servingPod, revision string) string {
	switch {
	case !p.status.Accepts(s.tokenHash):
		return "accept the current token"
	case !p.status.ServesStore():
		return "serve database " + p.status.StoreID
	case !s.mappingsUnread && p.status.ConfigRevision != revision:
		return "serve configuration " + revision
	default:
		return ""
	}
}
