package story

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
)

// endpointDies is step 4.
func endpointDies(ctx context.Context, t *teller) error {
	before, err := t.contents(ctx)
	if err != nil {
		return err
	}
	app, err := t.app(ctx)
	if err != nil {
		return err
	}
	life, err := t.podLife(ctx)
	if err != nil {
		return err
	}
	t.say("killing %s", podName())
	if err := t.KillEndpoint(ctx); err != nil {
		return err
	}
	err = t.await(ctx, "another life of the pod, with the same data", func(ctx context.Context) error {
		now, err := t.podLife(ctx)
		if err != nil {
			return err
		}
		if now == life {
			return errors.New("the pod was not restarted")
		}
		after, err := t.contents(ctx)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(before, after); diff != "" {
			return fmt.Errorf("other data (-before +after):\n%s", diff)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.await(ctx, "ScimApp docs/wiki is Ready", t.ready); err != nil {
		return err
	}
	again, err := t.app(ctx)
	if err != nil {
		return err
	}
	if was, is := app.Status.Endpoint.Store.ID, again.Status.Endpoint.Store.ID; was != is || is == "" {
		return expectation("the same store "+was, "store %q", is)
	}
	t.say("it is back, with the same %d accounts and groups", len(before))
	// A Service leads to a new pod a moment after it is ready; a cycle that comes in between is tried again, as Entra does.
	return t.await(ctx, "a cycle that reaches the new pod", func(ctx context.Context) error {
		_, err := t.cycle(ctx)
		return err
	})
}

func podName() string { return desired.Name(appName) + "-0" }

// podLife tells the lives of the endpoint's pod apart: another pod, or another start of its container.
func (t *teller) podLife(ctx context.Context) (string, error) {
	pod := &corev1.Pod{}
	if err := t.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: podName()}, pod); err != nil {
		return "", err
	}
	restarts := int32(0)
	for _, status := range pod.Status.ContainerStatuses {
		restarts += status.RestartCount
	}
	return fmt.Sprintf("%s/%d", pod.UID, restarts), nil
}

// contents is all that the endpoint holds, as text.
func (t *teller) contents(ctx context.Context) ([]string, error) {
	var all []string
	for _, resource := range []string{"Users", "Groups"} {
		resources, err := t.list(ctx, resource)
		if err != nil {
			return nil, err
		}
		for _, r := range resources {
			all = append(all, string(r))
		}
	}
	slices.Sort(all)
	return all, nil
}
