package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// retryAfter is how often what a pod waits for (a claim, a ConfigMap, the API server) is looked at again.
const retryAfter = 100 * time.Millisecond

// A worker runs one pod, from its binding to its end.
type worker struct {
	agent      *Agent
	uid        types.UID
	ip         string
	created    time.Time
	directory  string
	containers []*container

	changed     chan struct{} // something that status tells has changed; holds one
	terminating chan struct{} // closed when the pod is to end
	gone        chan struct{} // closed when the pod is no longer in the API

	mu       sync.Mutex
	pod      *corev1.Pod
	problem  string // why no container can be started yet
	reported corev1.PodStatus
}

func newWorker(a *Agent, pod *corev1.Pod, ip string) (*worker, error) {
	w := &worker{
		agent:       a,
		uid:         pod.UID,
		ip:          ip,
		created:     time.Now(),
		directory:   filepath.Join(a.options.Directory, "pods", string(pod.UID)),
		changed:     make(chan struct{}, 1),
		terminating: make(chan struct{}),
		gone:        make(chan struct{}),
		pod:         pod,
		reported:    *pod.Status.DeepCopy(),
	}
	for i := range pod.Spec.Containers {
		c, err := newContainer(w, &pod.Spec.Containers[i])
		if err != nil {
			return nil, err
		}
		w.containers = append(w.containers, c)
	}
	return w, nil
}

// observed is the pod as the API server last told it.
func (w *worker) observed() *corev1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pod
}

func (w *worker) update(pod *corev1.Pod) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pod = pod
	if pod.DeletionTimestamp != nil {
		closeOnce(w.terminating)
	}
}

func (w *worker) disappear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	closeOnce(w.gone)
}

// closeOnce closes a channel that may be closed already. The caller holds the lock under which it is closed.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// touch says that status has something new to tell.
func (w *worker) touch() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// run is the pod's life. When the lab ends its containers end too, but the object stays as it is: the API server ends next.
func (w *worker) run(ctx context.Context) {
	defer os.RemoveAll(w.directory)
	living, end := context.WithCancel(ctx)
	defer end()
	var starting sync.WaitGroup
	starting.Go(func() { w.start(living) })
	defer starting.Wait()

	w.touch()
	for {
		select {
		case <-w.changed:
			if err := w.report(ctx); err != nil {
				w.agent.events.Eventf(w.observed(), corev1.EventTypeWarning, "FailedStatus", "writing the pod's status: %v", err)
				time.AfterFunc(retryAfter, w.touch)
			}
		case <-w.gone:
			w.stop(end, 0)
			return
		case <-w.terminating:
			w.stop(end, w.grace())
			w.finish(ctx)
			return
		case <-ctx.Done():
			w.stop(end, time.Second)
			return
		}
	}
}

// start prepares the volumes, waiting for what they need, and then runs every container until the context ends.
func (w *worker) start(ctx context.Context) {
	if message := unsupported(w.observed()); message != "" {
		w.setProblem("FailedCreatePodSandBox", message)
		return
	}
	var volumes *volumes
	for {
		var err error
		if volumes, err = w.mount(); err == nil {
			break
		}
		w.setProblem("FailedMount", err.Error())
		if !sleep(ctx, retryAfter) {
			return
		}
	}
	w.setProblem("", "")
	var running sync.WaitGroup
	for _, c := range w.containers {
		running.Go(func() { c.run(ctx, volumes) })
	}
	w.refresh(ctx, volumes)
	running.Wait()
}

// refresh brings changed ConfigMaps and Secrets into the volumes, each time after a random lag, as a kubelet's periodic sync does: who reads
// them must live with that.
func (w *worker) refresh(ctx context.Context, volumes *volumes) {
	for {
		lag := retryAfter
		if w.agent.options.VolumeLag > 0 {
			lag += rand.N(w.agent.options.VolumeLag)
		}
		if !sleep(ctx, lag) {
			return
		}
		if err := volumes.refresh(); err != nil {
			w.agent.events.Eventf(w.observed(), corev1.EventTypeWarning, "FailedMount", "%v", err)
		}
	}
}

// sleep waits, and says whether it could to the end.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *worker) setProblem(reason, message string) {
	w.mu.Lock()
	changed := w.problem != message
	w.problem = message
	pod := w.pod
	w.mu.Unlock()
	if changed && message != "" {
		w.agent.events.Event(pod, corev1.EventTypeWarning, reason, message)
	}
	w.touch()
}

// stop ends the containers together, each within grace, and then what is left of the pod's goroutines.
func (w *worker) stop(end context.CancelFunc, grace time.Duration) {
	var stopping sync.WaitGroup
	for _, c := range w.containers {
		stopping.Go(func() { c.stop(grace) })
	}
	stopping.Wait()
	end()
}

func (w *worker) grace() time.Duration {
	pod := w.observed()
	return time.Duration(ptr.Deref(pod.DeletionGracePeriodSeconds, 30)) * time.Second
}

// finish takes the ended pod out of the API, as only its node may.
func (w *worker) finish(ctx context.Context) {
	if err := w.report(ctx); err != nil && !apierrors.IsNotFound(err) {
		w.agent.events.Eventf(w.observed(), corev1.EventTypeWarning, "FailedStatus", "writing the ended pod's status: %v", err)
	}
	pod := w.observed()
	for {
		err := w.agent.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: new(int64(0)),
			Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
		})
		// A conflict means that another pod has the name: this one is gone.
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || !sleep(ctx, retryAfter) {
			return
		}
	}
}

// report writes the status if it says anything new. The patch names the pod's UID, so that it never lands on a successor of the same name.
func (w *worker) report(ctx context.Context) error {
	w.mu.Lock()
	pod, problem, previous := w.pod, w.problem, w.reported
	w.mu.Unlock()
	var statuses []corev1.ContainerStatus
	for _, c := range w.containers {
		statuses = append(statuses, c.status(problem))
	}
	status := podStatus(pod, previous, w.ip, statuses, metav1.Now())
	if equality.Semantic.DeepEqual(status, previous) {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": w.uid}, "status": status})
	if err != nil {
		return fmt.Errorf("encoding the status: %w", err)
	}
	_, err = w.agent.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // it is gone, which the watch will tell
	} else if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reported = status
	return nil
}

// unsupported says what of a pod the lab cannot run.
func unsupported(pod *corev1.Pod) string {
	switch {
	case len(pod.Spec.InitContainers) > 0:
		return "the lab runs no init containers; remove spec.initContainers or use a real cluster"
	case pod.Spec.HostNetwork:
		return "the lab's pods have no host network; remove spec.hostNetwork or use a real cluster"
	}
	return ""
}
