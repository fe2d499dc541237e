package kit

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// podAddresses knows where the ports of an invented pod address really are.
type podAddresses struct {
	mu    sync.Mutex
	next  int
	known map[string]string
}

// add invents an address for a pod. The API server refuses loopback addresses in EndpointSlices.
func (p *podAddresses) add(scimAddress, managementAddress string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	ip := fmt.Sprintf("10.244.%d.%d", p.next/250, 1+p.next%250)
	if p.known == nil {
		p.known = map[string]string{}
	}
	p.known[ip+":"+strconv.Itoa(desired.SCIMPort)] = scimAddress
	p.known[ip+":"+strconv.Itoa(desired.ManagementPort)] = managementAddress
	return ip
}

func (p *podAddresses) find(ip string, port int) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	address, ok := p.known[ip+":"+strconv.Itoa(port)]
	return address, ok
}

// kubelet stands in for kubelet, workload controllers and EndpointSlice controller of one namespace with one endpoint for
// each app: when a StatefulSet or Deployment is there with what it mounts, its pod is ready; changed ConfigMaps reach the
// pod's files.
type kubelet struct {
	t         testing.TB
	client    client.Client
	pods      *podAddresses
	namespace string

	mu  sync.Mutex
	pod map[string]pod // by the app's name

	factory informers.SharedInformerFactory
	wake    chan struct{}
}

type pod struct {
	endpoint *scimtest.Endpoint
	ip       string
}

// serve makes the endpoint what is behind the app's workload from now on, under an address of its own.
func (k *kubelet) serve(app string, endpoint *scimtest.Endpoint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pod[app] = pod{endpoint, k.pods.add(hostOf(endpoint.URL), hostOf(endpoint.ManagementURL))}
	k.notify(nil)
}

func (k *kubelet) notify(any) {
	select {
	case k.wake <- struct{}{}:
	default: // a look is due already
	}
}

func startKubelet(t testing.TB, c *Cluster, namespace string, endpoint *scimtest.Endpoint) *kubelet {
	t.Helper()
	k := &kubelet{
		t: t, client: c.Client, pods: c.pods, namespace: namespace, wake: make(chan struct{}, 1), pod: map[string]pod{},
		factory: informers.NewSharedInformerFactoryWithOptions(c.kube, 0, informers.WithNamespace(namespace)),
	}
	k.serve(AppName, endpoint)
	handler := cache.ResourceEventHandlerFuncs{AddFunc: k.notify, UpdateFunc: func(_, now any) { k.notify(now) }, DeleteFunc: k.notify}
	apps := k.factory.Apps().V1()
	for _, informer := range []cache.SharedIndexInformer{apps.StatefulSets().Informer(), apps.Deployments().Informer(), k.factory.Core().V1().ConfigMaps().Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	k.factory.StartWithContext(ctx)
	k.factory.WaitForCacheSync(ctx.Done())
	go func() {
		defer close(done)
		for {
			select {
			case <-k.wake:
				if err := k.look(ctx); err != nil && ctx.Err() == nil {
					t.Errorf("the stand-in for the kubelet: %v", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return k
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// look brings the pods to what the cluster says.
func (k *kubelet) look(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	workloads, err := k.workloads()
	if err != nil {
		return err
	}
	for app, pod := range k.pod {
		workload := desired.Name(app)
		if !slices.Contains(workloads, workload) {
			slice := &discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{Namespace: k.namespace, Name: workload}}
			if err := k.client.Delete(ctx, slice); client.IgnoreNotFound(err) != nil {
				return err
			}
			continue
		}
		mounted, err := k.mount(app, pod)
		if err != nil {
			return err
		}
		if !mounted {
			continue // the pod waits for what it mounts
		}
		if err := k.publish(ctx, workload, pod.ip); err != nil {
			return err
		}
	}
	return nil
}

// mount brings the ConfigMaps into the pod's files, and is false where one is missing.
func (k *kubelet) mount(app string, p pod) (bool, error) {
	for name, mount := range map[string]struct{ key, file string }{
		desired.TokensName(app): {desired.HashesKey, p.endpoint.TokenHashesFile},
		desired.ConfigName(app): {desired.ConfigKey, p.endpoint.ConfigFile},
	} {
		cm, err := k.factory.Core().V1().ConfigMaps().Lister().ConfigMaps(k.namespace).Get(name)
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if err := replaceFile(mount.file, cm.Data[mount.key]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// workloads are the names of the StatefulSets and Deployments that there are.
func (k *kubelet) workloads() ([]string, error) {
	sets, err := k.factory.Apps().V1().StatefulSets().Lister().StatefulSets(k.namespace).List(labels.Everything())
	if err != nil {
		return nil, err
	}
	deployments, err := k.factory.Apps().V1().Deployments().Lister().Deployments(k.namespace).List(labels.Everything())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, set := range sets {
		names = append(names, set.Name)
	}
	for _, deployment := range deployments {
		names = append(names, deployment.Name)
	}
	return names, nil
}

// replaceFile changes a file all at once, as a kubelet does, and only where it differs.
func replaceFile(path, content string) error {
	if have, err := os.ReadFile(path); err == nil && string(have) == content {
		return nil
	}
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return fmt.Errorf("handing a ConfigMap to the pod: %w", err)
	}
	return os.Rename(path+".new", path)
}

// publish says that the pod is ready. Kubernetes copies the Service's labels to its EndpointSlices.
func (k *kubelet) publish(ctx context.Context, name, ip string) error {
	service := &corev1.Service{}
	if err := k.client.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, service); err != nil {
		return client.IgnoreNotFound(err)
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: k.namespace, Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: service.Name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses:  []string{ip},
			Conditions: discoveryv1.EndpointConditions{Ready: new(true), Serving: new(true), Terminating: new(false)},
		}},
	}
	maps.Copy(slice.Labels, service.Labels)
	for _, port := range service.Spec.Ports {
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: new(port.Name), Port: new(int32(desired.SCIMPort)), Protocol: &port.Protocol})
	}
	have := &discoveryv1.EndpointSlice{}
	switch err := k.client.Get(ctx, client.ObjectKeyFromObject(slice), have); {
	case apierrors.IsNotFound(err):
		return k.client.Create(ctx, slice)
	case err != nil:
		return err
	case slices.Equal(have.Endpoints[0].Addresses, slice.Endpoints[0].Addresses):
		return nil
	default:
		have.Endpoints = slice.Endpoints
		return k.client.Update(ctx, have)
	}
}
