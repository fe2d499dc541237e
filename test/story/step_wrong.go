package story

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// ungranted is a namespace that no grant names.
const ungranted = "ungranted"

// A wrongManifest is one mistake, and what its author has to be told.
type wrongManifest struct {
	mistake string
	// manifest is applied as it is; spec is the spec of a ScimApp of that name and namespace.
	manifest, spec, name, namespace string
	// refused is what the API server says; empty means that it cannot know, and the operator has to say stalled.
	refused, stalled []string
	// reachesEntra is set where the mistake is one of a part: the other parts are worked on, in Entra too.
	reachesEntra bool
}

// throwaway begins the spec of an app that leaves nothing behind when it is deleted.
const throwaway = "deletionPolicy: Delete, tenantRef: {name: contoso}, endpoint: {managed: {storage: {sqlite: {whenDeleted: Delete}}}"

func wrongOnes() []wrongManifest {
	const external = "external: {url: https://wiki.example.com/scim/v2}"
	return []wrongManifest{
		{
			mistake: "a tenant that does not exist", name: "unknown-tenant", namespace: namespace,
			spec:    strings.Replace("{"+throwaway+"}}", "contoso", "nowhere", 1),
			stalled: []string{"spec.tenantRef", `"nowhere"`, "EntraTenant"},
		}, {
			mistake: "a namespace without a grant", name: "no-grant", namespace: ungranted,
			spec:    "{" + throwaway + "}}",
			stalled: []string{"grant", ungranted},
		}, {
			mistake: "a host that no grant names", name: "foreign-host", namespace: namespace,
			spec:    "{" + throwaway + ", exposure: {url: https://scim.example.com/scim/v2}}}",
			stalled: []string{"scim.example.com", "endpointHosts"},
		}, {
			mistake: "an image that no grant names", name: "foreign-image", namespace: namespace,
			spec:    "{" + strings.Replace(throwaway, "managed: {", "managed: {image: registry.example.com/scim/endpoint:v1, ", 1) + "}}",
			stalled: []string{"registry.example.com/scim/endpoint:v1", "images"},
		}, {
			mistake: "a mapping with a syntax error", name: "syntax-error", namespace: namespace,
			manifest: `{apiVersion: scim-operator.io/v1alpha1, kind: AttributeMapping, metadata: {name: syntax-error, namespace: docs},
  spec: {object: User, attributes: [{target: nickName, expression: 'Join(" ", [givenName], '}]}}`,
			spec:    "{" + throwaway + "}, attributeMappings: [{name: syntax-error}]}",
			stalled: []string{"syntax-error", "nickName"}, reachesEntra: true,
		}, {
			mistake: "two kinds of endpoint", name: "two-kinds", namespace: namespace,
			spec:    "{tenantRef: {name: contoso}, endpoint: {managed: {}, " + external + "}, authentication: {existingSecretRef: {name: token, key: token}}}",
			refused: []string{"at most one of spec.endpoint.managed and spec.endpoint.external"},
		}, {
			mistake: "two replicas on SQLite", name: "two-replicas", namespace: namespace,
			spec:    "{tenantRef: {name: contoso}, endpoint: {managed: {replicas: 2}}}",
			refused: []string{"spec.endpoint.managed.replicas above 1 needs spec.endpoint.managed.storage.postgres"},
		}, {
			mistake: "another tenant for an app that has one", name: appName, namespace: namespace,
			spec:    "{tenantRef: {name: fabrikam}}",
			refused: []string{"spec.tenantRef is immutable", "create a new one"},
		},
	}
}

// wrongManifests is step 7.
func wrongManifests(ctx context.Context, t *teller) error {
	before, err := t.app(ctx)
	if err != nil {
		return err
	}
	counts, err := t.simulator.counts(ctx, 0)
	if err != nil {
		return err
	}
	if err := t.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ungranted}}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	for _, wrong := range wrongOnes() {
		if err := t.applyWrong(ctx, wrong); err != nil {
			return fmt.Errorf("%s: %w", wrong.mistake, err)
		}
	}
	if err := t.removeWrong(ctx); err != nil {
		return err
	}
	after, err := t.app(ctx)
	if err != nil {
		return err
	}
	if err := readiness(after); err != nil || after.Generation != before.Generation {
		return expectation("ScimApp docs/wiki as it was", "generation %d after %d; %w", after.Generation, before.Generation, err)
	}
	return t.untouched(ctx, before, counts.Last)
}

// untouched expects no write to the app's objects in Entra since a point of the journal.
func (t *teller) untouched(ctx context.Context, app *v1alpha1.ScimApp, since int) error {
	entries, err := t.simulator.journal(ctx)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		ours := strings.Contains(entry.Path, app.Status.Application.ApplicationID) || strings.Contains(entry.Path, app.Status.Application.ServicePrincipalID)
		if entry.Sequence > since && entry.Write && ours {
			return expectation("no write to the application of docs/wiki", "%s %s", entry.Method, entry.Path)
		}
	}
	return nil
}

// applyWrong applies one of them, and expects the answer that its author needs.
func (t *teller) applyWrong(ctx context.Context, wrong wrongManifest) error {
	app := fmt.Sprintf("---\napiVersion: scim-operator.io/v1alpha1\nkind: ScimApp\nmetadata: {name: %s, namespace: %s}\nspec: %s\n",
		wrong.name, wrong.namespace, wrong.spec)
	counts, err := t.simulator.counts(ctx, 0)
	if err != nil {
		return err
	}
	_, err = t.Kubectl(ctx, wrong.manifest+"\n"+app, "apply", "--server-side", "--force-conflicts", "--filename", "-")
	if len(wrong.refused) > 0 {
		if err == nil {
			return expectation("it is refused at apply", "it was accepted")
		}
		t.say("%s: refused", wrong.mistake)
		return mentions(err.Error(), wrong.refused)
	}
	if err != nil {
		return err
	}
	message := ""
	err = t.await(ctx, "a Stalled ScimApp", func(ctx context.Context) error {
		app := &v1alpha1.ScimApp{}
		if err := t.Client.Get(ctx, client.ObjectKey{Namespace: wrong.namespace, Name: wrong.name}, app); err != nil {
			return err
		}
		stalled := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionStalled)
		if stalled == nil || stalled.Status != metav1.ConditionTrue {
			return fmt.Errorf("conditions %+v", app.Status.Conditions)
		}
		message = stalled.Message
		return mentions(message, wrong.stalled)
	})
	if err != nil {
		return err
	}
	since, err := t.simulator.counts(ctx, counts.Last)
	if err != nil {
		return err
	}
	if since.Writes > 0 && !wrong.reachesEntra {
		return expectation("no write to Graph", "%d: %v", since.Writes, since.ByOperation)
	}
	t.say("%s: Stalled: %s", wrong.mistake, strings.ReplaceAll(message, "\n", " "))
	return nil
}

// mentions expects a message to hold all fragments.
func mentions(message string, fragments []string) error {
	for _, fragment := range fragments {
		if !strings.Contains(message, fragment) {
			return expectation(fmt.Sprintf("a message that says %q", fragment), "%s", message)
		}
	}
	return nil
}

// removeWrong deletes what was accepted, and waits until it is gone.
func (t *teller) removeWrong(ctx context.Context) error {
	var accepted []client.Object
	for _, wrong := range wrongOnes() {
		if len(wrong.refused) > 0 {
			continue
		}
		object := metav1.ObjectMeta{Name: wrong.name, Namespace: wrong.namespace}
		accepted = append(accepted, &v1alpha1.ScimApp{ObjectMeta: object})
		if wrong.manifest != "" {
			accepted = append(accepted, &v1alpha1.AttributeMapping{ObjectMeta: object})
		}
	}
	accepted = append(accepted, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ungranted}})
	for _, object := range accepted {
		if err := t.Client.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return t.await(ctx, "the wrong ones can be deleted", func(ctx context.Context) error {
		for _, object := range accepted {
			err := t.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
			if err == nil {
				return errors.New(client.ObjectKeyFromObject(object).String() + " is still there")
			} else if !apierrors.IsNotFound(err) {
				return err
			}
		}
		return nil
	})
}
