package kit

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/internal/manager"
)

// Operator is one running operator, in this process.
type Operator struct {
	gate   *gate
	cancel context.CancelFunc
	done   chan struct{}
}

// StartOperator starts an operator of the world, as new as after a restart: with an empty cache, no tokens and no
// connections. It is killed at the end of the test, or where the crash says so.
func (w *World) StartOperator(t testing.TB, crash Crash) *Operator {
	t.Helper()
	g := newGate(crash)
	ctx, cancel := context.WithCancel(context.Background())
	o := &Operator{gate: g, cancel: cancel, done: make(chan struct{})}
	mgr, err := manager.New(ctx, w.gatedConfig(g), manager.Options{
		OperatorNamespace: w.OperatorNamespace, ServiceAccount: serviceAccount,
		EndpointImage: "scim-operator/scim-endpoint:dev", WatchNamespaces: w.namespaces(), MaxConcurrentReconciles: 4,
		MetricsAddress: "0", ProbeAddress: "0", SkipNameValidation: true,
		Connector: startGraphWay(t, w.Sim, g), Clock: w.clock, NewQueue: queueOn(w.clock),
	})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer close(o.done)
		if err := mgr.Start(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("the operator ended by itself: %v", err)
		}
	}()
	context.AfterFunc(ctx, g.kill)
	go func() {
		<-g.died
		cancel()
	}()
	t.Cleanup(o.Kill)
	w.operators = append(w.operators, o)
	return o
}

// queueOn lets a work queue's delays pass on the world's clock.
func queueOn(c clock.WithTicker) manager.NewQueue {
	return func(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
		return workqueue.NewTypedRateLimitingQueueWithConfig(limiter, workqueue.TypedRateLimitingQueueConfig[reconcile.Request]{Name: name, Clock: c})
	}
}

// Kill cuts the operator off from the world at once, and returns when nothing of it runs any more.
func (o *Operator) Kill() {
	o.gate.kill()
	o.cancel()
	<-o.done
}

// Reached gives nil when the call was made after which the operator was to be killed.
func (o *Operator) Reached() error { return o.gate.reached() }

// Calls are the operator's writes to the API server, but for Events and Leases, and all of its requests to Graph.
func (o *Operator) Calls() []Call { return o.gate.list() }

// Writes are those of Calls that change something.
func (o *Operator) Writes() []Call {
	var out []Call
	for _, call := range o.Calls() {
		if call.Write {
			out = append(out, call)
		}
	}
	return out
}

// Library is the name of the one ClusterAttributeMapping that a world may have, before InCluster.
const Library = "company-users"

// gatedConfig leads to the API server through the gate, with the rights that the operator has in life. EntraTenants and ClusterAttributeMappings belong to the whole
// cluster, so the operator of one world is shown only its own.
func (w *World) gatedConfig(g *gate) *rest.Config {
	config := rest.CopyConfig(w.cluster.Config)
	config.Impersonate = impersonation(w.OperatorNamespace)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if err := g.enter(); err != nil {
				return nil, err
			}
			own := ""
			switch {
			case strings.HasSuffix(r.URL.Path, "/entratenants"):
				own = w.Tenant
			case strings.HasSuffix(r.URL.Path, "/clusterattributemappings"):
				own = w.InCluster(Library)
			}
			if own != "" {
				r = r.Clone(r.Context())
				query := r.URL.Query()
				query.Set("fieldSelector", "metadata.name="+own)
				r.URL.RawQuery = query.Encode()
			}
			response, err := next.RoundTrip(r)
			if err != nil || !isClusterWrite(r.Method, r.URL) {
				return response, err
			}
			if err := g.leave(clusterCall(r.Method, r.URL, w.suffix)); err != nil {
				return nil, errors.Join(err, response.Body.Close())
			}
			return response, nil
		})
	})
	return config
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// patience is how long a test waits for what has to come, in real time. It is long, since nothing depends on it but
// how soon a broken test ends.
const patience = 4 * time.Minute
