package kit

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
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

// kubelet stands in for kubelet, StatefulSet controller and EndpointSlice controller of one namespace with one endpoint:
// when a StatefulSet is there with what it mounts, its pod is ready; changed ConfigMaps reach the pod's files.
type kubelet struct {
	t         testing.TB
	client    client.Client
	namespace string
	ip        string
	endpoint  *scimtest.Endpoint

	factory informers.SharedInformerFactory
	wake    chan struct{}
}

func startKubelet(t testing.TB, c *Cluster, namespace string, endpoint *scimtest.Endpoint) {
	t.Helper()
	k := &kubelet{
		t: t, client: c.Client, namespace: namespace, endpoint: endpoint, wake: make(chan struct{}, 1),
		ip:      c.pods.add(hostOf(endpoint.URL), hostOf(endpoint.ManagementURL)),
		factory: informers.NewSharedInformerFactoryWithOptions(c.kube, 0, informers.WithNamespace(namespace)),
	}
	notify := func(any) {
		select {
		case k.wake <- struct{}{}:
		default: // a look is due already
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: notify, UpdateFunc: func(_, now any) { notify(now) }, DeleteFunc: notify}
	for _, informer := range []cache.SharedIndexInformer{k.factory.Apps().V1().StatefulSets().Informer(), k.factory.Core().V1().ConfigMaps().Informer()} {
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
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// look brings the pod to what the cluster says.
func (k *kubelet) look(ctx context.Context) error {
	sets, err := k.factory.Apps().V1().StatefulSets().Lister().StatefulSets(k.namespace).List(labels.Everything())
	if err != nil {
		return err
	}
	if len(sets) == 0 {
		return k.client.DeleteAllOf(ctx, &discoveryv1.EndpointSlice{}, client.InNamespace(k.namespace))
	}
	app := strings.TrimSuffix(sets[0].Name, "-scim")
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
	return k.publish(ctx, sets[0])
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
func (k *kubelet) publish(ctx context.Context, set *appsv1.StatefulSet) error {
	service := &corev1.Service{}
	if err := k.client.Get(ctx, client.ObjectKeyFromObject(set), service); err != nil {
		return client.IgnoreNotFound(err)
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: k.namespace, Name: set.Name, Labels: map[string]string{discoveryv1.LabelServiceName: service.Name}},
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
	if err := k.client.Create(ctx, slice); !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}
