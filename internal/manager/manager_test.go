package manager

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/test/gen"
)

func options(t *testing.T, o Options) cache.Options {
	t.Helper()
	out, err := cacheOptions(o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheCacheHoldsOnlyWhatIsOurs(t *testing.T) {
	ours := labels.Set(desired.Labels(gen.ScimApp("wiki")))
	theirs := labels.Set{"app.kubernetes.io/managed-by": "Helm"}
	restricted := map[string]cache.ByObject{}
	for obj, by := range options(t, Options{}).ByObject {
		restricted[kind(t, obj)] = by
	}
	everyCluster := []client.Object{
		&appsv1.StatefulSet{}, &corev1.Service{}, &corev1.ConfigMap{}, &corev1.PersistentVolumeClaim{}, &corev1.Pod{},
		&discoveryv1.EndpointSlice{}, &networkingv1.NetworkPolicy{}, &appsv1.Deployment{}, &policyv1.PodDisruptionBudget{},
	}
	for _, obj := range everyCluster {
		by, ok := restricted[kind(t, obj)]
		switch {
		case !ok || by.Label == nil:
			t.Errorf("every %s of the cluster is held in memory", kind(t, obj))
		case !by.Label.Matches(ours):
			t.Errorf("a %s of ours is not seen", kind(t, obj))
		case by.Label.Matches(theirs):
			t.Errorf("a %s of somebody else is held in memory", kind(t, obj))
		}
	}
	for _, obj := range []client.Object{&v1alpha1.ScimApp{}, &v1alpha1.AttributeMapping{}, &v1alpha1.EntraTenant{}, &corev1.Namespace{}} {
		if by, ok := restricted[kind(t, obj)]; ok && by.Label != nil {
			t.Errorf("a %s is seen only with our label, which nobody gives it", kind(t, obj))
		}
	}
}

func kind(t *testing.T, obj client.Object) string {
	t.Helper()
	scheme, err := Scheme()
	if err != nil {
		t.Fatal(err)
	}
	gvk, err := apiutil.GVKForObject(obj, scheme)
	if err != nil {
		t.Fatal(err)
	}
	return gvk.Kind
}

func TestTheCacheIsLimitedToTheWatchedNamespaces(t *testing.T) {
	if got := options(t, Options{}).DefaultNamespaces; got != nil {
		t.Errorf("without a limit the namespaces are %v, want all", got)
	}
	got := options(t, Options{WatchNamespaces: []string{"docs", "wiki"}}).DefaultNamespaces
	if d := cmp.Diff(map[string]cache.Config{"docs": {}, "wiki": {}}, got); d != "" {
		t.Errorf("namespaces (-want +got):\n%s", d)
	}
}

func TestTheCacheDropsManagedFields(t *testing.T) {
	transform := options(t, Options{}).DefaultTransform
	in := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x", ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "somebody"}}}, Data: map[string]string{"a": "b"}}
	out, err := transform(in)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Data: map[string]string{"a": "b"}}, out); d != "" {
		t.Errorf("what is held in memory (-want +got):\n%s", d)
	}
	// The cache hands over tombstones as well.
	if out, err := transform("no object"); err != nil || out != "no object" {
		t.Errorf("what is no object became %v, %v", out, err)
	}
}

func TestJitter(t *testing.T) {
	for _, d := range []time.Duration{0, 1, time.Minute, time.Hour} {
		seen := map[time.Duration]bool{}
		for range 200 {
			got := jitter(d)
			if got < d || got > d+d/10 {
				t.Fatalf("jitter(%s) = %s, want at most a tenth more and nothing less", d, got)
			}
			seen[got] = true
		}
		if d >= time.Minute && len(seen) < 2 {
			t.Errorf("jitter(%s) is always the same, so a thousand apps come at once", d)
		}
	}
}
