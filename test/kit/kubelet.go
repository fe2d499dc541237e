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

// kubelet stands in for kubelet, workload controllers and EndpointSlice controller of one namespace with one endpoint:
// when a StatefulSet or Deployment is there with what it mounts, its pod is ready; changed ConfigMaps reach the pod's files.
type kubelet struct {
	t         testing.TB
	client    client.Client
	pods      *podAddresses
	namespace string

	mu       sync.Mutex
	ip       string
	endpoint *scimtest.Endpoint

	factory informers.SharedInformerFactory
	wake    chan struct{}
}

// serve makes the endpoint what is behind the workload from now on, under an address of its own.
func (k *kubelet) serve(endpoint *scimtest.Endpoint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.endpoint, k.ip = endpoint, k.pods.add(hostOf(endpoint.URL), hostOf(endpoint.ManagementURL))
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
		t: t, client: c.Client, pods: c.pods, namespace: namespace, wake: make(chan struct{}, 1),
		factory: informers.NewSharedInformerFactoryWithOptions(c.kube, 0, informers.WithNamespace(namespace)),
	}
	k.serve(endpoint)
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

// look brings the pod to what the cluster says.
func (k *kubelet) look(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	workload, err := k.workload()
	if err != nil {
		return err
	}
	if workload == "" {
		return k.client.DeleteAllOf(ctx, &discoveryv1.EndpointSlice{}, client.InNamespace(k.namespace))
	}
	app := strings.TrimSuffix(workload, "-scim")
	for name, mount := range map[string]struct{ key, file string }{
		desired.TokensName(app): {desired.HashesKey, k.endpoint.TokenHashesFile},
		desired.ConfigName(app): {desired.ConfigKey, k.endpoint.ConfigFile},
	} {
		cm, err := k.factory.Core().V1().ConfigMaps().Lister().ConfigMaps(k.namespace).Get(name)
		if apierrors.IsNotFound(err) {
			return nil // the pod waits for what it mounts
		}
		if err != nil {
			return err
		}
		if err := replaceFile(mount.file, cm.Data[mount.key]); err != nil {
			return err
		}
	}
	return k.publish(ctx, workload)
}

// workload is the name of the StatefulSet or Deployment that there is; empty for none.
func (k *kubelet) workload() (string, error) {
	sets, err := k.factory.Apps().V1().StatefulSets().Lister().StatefulSets(k.namespace).List(labels.Everything())
	if err != nil {
		return "", err
	}
	deployments, err := k.factory.Apps().V1().Deployments().Lister().Deployments(k.namespace).List(labels.Everything())
	switch {
	case err != nil:
		return "", err
	case len(sets) > 0:
		return sets[0].Name, nil
	case len(deployments) > 0:
		return deployments[0].Name, nil
	default:
		return "", nil
	}
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
func (k *kubelet) publish(ctx context.Context, name string) error {
	service := &corev1.Service{}
	if err := k.client.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, service); err != nil {
		return client.IgnoreNotFound(err)
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: k.namespace, Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: service.Name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses:  []string{k.ip},
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
