package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/scim-operator/scim-operator/hack/lab/agent"
	"github.com/scim-operator/scim-operator/hack/lab/cluster"
	"github.com/scim-operator/scim-operator/hack/lab/proxy"
)

// volumeLag is the longest time after which a pod sees a changed ConfigMap. A kubelet's is a minute; what it must not be is nothing.
const volumeLag = 3 * time.Second

type options struct {
	once      bool
	directory string
	out       io.Writer // what the story tells
	progress  io.Writer // what the lab is busy with
}

// A lab is everything that runs, and how to stop it.
type lab struct {
	options
	began     time.Time
	directory string
	binaries  string // the product's
	assets    string // the control plane's and kubectl

	cluster   *cluster.Cluster
	client    kubernetes.Interface
	agent     *agent.Agent
	proxyURL  string
	simulator *simulator
	operator  *operator

	stops []func()
}

// run starts the lab, tells the story and stops the lab again.
func run(ctx context.Context, options options) (err error) {
	l := &lab{options: options, began: time.Now()}
	if err := l.chooseDirectory(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer func() {
		l.stop()
		l.removeDirectory(err)
	}()
	for _, part := range []struct {
		what  string
		start func(context.Context) error
	}{
		{"building the binaries", l.build},
		{"starting the control plane", l.startCluster},
		{"starting the node and its network", l.startNode},
		{"starting the simulated Entra tenant", l.startSimulator},
		{"installing the product's manifests", l.install},
		{"starting the operator", l.startOperator},
	} {
		l.say("%s", part.what)
		if err := part.start(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
	}
	go l.guard(ctx, cancel)
	return l.tell(ctx)
}

// say writes a line of progress with the time since the start.
func (l *lab) say(format string, arguments ...any) {
	fmt.Fprintf(l.progress, "lab %5.1fs  %s\n", time.Since(l.began).Seconds(), fmt.Sprintf(format, arguments...))
}

// onStop registers what stops a part; parts are stopped in the order opposite to their start.
func (l *lab) onStop(stop func()) { l.stops = append(l.stops, stop) }

func (l *lab) stop() {
	for _, stop := range slices.Backward(l.stops) {
		stop()
	}
}

func (l *lab) chooseDirectory() (err error) {
	if l.options.directory == "" {
		l.directory, err = os.MkdirTemp("", "scim-lab-")
		return err
	}
	if l.directory, err = filepath.Abs(l.options.directory); err != nil {
		return err
	}
	if entries, err := os.ReadDir(l.directory); err == nil && len(entries) > 0 {
		return fmt.Errorf("--directory %s is not empty: remove it, or name another", l.options.directory)
	}
	return os.MkdirAll(l.directory, 0o755)
}

// removeDirectory keeps a directory that was asked for, and the logs of a story that failed.
func (l *lab) removeDirectory(err error) {
	switch {
	case l.options.directory != "":
	case err != nil && !errors.Is(err, context.Canceled):
		fmt.Fprintf(l.progress, "lab: state and logs are kept in %s\n", l.directory)
	default:
		_ = os.RemoveAll(l.directory) // a leftover in the temporary directory hurts nobody
	}
}

func (l *lab) logs() string { return filepath.Join(l.directory, "logs") }

func (l *lab) startCluster(ctx context.Context) (err error) {
	l.cluster, err = cluster.Start(ctx, cluster.Options{
		Binaries:     l.assets,
		Directory:    filepath.Join(l.directory, "cluster"),
		AuditedUsers: []string{operatorUser},
	})
	if err != nil {
		return err
	}
	l.onStop(l.cluster.Stop)
	l.client, err = kubernetes.NewForConfig(l.cluster.Config)
	return err
}

// startNode starts the network first: the node's pods are told its address.
func (l *lab) startNode(ctx context.Context) (err error) {
	if l.simulator, err = newSimulator(l); err != nil {
		return err
	}
	// They outlive the cancelled context of an interrupted lab, so that pods still end in order.
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	l.onStop(end)
	l.proxyURL, err = proxy.Start(running, l.client, proxy.Resolver{
		Static: map[string]string{simulatorHost: l.simulator.graphAddress},
		Pods:   func(ip string, port int) (string, bool) { return l.agent.Address(ip, port) },
	})
	if err != nil {
		return err
	}
	l.agent, err = agent.New(agent.Options{
		Config:      l.cluster.Config,
		Authority:   l.cluster.Authority,
		Directory:   filepath.Join(l.directory, "node"),
		Binaries:    l.binaries,
		Environment: l.proxyEnvironment(),
		VolumeLag:   volumeLag,
	})
	if err != nil {
		return err
	}
	ready, done := make(chan struct{}), make(chan struct{})
	var ended error
	go func() {
		defer close(done)
		ended = l.agent.Run(running, func() { close(ready) })
	}()
	l.onStop(func() {
		end()
		<-done
	})
	select {
	case <-ready:
		return nil
	case <-done:
		return ended
	}
}

// proxyEnvironment leads every request of a process through the lab's network, but for those to loopback addresses.
func (l *lab) proxyEnvironment() []string {
	return []string{"HTTP_PROXY=" + l.proxyURL, "HTTPS_PROXY=" + l.proxyURL, "NO_PROXY=127.0.0.1,localhost"}
}

// guard ends the story when a process that it needs has ended, with the end of that process's log as the reason.
func (l *lab) guard(ctx context.Context, cancel context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case err := <-l.operator.crashed:
		cancel(err)
	case <-l.simulator.child.Done():
		cancel(fmt.Errorf("the simulator ended:\n%s", tail(l.simulator.log)))
	}
}
