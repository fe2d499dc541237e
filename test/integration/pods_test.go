package integration

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestPodsThatNoGrantCoversAreNeitherMadeNorChanged(t *testing.T) {
	t.Parallel()
	const image = "registry.example.com/scim/endpoint:v1"
	w := cluster.NewWorld(t)
	m := w.Manifests(t)
	m.App.Spec.Endpoint = &v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{
		Image: image, PodTemplate: &v1alpha1.PodTemplate{Labels: map[string]string{"team": "docs"}},
	}}
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	message := w.ExpectStalled(t, v1alpha1.ReasonDenied)
	for _, part := range []string{"spec.endpoint.managed.image", "spec.endpoint.managed.podTemplate.labels"} {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not name %s: %s", part, message)
		}
	}
	w.Look(t)
	sets := &appsv1.StatefulSetList{}
	if err := w.Client.List(t.Context(), sets, client.InNamespace(w.Namespace)); err != nil || len(sets.Items) != 0 {
		t.Fatalf("%d StatefulSets were made without a grant (%v)", len(sets.Items), err)
	}

	w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) {
		grant := &tenant.Spec.Grants[0]
		grant.Images = []string{"registry.example.com/scim/*"}
		grant.PodTemplate = &v1alpha1.PodTemplateGrant{Labels: []string{"team"}}
	})
	w.ExpectReady(t)
	granted := template(t, w)
	if granted.Spec.Containers[0].Image != image || granted.Labels["team"] != "docs" {
		t.Errorf("the pods run %s with labels %v", granted.Spec.Containers[0].Image, granted.Labels)
	}

	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Endpoint.Managed.Image = "registry.example.com/other:v1" })
	w.ExpectStalled(t, v1alpha1.ReasonDenied)
	if got := template(t, w).Spec.Containers[0].Image; got != image {
		t.Errorf("the pods run %s, which no grant covers", got)
	}
	w.ExpectCondition(t, v1alpha1.ConditionEndpointReady, metav1.ConditionTrue, "") // it serves as it did
	if job := w.Job(t); job.Schedule != "Paused" {
		t.Errorf("the job of a denied app is %s", job.Schedule)
	}
}

// template is that of the endpoint's pods.
func template(t *testing.T, w *kit.World) corev1.PodTemplateSpec {
	t.Helper()
	set := &appsv1.StatefulSet{}
	if err := w.Client.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace, Name: kit.AppName + "-scim"}, set); err != nil {
		t.Fatal(err)
	}
	return set.Spec.Template
}
