package kit

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/test/envtest"
)

// Cluster is an API server that many worlds share, and the network between their pods and simulators.
type Cluster struct {
	*envtest.Server
	// Logs of all operators and endpoints.
	Logs *Logs

	root   string
	kube   kubernetes.Interface
	pods   *podAddresses
	people *directory.Directory // of the samples; simulators copy it
	rights rights
	worlds atomic.Int64
}

// parallel is how many worlds may be at work at a time: most of the time they wait.
const parallel = 8

// Main starts a cluster, runs the tests with it and ends the process. It is called by TestMain, before anything else.
func Main(m *testing.M, cluster **Cluster) {
	ctx, stop := context.WithCancel(context.Background())
	c, err := start(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	*cluster = c
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(parallel)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	if err := c.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the API server:", err)
	}
	os.Exit(code)
}

func start(ctx context.Context) (*Cluster, error) {
	c := &Cluster{Logs: captureLogs(), pods: &podAddresses{}}
	network, err := listen()
	if err != nil {
		return nil, err
	}
	if c.root, err = envtest.Root(); err != nil {
		return nil, err
	}
	if c.people, err = directory.Load(filepath.Join(c.root, "config", "samples", "directory", "contoso.yaml")); err != nil {
		return nil, err
	}
	if c.Server, err = envtest.Start(); err != nil {
		return nil, err
	}
	if c.kube, err = kubernetes.NewForConfig(c.Config); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the API server: %w", err), c.Stop())
	}
	if err := errors.Join(c.grantRights(ctx), network.join(ctx, c)); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) createNamespace(ctx context.Context, name string) error {
	return c.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}
