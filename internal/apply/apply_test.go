package apply_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/token"
	"github.com/scim-operator/scim-operator/test/envtest"
	"github.com/scim-operator/scim-operator/test/gen"
)

func applier() apply.Applier { return apply.Applier{Client: server.Client, Live: server.Client} }

func endpoint(app *v1alpha1.ScimApp) desired.Endpoint {
	return desired.Endpoint{
		App: app, URL: desired.InternalURL(app.Namespace, app.Name), DefaultImage: "scim-operator/scim-endpoint:dev",
		OperatorNamespace: "scim-operator-system", TokenHashes: []string{token.Hash("t")},
	}
}

// app is the smallest ScimApp in a namespace of its own, changed by the given functions in turn.
func app(t *testing.T, changes ...func(*v1alpha1.ScimApp)) *v1alpha1.ScimApp {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "apply-"}}
	if err := server.Client.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	out := gen.ScimApp("wiki", changes...)
	out.Namespace, out.UID = namespace.Name, types.UID("11111111-2222-3333-4444-555555555555")
	return out
}

// rich has a pod template with every field, for what the API server makes of each must be no difference.
func rich() func(*v1alpha1.ScimApp) {
	size := resource.MustParse("2Gi")
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{
		Storage: &v1alpha1.Storage{SQLite: &v1alpha1.SQLiteStorage{Size: &size, StorageClassName: "fast"}},
		PodTemplate: &v1alpha1.PodTemplate{
			Labels: map[string]string{"team": "docs"}, Annotations: map[string]string{"example.com/note": "kept"},
			Resources: &corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("0.5"), corev1.ResourceMemory: resource.MustParse("1024Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1000m"), corev1.ResourceMemory: resource.MustParse("2G")},
			},
			NodeSelector: map[string]string{"disk": "ssd"},
			Tolerations:  []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}},
			Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
				PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{Weight: 1, PodAffinityTerm: corev1.PodAffinityTerm{
					TopologyKey: "kubernetes.io/hostname", LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "docs"}},
				}}},
			}},
			ImagePullSecrets: []corev1.LocalObjectReference{{Name: "pull"}},
		},
	}})
}

// onPostgres has what SQLite does not: several pods, a webhook, an environment and constraints.
func onPostgres() func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{
		Storage: &v1alpha1.Storage{Postgres: &v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "wiki-db-app"}}},
		Delivery: &v1alpha1.Delivery{Webhook: &v1alpha1.Webhook{
			URL: "http://wiki.docs.svc/hooks/scim", SigningSecretRef: v1alpha1.LocalSecretKeyReference{Name: "hook", Key: "secret"},
		}},
		PodTemplate: &v1alpha1.PodTemplate{
			Env: []corev1.EnvVar{
				{Name: "HTTPS_PROXY", Value: "http://proxy.example.com:3128"},
				{Name: "NODE", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}},
			},
			TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone, WhenUnsatisfiable: corev1.DoNotSchedule}},
		},
	}})
}

func objects(t *testing.T, e desired.Endpoint) []client.Object {
	t.Helper()
	made, err := desired.Objects(e)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]client.Object, 0, len(made))
	for _, obj := range made {
		out = append(out, obj)
	}
	return out
}

// applyAll applies all and gives the names of what was written.
func applyAll(t *testing.T, objs []client.Object) []string {
	t.Helper()
	var written []string
	for _, obj := range objs {
		wrote, err := applier().Apply(t.Context(), obj)
		if err != nil {
			t.Fatal(err)
		}
		if wrote {
			written = append(written, obj.GetObjectKind().GroupVersionKind().Kind+" "+obj.GetName())
		}
	}
	return written
}

// get reads the cluster's object of the same kind and name.
func get[T client.Object](t *testing.T, like T) T {
	t.Helper()
	out, ok := like.DeepCopyObject().(T)
	if !ok {
		t.Fatalf("a copy of %T is something else", like)
	}
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(like), out); err != nil {
		t.Fatal(err)
	}
	return out
}

func find[T client.Object](t *testing.T, objs []client.Object) T {
	t.Helper()
	for _, obj := range objs {
		if typed, ok := obj.(T); ok {
			return typed
		}
	}
	var none T
	t.Fatalf("there is no %T", none)
	return none
}

func TestApplyWritesOnceAndThenNothing(t *testing.T) {
	manifests := map[string]func(*v1alpha1.ScimApp){
		"the smallest manifest": func(*v1alpha1.ScimApp) {}, "a manifest with a full pod template": rich(), "a manifest with PostgreSQL": onPostgres(),
	}
	for name, change := range manifests {
		t.Run(name, func(t *testing.T) {
			app := app(t, change)
			build := func() []client.Object {
				e := endpoint(app)
				e.Extensions = []desired.Extension{{
					ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User", Name: "wiki", ResourceType: "User",
					Attributes: []mapping.ExtensionAttribute{{Name: "shelf", Type: "string"}},
				}}
				objs := objects(t, e)
				for _, obj := range objs {
					apply.OwnedBy(obj, app)
				}
				return objs
			}
			if written := applyAll(t, build()); len(written) != len(build()) {
				t.Fatalf("the first apply wrote %v, want all", written)
			}
			versions := map[string]string{}
			for _, obj := range build() {
				versions[obj.GetObjectKind().GroupVersionKind().Kind+obj.GetName()] = get(t, obj).GetResourceVersion()
			}
			if written := applyAll(t, build()); len(written) > 0 {
				t.Errorf("the second apply wrote %v", written)
			}
			for _, obj := range build() {
				if got := get(t, obj); got.GetResourceVersion() != versions[obj.GetObjectKind().GroupVersionKind().Kind+obj.GetName()] {
					t.Errorf("%s changed by the second apply", obj.GetName())
				}
			}
		})
	}
}

func TestApplyCorrectsWhatSomebodyChanged(t *testing.T) {
	objs := objects(t, endpoint(app(t)))
	applyAll(t, objs)
	set, service, policy := find[*appsv1.StatefulSet](t, objs), find[*corev1.Service](t, objs), find[*networkingv1.NetworkPolicy](t, objs)
	hashes := find[*corev1.ConfigMap](t, objs)
	tests := map[string]struct {
		object client.Object
		change func() client.Object
		right  func() bool
	}{
		"another image": {set, func() client.Object {
			s := get(t, set)
			s.Spec.Template.Spec.Containers[0].Image = "evil:latest"
			return s
		}, func() bool {
			return get(t, set).Spec.Template.Spec.Containers[0].Image == set.Spec.Template.Spec.Containers[0].Image
		}},
		"no replica": {set, func() client.Object {
			s, none := get(t, set), int32(0)
			s.Spec.Replicas = &none
			return s
		}, func() bool { return *get(t, set).Spec.Replicas == 1 }},
		"a writable root": {set, func() client.Object {
			s, no := get(t, set), false
			s.Spec.Template.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem = &no
			return s
		}, func() bool {
			return *get(t, set).Spec.Template.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem
		}},
		"an argument more": {set, func() client.Object {
			s := get(t, set)
			s.Spec.Template.Spec.Containers[0].Args = append(s.Spec.Template.Spec.Containers[0].Args, "--dialect=strict")
			return s
		}, func() bool {
			return cmp.Equal(get(t, set).Spec.Template.Spec.Containers[0].Args, set.Spec.Template.Spec.Containers[0].Args)
		}},
		"a Service that leads elsewhere": {service, func() client.Object {
			s := get(t, service)
			s.Spec.Selector[v1alpha1.LabelApp] = "other"
			return s
		}, func() bool { return get(t, service).Spec.Selector[v1alpha1.LabelApp] == "wiki" }},
		"an open management port": {policy, func() client.Object {
			p := get(t, policy)
			p.Spec.Ingress[1].From = nil
			return p
		}, func() bool { return cmp.Equal(get(t, policy).Spec, policy.Spec) }},
		"a token that somebody slipped in": {hashes, func() client.Object {
			c := get(t, hashes)
			c.Data[desired.HashesKey] += token.Hash("mine") + "\n"
			return c
		}, func() bool { return get(t, hashes).Data[desired.HashesKey] == hashes.Data[desired.HashesKey] }},
		"a label of ours with another value": {service, func() client.Object {
			s := get(t, service)
			s.Labels["app.kubernetes.io/part-of"] = "mine"
			return s
		}, func() bool { return get(t, service).Labels["app.kubernetes.io/part-of"] == "scim-operator" }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if err := server.Client.Update(t.Context(), tc.change(), client.FieldOwner("somebody")); err != nil {
				t.Fatal(err)
			}
			if tc.right() {
				t.Fatal("the change did not show, so the test shows nothing")
			}
			if wrote, err := applier().Apply(t.Context(), tc.object); err != nil || !wrote {
				t.Fatalf("Apply = %t %v, want a write", wrote, err)
			}
			if !tc.right() {
				t.Error("the change is still there")
			}
			if wrote, err := applier().Apply(t.Context(), tc.object); err != nil || wrote {
				t.Errorf("the next Apply = %t %v, want no write", wrote, err)
			}
		})
	}
}

func TestApplyLeavesAloneWhatOthersAdd(t *testing.T) {
	service := find[*corev1.Service](t, objects(t, endpoint(app(t))))
	applyAll(t, []client.Object{service})
	live := get(t, service)
	live.Annotations["mesh.example.com/inject"] = "true"
	live.Labels["cost-centre"] = "42"
	if err := server.Client.Update(t.Context(), live, client.FieldOwner("somebody")); err != nil {
		t.Fatal(err)
	}
	if written := applyAll(t, []client.Object{service}); len(written) > 0 {
		t.Errorf("Apply wrote %v for what others own", written)
	}
	service.Spec.Ports[0].Port = 9090
	applyAll(t, []client.Object{service})
	if got := get(t, service); got.Annotations["mesh.example.com/inject"] != "true" || got.Labels["cost-centre"] != "42" {
		t.Errorf("a write of ours took away annotations %v labels %v of others", got.Annotations, got.Labels)
	}
}

func TestElementsThatOthersAddToOurListsAreNoReasonToWrite(t *testing.T) {
	objs := objects(t, endpoint(app(t, rich())))
	set, service, policy := find[*appsv1.StatefulSet](t, objs), find[*corev1.Service](t, objs), find[*networkingv1.NetworkPolicy](t, objs)
	applyAll(t, objs)
	live := get(t, set)
	pod := &live.Spec.Template.Spec
	pod.Containers = append([]corev1.Container{{Name: "sidecar", Image: "mesh.example.com/proxy:v1"}}, pod.Containers...)
	pod.Volumes = append(pod.Volumes, corev1.Volume{Name: "mesh", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	pod.ImagePullSecrets = append(pod.ImagePullSecrets, corev1.LocalObjectReference{Name: "mesh"})
	ours := &pod.Containers[1]
	ours.VolumeMounts = append(ours.VolumeMounts, corev1.VolumeMount{Name: "mesh", MountPath: "/mesh"})
	ours.Env = append(ours.Env, corev1.EnvVar{Name: "MESH", Value: "1"})
	ours.Ports = append(ours.Ports, corev1.ContainerPort{Name: "mesh", ContainerPort: 15001, Protocol: corev1.ProtocolTCP})
	owned := get(t, service)
	owned.Spec.Ports = append(owned.Spec.Ports, corev1.ServicePort{Name: "mesh", Port: 15001, Protocol: corev1.ProtocolTCP})
	for _, obj := range []client.Object{live, owned} {
		if err := server.Client.Update(t.Context(), obj, client.FieldOwner("somebody")); err != nil {
			t.Fatal(err)
		}
	}
	if written := applyAll(t, objs); len(written) > 0 {
		t.Errorf("Apply wrote %v for what others own", written)
	}

	live = get(t, set)
	live.Spec.Template.Spec.Containers[1].VolumeMounts[0].MountPath = "/elsewhere"
	open := get(t, policy)
	open.Spec.Ingress[1].Ports = append(open.Spec.Ingress[1].Ports, open.Spec.Ingress[0].Ports...)
	for _, obj := range []client.Object{live, open} {
		if err := server.Client.Update(t.Context(), obj, client.FieldOwner("somebody")); err != nil {
			t.Fatal(err)
		}
	}
	if written := applyAll(t, objs); len(written) != 2 {
		t.Errorf("Apply wrote %v, want the StatefulSet that lacks a mount and the NetworkPolicy whose list is whole", written)
	}
}

func TestApplyRemovesWhatWeNoLongerWant(t *testing.T) {
	app := app(t, rich())
	before := objects(t, endpoint(app))
	applyAll(t, before)
	app.Spec.Endpoint.Managed.PodTemplate = &v1alpha1.PodTemplate{}
	after := objects(t, endpoint(app))
	if written := applyAll(t, after); len(written) != 1 {
		t.Errorf("Apply wrote %v, want the StatefulSet alone", written)
	}
	spec := get(t, find[*appsv1.StatefulSet](t, after)).Spec.Template
	if len(spec.Spec.NodeSelector)+len(spec.Spec.Tolerations)+len(spec.Spec.ImagePullSecrets) > 0 || spec.Spec.Affinity != nil {
		t.Errorf("what the manifest no longer says is still there: %+v", spec.Spec)
	}
	if spec.Annotations["example.com/note"] != "" || spec.Labels["team"] != "" {
		t.Errorf("labels %v or annotations %v of before are still there", spec.Labels, spec.Annotations)
	}
	if limits := spec.Spec.Containers[0].Resources.Limits; !limits.Cpu().IsZero() {
		t.Errorf("the CPU limit of before is still there: %v", limits)
	}

	config := find[*corev1.ConfigMap](t, after)
	config.Data["second"] = "x"
	applyAll(t, []client.Object{config})
	delete(config.Data, "second")
	applyAll(t, []client.Object{config})
	if got := get(t, config).Data; !maps.Equal(got, config.Data) {
		t.Errorf("data = %v, want %v", got, config.Data)
	}
}

// ownCache sees only objects with our label, as the operator's cache does.
func ownCache(t *testing.T) client.Client {
	t.Helper()
	labelled, err := labels.NewRequirement(v1alpha1.LabelApp, selection.Exists, nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := cache.New(server.Config, cache.Options{
		Scheme:   envtest.Scheme(),
		ByObject: map[client.Object]cache.ByObject{&corev1.ConfigMap{}: {Label: labels.NewSelector().Add(*labelled)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- reader.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if !reader.WaitForCacheSync(ctx) {
		t.Fatal("the cache does not start")
	}
	cached, err := client.New(server.Config, client.Options{Scheme: envtest.Scheme(), Cache: &client.CacheOptions{Reader: reader}})
	if err != nil {
		t.Fatal(err)
	}
	return cached
}

func TestApplyRefusesWhatIsNotOurs(t *testing.T) {
	foreign := map[string]map[string]string{
		"an object of the user's without our label": nil,
		"an object of another ScimApp":              {v1alpha1.LabelApp: "other"},
	}
	for name, labels := range foreign {
		t.Run(name, func(t *testing.T) {
			ours := find[*corev1.ConfigMap](t, objects(t, endpoint(app(t))))
			theirs := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ours.Namespace, Name: ours.Name, Labels: labels}, Data: map[string]string{"theirs": "kept"}}
			if err := server.Client.Create(t.Context(), theirs); err != nil {
				t.Fatal(err)
			}
			wrote, err := apply.Applier{Client: ownCache(t), Live: server.Client}.Apply(t.Context(), ours)
			if wrote || fault.ClassOf(err) != fault.Terminal {
				t.Fatalf("Apply = %t %v, want a fault for a person", wrote, err)
			}
			for _, part := range []string{"ConfigMap " + ours.Namespace + "/" + ours.Name, "rename"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not say %q", err, part)
				}
			}
			if got := get(t, theirs); got.ResourceVersion != theirs.ResourceVersion {
				t.Error("the object was changed")
			}
		})
	}
}

func TestApplyThroughACacheWritesOnce(t *testing.T) {
	config := find[*corev1.ConfigMap](t, objects(t, endpoint(app(t))))
	cached := apply.Applier{Client: ownCache(t), Live: server.Client}
	if wrote, err := cached.Apply(t.Context(), config); err != nil || !wrote {
		t.Fatalf("Apply = %t %v, want a write", wrote, err)
	}
	// The cache may not have it yet: then the object is read live, and nothing is written either.
	for range 3 {
		if wrote, err := cached.Apply(t.Context(), config); err != nil || wrote {
			t.Errorf("Apply = %t %v, want no write", wrote, err)
		}
	}
}

func TestApplySaysWhatTheServerRefuses(t *testing.T) {
	app := app(t, gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{PodTemplate: &v1alpha1.PodTemplate{
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Mi")},
		},
	}}}))
	_, err := applier().Apply(t.Context(), find[*appsv1.StatefulSet](t, objects(t, endpoint(app))))
	if fault.ClassOf(err) != fault.Terminal {
		t.Fatalf("Apply = %v, want a fault for a person: the same object would be refused again", err)
	}
	for _, part := range []string{"StatefulSet " + app.Namespace + "/wiki-scim", "memory limit", "spec.endpoint.managed"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

func TestApplyOfAnUnknownKindSaysSo(t *testing.T) {
	unknown := &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "example.com/v1", Kind: "Thing"}, ObjectMeta: metav1.ObjectMeta{Namespace: gen.Namespace, Name: "x"}}
	if _, err := applier().Apply(t.Context(), unknown); err == nil || !strings.Contains(err.Error(), "Thing docs/x") {
		t.Errorf("Apply = %v, want an error that names the object", err)
	}
}

// letClaimsGrow makes the storage class of the rich manifest.
func letClaimsGrow(t *testing.T) {
	t.Helper()
	yes := true
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "example.com/disk", AllowVolumeExpansion: &yes}
	if err := server.Client.Create(t.Context(), class); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Client.Delete(context.WithoutCancel(t.Context()), class); err != nil {
			t.Error(err)
		}
	})
}

func TestAClaimGrows(t *testing.T) {
	letClaimsGrow(t)
	app := app(t, rich())
	claim := find[*corev1.PersistentVolumeClaim](t, objects(t, endpoint(app)))
	applyAll(t, []client.Object{claim})
	bound := get(t, claim)
	bound.Status.Phase, bound.Status.Capacity = corev1.ClaimBound, claim.Spec.Resources.Requests
	if err := server.Client.Status().Update(t.Context(), bound); err != nil {
		t.Fatal(err)
	}

	more := resource.MustParse("5Gi")
	app.Spec.Endpoint.Managed.Storage.SQLite.Size = &more
	grown := find[*corev1.PersistentVolumeClaim](t, objects(t, endpoint(app)))
	if written := applyAll(t, []client.Object{grown}); len(written) != 1 {
		t.Fatalf("Apply wrote %v, want the claim", written)
	}
	if got := get(t, grown).Spec.Resources.Requests.Storage(); got.Cmp(more) != 0 {
		t.Errorf("the claim asks for %s, want %s", got, &more)
	}
	if written := applyAll(t, []client.Object{grown}); len(written) > 0 {
		t.Errorf("the next Apply wrote %v", written)
	}
}

func TestAClaimThatSomebodyGrewIsLeftAsItIs(t *testing.T) {
	letClaimsGrow(t)
	app := app(t, rich())
	claim := func() *corev1.PersistentVolumeClaim {
		return find[*corev1.PersistentVolumeClaim](t, objects(t, endpoint(app)))
	}
	applyAll(t, []client.Object{claim()})
	bound := get(t, claim())
	bound.Status.Phase, bound.Status.Capacity = corev1.ClaimBound, bound.Spec.Resources.Requests
	if err := server.Client.Status().Update(t.Context(), bound); err != nil {
		t.Fatal(err)
	}
	bound.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("4Gi")
	if err := server.Client.Update(t.Context(), bound, client.FieldOwner("somebody")); err != nil {
		t.Fatal(err)
	}
	if written := applyAll(t, []client.Object{claim()}); len(written) > 0 {
		t.Errorf("Apply wrote %v for a claim that is large enough", written)
	}

	more := resource.MustParse("3Gi")
	app.Spec.Endpoint.Managed.Storage.SQLite.Size = &more
	for _, want := range []string{"4Gi", "4Gi"} { // the manifest asks for more, and still for less than there is
		applyAll(t, []client.Object{claim()})
		if got := get(t, claim()).Spec.Resources.Requests.Storage().String(); got != want {
			t.Errorf("the claim asks for %s, want %s", got, want)
		}
	}
	if written := applyAll(t, []client.Object{claim()}); len(written) > 0 {
		t.Errorf("the next Apply wrote %v", written)
	}
}

func TestAClaimFollowsWhenDeleted(t *testing.T) {
	app := app(t)
	claim := func(owned bool) *corev1.PersistentVolumeClaim {
		out := find[*corev1.PersistentVolumeClaim](t, objects(t, endpoint(app)))
		if owned {
			apply.OwnedBy(out, app)
		}
		return out
	}
	steps := []struct {
		why   string
		owned bool
	}{
		{"Retain: the claim outlives the app", false}, {"Delete: it goes with the app", true},
		{"Retain again: it outlives the app again", false}, {"Delete again", true},
	}
	for _, step := range steps {
		if written := applyAll(t, []client.Object{claim(step.owned)}); len(written) != 1 {
			t.Fatalf("%s: Apply wrote %v, want the claim", step.why, written)
		}
		owners := get(t, claim(false)).OwnerReferences
		if len(owners) > 0 != step.owned {
			t.Errorf("%s: the claim has owners %v", step.why, owners)
		}
		if step.owned && (owners[0].UID != app.UID || owners[0].Controller == nil || !*owners[0].Controller || owners[0].Kind != "ScimApp") {
			t.Errorf("%s: the owner is %+v, want the ScimApp as controller", step.why, owners[0])
		}
	}
}

func TestDeleteTakesOnlyWhatIsOurs(t *testing.T) {
	app := app(t)
	e := endpoint(app)
	if err := applier().Delete(t.Context(), desired.Obsolete(e)[0]); err != nil {
		t.Fatalf("what is not there: %v", err)
	}
	onPostgres()(app)
	applyAll(t, objects(t, endpoint(app)))
	app.Spec.Endpoint = nil
	for _, obj := range desired.Obsolete(e) {
		live := get(t, obj)
		live.SetLabels(map[string]string{v1alpha1.LabelApp: "other"})
		if err := server.Client.Update(t.Context(), live); err != nil {
			t.Fatal(err)
		}
		if err := applier().Delete(t.Context(), obj); err != nil {
			t.Fatal(err)
		}
		live = get(t, obj)
		live.SetLabels(obj.GetLabels())
		if err := server.Client.Update(t.Context(), live); err != nil {
			t.Fatal(err)
		}
		if err := applier().Delete(t.Context(), obj); err != nil {
			t.Fatal(err)
		}
		if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(obj), obj); !apierrors.IsNotFound(err) {
			t.Errorf("%s is still there: %v", obj.GetName(), err)
		}
	}
}
