package scimapp

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// Who accepted a database.
const (
	approvedAutomatic  = "Automatic"
	approvedAnnotation = "Annotation"
)

// ensureStore holds the database that the pods serve against the known one. An empty one is accepted at once, since
// nobody can come back to life in it. Another one, or one that was set back, is accepted by a person only.
//
// The sequence is saved whenever it is seen higher. It rises only when Entra wrote something, and then the job's last
// cycle is news as well, so an app without changes is not written.
func (r *Reconciler) ensureStore(ctx context.Context, s *scope, pods []servingPod) phase.Outcome {
	lowest, highest, same := servedStore(pods)
	if !same {
		return phase.Wait(v1alpha1.ReasonEndpointNotCurrent, r.endpointRecheck(s),
			"%s and %s serve different databases, %s and %s; a rollout is under way, or spec.endpoint.managed.storage leads them apart",
			lowest, highest, lowest.status.StoreID, highest.status.StoreID)
	}
	acceptStore.forget(s.app)
	pg := desired.Postgres(s.app)
	known, seen := s.app.Status.Endpoint.Store, storeOf(lowest)
	finding := judgeStore(known, seen, pg != nil && pg.MigrateFrom != "")
	switch finding {
	case storeExpected:
		return r.knowStore(ctx, s, storeOf(highest))
	case storeFirst:
		if seen.Sequence == 0 { // a job of an earlier life may know accounts that are not there
			s.app.Status.Job.Restart = &v1alpha1.RestartStatus{Reason: v1alpha1.ReasonStoreReplaced, Store: storeValue(seen), Approved: approvedAutomatic}
			if err := s.save(ctx); err != nil { // before the endpoint is told, as in acceptStore
				return phase.Fail("IntentNotSaved", err)
			}
		}
		return r.knowStore(ctx, s, storeOf(highest))
	case storeEmpty:
		return r.acceptStore(ctx, s, finding, seen, approvedAutomatic)
	case storeNotMoved, storeReplaced, storeRestored:
	}
	granted, note := acceptStore.ask(s.app, storeValue(seen))
	if !granted {
		return phase.Stall(finding.reason(), "%s. To accept it, run `kubectl annotate scimapp %s -n %s %s=%s --overwrite`: the job is then restarted with scope Full, which brings everybody in scope up to date%s%s",
			finding.explain(lowest, known, seen), s.app.Name, s.app.Namespace, v1alpha1.AnnotationAcceptStore, storeValue(seen), leftBehind(finding), note)
	}
	acceptStore.handled(s.app, storeValue(seen), fmt.Sprintf("accepted database %s at change %d; the job is restarted with scope Full", seen.ID, seen.Sequence), r.Clock.Now())
	return r.acceptStore(ctx, s, finding, seen, approvedAnnotation)
}

// leftBehind says what a restart does not do.
func leftBehind(f storeFinding) string {
	if f == storeNotMoved {
		return " and leaves the old accounts where they are"
	}
	return ", but leaves active accounts alone whose people are no longer in scope: disable those yourself"
}

// servedStore gives the pods with the lowest and the highest sequence, or two that serve different databases.
func servedStore(pods []servingPod) (lowest, highest servingPod, same bool) {
	lowest, highest = pods[0], pods[0]
	for _, p := range pods[1:] {
		if p.status.StoreID != pods[0].status.StoreID {
			return pods[0], p, false
		}
		if p.status.Sequence < lowest.status.Sequence {
			lowest = p
		}
		if p.status.Sequence > highest.status.Sequence {
			highest = p
		}
	}
	return lowest, highest, true
}

func storeOf(p servingPod) v1alpha1.StoreStatus {
	return v1alpha1.StoreStatus{ID: p.status.StoreID, Sequence: p.status.Sequence}
}

// acceptStore makes the database the known one and a restart of the job due. That is saved before the endpoint is told
// to serve it: whatever happens then, the restart comes.
func (r *Reconciler) acceptStore(ctx context.Context, s *scope, finding storeFinding, seen v1alpha1.StoreStatus, by string) phase.Outcome {
	known := s.app.Status.Endpoint.Store
	s.app.Status.Endpoint.Store = &seen
	s.app.Status.Job.Restart = &v1alpha1.RestartStatus{Reason: finding.reason(), Store: storeValue(seen), Approved: by}
	if err := s.save(ctx); err != nil {
		return phase.Fail("IntentNotSaved", err)
	}
	if by == approvedAutomatic {
		r.Events.Eventf(s.app, nil, corev1.EventTypeWarning, v1alpha1.ReasonStoreAccepted, "Accept",
			"database %s was lost, and %s in its place is new and empty; the operator accepted it and restarts the job with scope Full, so that everybody in scope is provisioned again", known.ID, seen.ID)
	} else {
		r.Events.Eventf(s.app, nil, corev1.EventTypeNormal, v1alpha1.ReasonStoreAccepted, "Accept",
			"database %s at change %d was accepted by an annotation; the operator restarts the job with scope Full", seen.ID, seen.Sequence)
	}
	return r.tellStore(ctx, s)
}

// knowStore remembers the state that the database has reached.
func (r *Reconciler) knowStore(ctx context.Context, s *scope, seen v1alpha1.StoreStatus) phase.Outcome {
	if known := s.app.Status.Endpoint.Store; known != nil && *known == seen {
		return phase.Succeed("", "")
	}
	s.app.Status.Endpoint.Store = &seen
	return r.tellStore(ctx, s)
}

// tellStore puts the known database into the endpoint's configuration.
func (r *Reconciler) tellStore(ctx context.Context, s *scope) phase.Outcome {
	config, err := desired.ConfigMap(r.wantedEndpoint(s))
	if err != nil {
		return phase.Fail("EndpointNotApplied", err)
	}
	if err := r.applyObject(ctx, s, config); err != nil {
		return phase.Fail("EndpointNotApplied", err)
	}
	return phase.Succeed("", "")
}
