package story

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
)

// appIsDeleted is step 8.
func appIsDeleted(ctx context.Context, t *teller) error {
	if err := t.undoRename(ctx); err != nil {
		return err
	}
	if err := t.deleteAndTakeUp(ctx); err != nil {
		return err
	}
	return t.deleteForGood(ctx)
}

// undoRename gives the groups of step 3 their names back: an app that is made anew resolves the names in its manifest anew.
func (t *teller) undoRename(ctx context.Context) error {
	if t.cast == nil {
		return nil
	}
	t.say("the groups get their old names back")
	for _, group := range []struct{ id, name string }{{t.cast.namesake.ID, t.cast.namesake.DisplayName}, {t.cast.editors.ID, t.cast.editors.DisplayName}} {
		if err := t.simulator.patchGroup(ctx, group.id, map[string]any{"displayName": group.name}); err != nil {
			return err
		}
	}
	_, err := t.cycle(ctx)
	return err
}

// deleteAndTakeUp deletes with the defaults, Retain and Retain, and applies the same manifest again.
func (t *teller) deleteAndTakeUp(ctx context.Context) error {
	before, err := t.app(ctx)
	if err != nil {
		return err
	}
	contents, err := t.contents(ctx)
	if err != nil {
		return err
	}
	t.say("kubectl delete scimapp %s, with the defaults", appName)
	if err := t.deleteApp(ctx); err != nil {
		return err
	}
	state, job, err := t.job(ctx)
	if err != nil {
		return expectation("the job is still there", "%w", err)
	}
	if schedule := state.Jobs[job].Schedule; schedule != "Paused" || len(state.Applications) != 1 {
		return expectation("one application with a paused job", "%d, %s", len(state.Applications), schedule)
	}
	if err := t.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: desired.ClaimName(appName)}, &corev1.PersistentVolumeClaim{}); err != nil {
		return expectation("the claim is kept", "%w", err)
	}

	t.say("the job is paused, the claim is kept; kubectl apply --server-side -f %s/scimapp.yaml", samples)
	if _, err := t.Kubectl(ctx, "", "apply", "--server-side", "-f", samples+"/scimapp.yaml"); err != nil {
		return err
	}
	if err := t.await(ctx, "ScimApp docs/wiki is Ready", t.ready); err != nil {
		return err
	}
	if err := t.tookUp(ctx, before, contents); err != nil {
		return err
	}
	if _, err := t.cycle(ctx); err != nil {
		return err
	}
	w, err := t.look(ctx)
	if err != nil {
		return err
	}
	return t.endpointHasExactly(ctx, w)
}

// tookUp expects that the new object works with the old application, job and store.
func (t *teller) tookUp(ctx context.Context, before *v1alpha1.ScimApp, contents []string) error {
	after, err := t.app(ctx)
	if err != nil {
		return err
	}
	state, job, err := t.job(ctx)
	if err != nil {
		return err
	}
	now, err := t.contents(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(state.Applications) != 1 || after.Status.Application.ServicePrincipalID != before.Status.Application.ServicePrincipalID:
		return expectation("the application that was there", "%d applications, %s", len(state.Applications), after.Status.Application.ServicePrincipalID)
	case len(state.Jobs) != 1 || state.Jobs[job].Schedule != "Active":
		return expectation("the job that was there, running", "%d jobs, %s", len(state.Jobs), state.Jobs[job].Schedule)
	case after.Status.Endpoint.Store.ID != before.Status.Endpoint.Store.ID || len(now) != len(contents):
		return expectation("the store that was there, "+before.Status.Endpoint.Store.ID, "store %s with %d of %d accounts and groups",
			after.Status.Endpoint.Store.ID, len(now), len(contents))
	}
	t.say("application, job and store go on where they were")
	return nil
}

// deleteForGood deletes with deletionPolicy and whenDeleted Delete.
func (t *teller) deleteForGood(ctx context.Context) error {
	const forGood = `{"spec": {"deletionPolicy": "Delete", "endpoint": {"managed": {"storage": {"sqlite": {"whenDeleted": "Delete"}}}}}}`
	if _, err := t.Kubectl(ctx, "", "patch", "scimapp", appName, "--namespace", namespace, "--type", "merge", "--patch", forGood); err != nil {
		return err
	}
	if err := t.await(ctx, "ScimApp docs/wiki is Ready", t.ready); err != nil {
		return err
	}
	t.say("kubectl delete scimapp %s, with deletionPolicy: Delete and whenDeleted: Delete", appName)
	if err := t.deleteApp(ctx); err != nil {
		return err
	}
	state, err := t.simulator.state(ctx)
	if err != nil {
		return err
	}
	if len(state.Applications)+len(state.Principals)+len(state.Jobs) > 0 {
		return expectation("nothing left of the application in Entra", "%d applications, %d principals, %d jobs",
			len(state.Applications), len(state.Principals), len(state.Jobs))
	}
	if err := t.await(ctx, "nothing is left of the app in the cluster", t.nothingLeft); err != nil {
		return err
	}
	t.say("nothing is left, in Entra or in the namespace")
	return nil
}

func (t *teller) deleteApp(ctx context.Context) error {
	_, err := t.Kubectl(ctx, "", "delete", "scimapp", appName, "--namespace", namespace, "--timeout", patience.String())
	if err != nil {
		return expectation("ScimApp docs/wiki can be deleted", "%w", err)
	}
	return nil
}

// nothingLeft looks for whatever was made for the app, in its namespace and in the operator's.
func (t *teller) nothingLeft(ctx context.Context) error {
	var left []error
	for _, list := range []client.ObjectList{
		&appsv1.StatefulSetList{}, &appsv1.DeploymentList{}, &corev1.PodList{}, &corev1.ServiceList{}, &corev1.ConfigMapList{}, &corev1.PersistentVolumeClaimList{},
		&networkingv1.NetworkPolicyList{}, &corev1.SecretList{},
	} {
		if err := t.Client.List(ctx, list, client.MatchingLabels{v1alpha1.LabelApp: appName}); err != nil {
			return err
		}
		if err := eachName(list, func(name string) { left = append(left, fmt.Errorf("%T: %s", list, name)) }); err != nil {
			return err
		}
	}
	return errors.Join(left...)
}
