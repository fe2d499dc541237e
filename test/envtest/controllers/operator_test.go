package controllers_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/controllers/attributemapping"
	"github.com/scim-operator/scim-operator/controllers/entratenant"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/internal/tenant"
	"github.com/scim-operator/scim-operator/test/envtest"
	"github.com/scim-operator/scim-operator/test/gen"
)

// operator is a manager with the two controllers.
type operator struct {
	// periods counts how often a controller asked to come back after a while. Such a pass follows at once.
	periods atomic.Int64

	mu     sync.Mutex
	writes []string // requests that changed something, but for events
}

// startOperator runs the controllers until the test ends.
func startOperator(t *testing.T) *operator {
	t.Helper()
	o := &operator{}
	config := rest.CopyConfig(operatorConfig)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return recorder{next, o} })
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: envtest.Scheme(), Metrics: metricsserver.Options{BindAddress: "0"}, Controller: configOfController(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := o.add(ctx, mgr); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
	return o
}

// configOfController lets the tests of one process each have their controllers of the same names.
func configOfController() config.Controller {
	return config.Controller{SkipNameValidation: new(true)}
}

func (o *operator) add(ctx context.Context, mgr ctrl.Manager) error {
	if err := index.Register(ctx, mgr); err != nil {
		return err
	}
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		return err
	}
	events := mgr.GetEventRecorder(v1alpha1.FieldManager)
	tenants := &entratenant.Reconciler{
		Client: mgr.GetClient(), Events: events, Jitter: o.soon,
		Tenants: tenant.Opener{Reader: mgr.GetAPIReader(), Namespace: operatorNamespace, Connector: connector},
	}
	if err := tenants.SetupWithManager(mgr); err != nil {
		return err
	}
	return (&attributemapping.Reconciler{Client: mgr.GetClient(), Events: events, Clock: clock.RealClock{}}).SetupWithManager(mgr)
}

// soon lets periods of minutes pass at once.
func (o *operator) soon(time.Duration) time.Duration {
	o.periods.Add(1)
	return 20 * time.Millisecond
}

// recorder notes what changes something in the cluster.
type recorder struct {
	next http.RoundTripper
	o    *operator
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet && !strings.Contains(req.URL.Path, "/events") {
		r.o.mu.Lock()
		r.o.writes = append(r.o.writes, req.Method+" "+req.URL.Path)
		r.o.mu.Unlock()
	}
	return r.next.RoundTrip(req)
}

func (o *operator) written() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.writes...)
}

// afterPeriods waits until the controllers have come back several times.
func (o *operator) afterPeriods(t *testing.T) {
	t.Helper()
	until := o.periods.Load() + 5
	eventually(t, func(context.Context) error {
		if now := o.periods.Load(); now < until {
			return fmt.Errorf("%d of %d periods have passed", now, until)
		}
		return nil
	})
}

// startEntra runs a simulator that knows one client, and gives what makes an EntraTenant lead to it.
func startEntra(t *testing.T, secret string, permissions ...string) func(*v1alpha1.EntraTenant) {
	t.Helper()
	sim, err := entrasim.New(entrasim.Options{
		TenantID: string(gen.TenantID),
		Clients:  []entrasim.Client{{ID: string(gen.ClientID), Secret: secret, Permissions: permissions}},
	})
	if err != nil {
		t.Fatal(err)
	}
	https := httptest.NewTLSServer(sim.Handler())
	t.Cleanup(https.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: https.Certificate().Raw})
	return gen.WithCustomCloud(https.URL, string(ca))
}

// patience is how long a test waits in vain before it fails.
const patience = 60 * time.Second

// eventually waits until nothing is wrong any more.
func eventually(t *testing.T, wrong func(ctx context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(context.Background(), 20*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = wrong(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("%v; the last time: %v", err, last)
	}
}

// create creates the object, and removes it at the end together with its finalizer, whatever the test did.
func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := server.Client.Create(context.Background(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, object) })
}

func remove(t *testing.T, object client.Object) {
	t.Helper()
	if err := client.IgnoreNotFound(server.Client.Delete(context.Background(), object)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error { return gone(ctx, object) })
}

func gone(ctx context.Context, object client.Object) error {
	err := server.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
	if err == nil {
		return fmt.Errorf("%s is still there, with finalizers %q", object.GetName(), object.GetFinalizers())
	}
	return client.IgnoreNotFound(err)
}

// kstatusOf is what kubectl wait, Flux and others make of the object.
func kstatusOf(t *testing.T, object client.Object) status.Status {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: content})
	if err != nil {
		t.Fatal(err)
	}
	return result.Status
}

// eventsOf gives "<type> <reason>" of the events about the object, in the order of their times.
func eventsOf(ctx context.Context, object client.Object) ([]string, error) {
	list := &eventsv1.EventList{}
	if err := server.Client.List(ctx, list); err != nil {
		return nil, err
	}
	var found []string
	for _, e := range list.Items {
		if e.Regarding.UID != object.GetUID() {
			continue
		}
		if e.Series != nil {
			return nil, fmt.Errorf("event %s was sent %d times", e.Reason, e.Series.Count)
		}
		found = append(found, e.Type+" "+e.Reason)
	}
	return found, nil
}
