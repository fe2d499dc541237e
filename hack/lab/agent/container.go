package agent

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// Restarts come faster than a kubelet's (10 s to 5 min), because somebody sits before the lab and waits.
const (
	firstBackOff = 200 * time.Millisecond
	lastBackOff  = 10 * time.Second
	// A container that ran this long starts anew without waiting, and so forgets its back-off.
	steadyAfter = 30 * time.Second
)

// A container runs one container of a pod as a process, again and again as the restart policy says.
type container struct {
	worker *worker
	spec   *corev1.Container
	ports  map[int32]string // declared port → loopback address; fixed for the pod's life

	mu       sync.Mutex
	state    corev1.ContainerState
	last     corev1.ContainerState
	restarts int32
	started  bool
	ready    bool
	child    *process.Child
	stopping bool
}

func newContainer(w *worker, spec *corev1.Container) (*container, error) {
	c := &container{worker: w, spec: spec, ports: map[int32]string{}}
	addresses, err := process.FreeAddresses(len(spec.Ports))
	if err != nil {
		return nil, err
	}
	for i, port := range spec.Ports {
		c.ports[port.ContainerPort] = addresses[i]
	}
	return c, nil
}

// run starts the container and starts it again until it is stopped or its restart policy is satisfied.
func (c *container) run(ctx context.Context, volumes *volumes) {
	backOff := firstBackOff
	for {
		began := time.Now()
		child, err := c.start(volumes)
		if err != nil {
			c.wait("CreateContainerError", err.Error())
			c.event(corev1.EventTypeWarning, "Failed", err.Error())
		} else if child == nil || !c.await(ctx, child) {
			return
		}
		if time.Since(began) > steadyAfter {
			backOff = firstBackOff
		}
		if err == nil {
			c.wait("CrashLoopBackOff", fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", backOff, c.spec.Name, c.worker.observed().Name))
			c.event(corev1.EventTypeWarning, "BackOff", "Back-off restarting failed container "+c.spec.Name)
		}
		if !sleep(ctx, backOff) {
			return
		}
		backOff = min(2*backOff, lastBackOff)
	}
}

// start starts a process for the container; it returns none when the container is being stopped.
func (c *container) start(volumes *volumes) (*process.Child, error) {
	command, err := c.command(volumes)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return nil, nil
	}
	if c.last.Terminated != nil {
		c.restarts++
	}
	command.Log = c.logFile(c.restarts)
	child, err := process.Start(command)
	if err != nil {
		return nil, err
	}
	c.child = child
	c.started, c.ready = c.spec.StartupProbe == nil, c.spec.StartupProbe == nil && c.spec.ReadinessProbe == nil
	c.state = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	c.worker.touch()
	c.event(corev1.EventTypeNormal, "Started", "Started container "+c.spec.Name)
	return child, nil
}

// await waits for the end of the process, probing it meanwhile, and says whether it is to be started again.
func (c *container) await(ctx context.Context, child *process.Child) bool {
	probing, end := context.WithCancel(ctx)
	var probes sync.WaitGroup
	probes.Go(func() { c.probe(probing, child) })
	<-child.Done()
	end()
	probes.Wait()

	code, signal := child.Exit()
	terminated := &corev1.ContainerStateTerminated{
		ExitCode: int32(code), Signal: int32(signal), Reason: "Completed", FinishedAt: metav1.Now(),
	}
	if code != 0 {
		terminated.Reason = "Error"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	terminated.StartedAt = c.state.Running.StartedAt
	c.state = corev1.ContainerState{Terminated: terminated}
	c.started, c.ready, c.child = false, false, nil
	c.worker.touch()
	again := !c.stopping && restarts(c.worker.observed().Spec.RestartPolicy, terminated.ExitCode)
	if again {
		c.last = c.state
	}
	return again
}

// stop ends the container for good: the preStop sleep, SIGTERM, and SIGKILL after grace.
func (c *container) stop(grace time.Duration) {
	c.mu.Lock()
	c.stopping = true
	child := c.child
	c.mu.Unlock()
	if child == nil {
		return
	}
	deadline := time.Now().Add(grace)
	if pause := preStopSleep(c.spec); pause > 0 && grace > 0 {
		timer := time.NewTimer(min(pause, grace))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-child.Done():
		}
	}
	if grace == 0 {
		child.Signal(syscall.SIGKILL)
	}
	child.Stop(max(time.Until(deadline), 0))
	c.event(corev1.EventTypeNormal, "Killing", "Stopped container "+c.spec.Name)
}

func preStopSleep(spec *corev1.Container) time.Duration {
	if spec.Lifecycle == nil || spec.Lifecycle.PreStop == nil || spec.Lifecycle.PreStop.Sleep == nil {
		return 0
	}
	return time.Duration(spec.Lifecycle.PreStop.Sleep.Seconds) * time.Second
}

func (c *container) crash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.child != nil {
		c.child.Signal(syscall.SIGKILL)
	}
}

// wait says why the container does not run now.
func (c *container) wait(reason, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	c.worker.touch()
}

func (c *container) setProbed(started, ready bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.child == nil || c.started == started && c.ready == ready {
		return
	}
	c.started, c.ready = started, ready
	c.worker.touch()
}

// status tells the container's state; problem is why the pod as a whole cannot start containers.
func (c *container) status(problem string) corev1.ContainerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	status := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ImageID: "lab://" + imageProgram(c.spec.Image),
		ContainerID: fmt.Sprintf("process://%s/%s/%d", c.worker.uid, c.spec.Name, c.restarts),
		State:       c.state, LastTerminationState: c.last, RestartCount: c.restarts, Ready: c.ready, Started: new(c.started),
	}
	if c.state == (corev1.ContainerState{}) {
		status.ContainerID = ""
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating", Message: problem}
	}
	return status
}

// logFile is where an instance of the container writes; instances are counted from 0.
func (c *container) logFile(instance int32) string {
	return filepath.Join(c.worker.directory, "logs", c.spec.Name, strconv.Itoa(int(instance))+".log")
}

// instance returns the count of the current or last instance and the channel that is closed at its end, nil if it has ended.
func (c *container) instance() (int32, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.child == nil {
		return c.restarts, nil
	}
	return c.restarts, c.child.Done()
}

func (c *container) event(kind, reason, message string) {
	c.worker.agent.events.Event(c.worker.observed(), kind, reason, message)
}
