package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/scim-operator/scim-operator/hack/lab/pki"
)

// NodeName is the name of the lab's node.
const NodeName = "lab"

// Options say what the node works with.
type Options struct {
	// Config is an administrator's; Authority signs the serving certificate of the kubelet API.
	Config    *rest.Config
	Authority *pki.Authority
	// Directory takes volumes and logs. Binaries holds the programs that stand for images: the image registry/any/name:tag runs
	// the program called name.
	Directory, Binaries string
	// Environment is given to every container besides its own, as NAME=value.
	Environment []string
	// VolumeLag is the longest time after which a changed ConfigMap or Secret is seen in a volume; the real time is random below it.
	VolumeLag time.Duration
}

// An Agent runs the pods of one node.
type Agent struct {
	options Options
	client  kubernetes.Interface
	events  record.EventRecorder

	configMaps corelisters.ConfigMapLister
	secrets    corelisters.SecretLister
	claims     corelisters.PersistentVolumeClaimLister
	volumes    corelisters.PersistentVolumeLister

	mu      sync.Mutex
	workers map[types.UID]*worker
	nextIP  int
	running sync.WaitGroup
}

// New prepares an agent.
func New(options Options) (*Agent, error) {
	client, err := kubernetes.NewForConfig(options.Config)
	if err != nil {
		return nil, fmt.Errorf("making the node agent's client: %w", err)
	}
	return &Agent{options: options, client: client, workers: map[types.UID]*worker{}, nextIP: 2}, nil
}

// Run registers the node and runs pods until the context ends; it returns when no container runs any more. Ready is called once the
// node is there.
func (a *Agent) Run(ctx context.Context, ready func()) error {
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: a.client.CoreV1().Events("")})
	a.events = broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: NodeName})

	port, err := a.serveKubelet(ctx)
	if err != nil {
		return err
	}
	if err := a.register(ctx, port); err != nil {
		return err
	}
	if err := a.watch(ctx); err != nil {
		return err
	}
	ready()
	<-ctx.Done()
	a.running.Wait()
	return nil
}

// watch starts the caches first and the pods' handlers last, so that a pod never starts against an empty cache.
func (a *Agent) watch(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(a.client, 0)
	core := factory.Core().V1()
	a.configMaps, a.secrets = core.ConfigMaps().Lister(), core.Secrets().Lister()
	a.claims, a.volumes = core.PersistentVolumeClaims().Lister(), core.PersistentVolumes().Lister()
	if err := a.provision(ctx, core); err != nil {
		return err
	}
	factory.StartWithContext(ctx)
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("reading the cluster's %s: %w", kind, context.Cause(ctx))
		}
	}
	_, err := core.Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { a.observe(ctx, object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) { a.observe(ctx, object.(*corev1.Pod)) },
		DeleteFunc: func(object any) { a.forget(object) },
	})
	if err != nil {
		return fmt.Errorf("watching pods: %w", err)
	}
	factory.StartWithContext(ctx)
	return nil
}

// observe binds a pod that has no node, and runs or updates one that has ours.
func (a *Agent) observe(ctx context.Context, pod *corev1.Pod) {
	switch pod.Spec.NodeName {
	case "":
		if pod.DeletionTimestamp == nil {
			a.bind(ctx, pod)
		}
	case NodeName:
		w, err := a.worker(ctx, pod)
		if err != nil {
			a.events.Eventf(pod, corev1.EventTypeWarning, "FailedCreatePodSandBox", "preparing the pod: %v", err)
			return
		}
		w.update(pod)
	}
}

// bind is all the scheduling that one node needs.
func (a *Agent) bind(ctx context.Context, pod *corev1.Pod) {
	err := a.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: NodeName},
	}, metav1.CreateOptions{})
	if err != nil {
		a.events.Eventf(pod, corev1.EventTypeWarning, "FailedScheduling", "binding the pod to node %s: %v", NodeName, err)
	}
}

// worker returns the pod's worker and starts it if it is new.
func (a *Agent) worker(ctx context.Context, pod *corev1.Pod) (*worker, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w, ok := a.workers[pod.UID]; ok {
		return w, nil
	}
	w, err := newWorker(a, pod, a.freeIP())
	if err != nil {
		return nil, err
	}
	a.workers[pod.UID] = w
	a.running.Go(func() {
		w.run(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.workers, pod.UID)
	})
	return w, nil
}

// freeIP invents an address in 10.244.0.0/24 that no living pod has. The caller holds the lock. Freed addresses come back late, as on a real
// node, so that a stale endpoint rarely meets another pod.
func (a *Agent) freeIP() string {
	taken := map[string]bool{}
	for _, w := range a.workers {
		taken[w.ip] = true
	}
	for {
		ip := fmt.Sprintf("10.244.0.%d", a.nextIP)
		a.nextIP = 2 + (a.nextIP-1)%250
		if !taken[ip] {
			return ip
		}
	}
}

func (a *Agent) forget(object any) {
	if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = tombstone.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w, ok := a.workers[pod.UID]; ok {
		w.disappear()
	}
}

// Address tells where a pod's port really is: the loopback address that the process was told to listen on. It knows every port that a
// container declares, whether or not something listens there already.
func (a *Agent) Address(podIP string, port int) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range a.workers {
		if w.ip != podIP {
			continue
		}
		for _, c := range w.containers {
			if address, ok := c.ports[int32(port)]; ok {
				return address, true
			}
		}
	}
	return "", false
}

// Crash kills the processes of a pod with SIGKILL, as an out-of-memory kill does; its restart policy decides what follows.
func (a *Agent) Crash(namespace, name string) error {
	w := a.find(namespace, name)
	if w == nil {
		return fmt.Errorf("no pod %s/%s runs here", namespace, name)
	}
	for _, c := range w.containers {
		c.crash()
	}
	return nil
}

// find returns the worker of a pod by name: the newest, if an old one of that name is still ending.
func (a *Agent) find(namespace, name string) *worker {
	a.mu.Lock()
	defer a.mu.Unlock()
	var newest *worker
	for _, w := range a.workers {
		pod := w.observed()
		if pod.Namespace == namespace && pod.Name == name && (newest == nil || newest.created.Before(w.created)) {
			newest = w
		}
	}
	return newest
}

// program returns the path of the program that stands for an image.
func (a *Agent) program(image string) (string, error) {
	path := filepath.Join(a.options.Binaries, imageProgram(image))
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("image %s: the lab has no program %s", image, path)
	} else if err != nil {
		return "", fmt.Errorf("image %s: %w", image, err)
	}
	return path, nil
}
