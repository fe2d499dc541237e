package manager

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/selection"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/controllers/attributemapping"
	"github.com/scim-operator/scim-operator/controllers/entratenant"
	"github.com/scim-operator/scim-operator/controllers/scimapp"
	"github.com/scim-operator/scim-operator/internal/apply"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/endpoint"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/internal/tenant"
)

// Options are what a platform team tunes, and what tests replace.
type Options struct {
	// OperatorNamespace holds the operator's Secrets and its Lease.
	OperatorNamespace string
	// ServiceAccount is the operator's own, for advice about RoleBindings.
	ServiceAccount string
	// EndpointImage is the default image of managed endpoints.
	EndpointImage string
	// WatchNamespaces limits the namespaces whose ScimApps are seen. Empty means all.
	WatchNamespaces []string
	// MaxConcurrentReconciles is how many ScimApps are worked on at a time.
	MaxConcurrentReconciles int
	// LeaderElection makes several replicas safe.
	LeaderElection bool
	// MetricsAddress and ProbeAddress are where to listen; "0" switches one off.
	MetricsAddress, ProbeAddress string

	// Connector opens directories.
	Connector entra.Connector
	// Clock is the time; nil means the real one.
	Clock clock.PassiveClock
	// Pods asks the endpoints' pods; nil means by HTTP to their management port.
	Pods scimapp.EndpointProber
	// NewQueue makes the work queue of ScimApps, so that its delays pass on Clock; nil means controller-runtime's own.
	NewQueue NewQueue
	// SkipNameValidation lets several managers live in one process, as tests need.
	SkipNameValidation bool
}

// NewQueue makes the work queue of the named controller.
type NewQueue func(controller string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request]

// leaseName is the Lease by which replicas agree on a leader.
const leaseName = "scim-operator.scim-operator.io"

// Scheme has all kinds that the operator reads or writes.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering Kubernetes' kinds: %w", err)
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering our kinds: %w", err)
	}
	return scheme, nil
}

// New gives a manager that is ready to be started.
func New(ctx context.Context, cluster *rest.Config, o Options) (ctrl.Manager, error) {
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Pods == nil {
		o.Pods = endpoint.NewClient(desired.ManagementPort)
	}
	caches, err := cacheOptions(o)
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme: scheme,
		Cache:  caches,
		// Secrets are read live, one at a time: a cache would need the right to list them, and hold them all in memory.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Metrics:                       metricsserver.Options{BindAddress: o.MetricsAddress},
		HealthProbeBindAddress:        o.ProbeAddress,
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       o.OperatorNamespace,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: &o.SkipNameValidation},
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	if err := addControllers(ctx, mgr, o); err != nil {
		return nil, err
	}
	return mgr, addProbes(mgr)
}

func addControllers(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := index.Register(ctx, mgr); err != nil {
		return err
	}
	tenants := tenant.Opener{Reader: mgr.GetAPIReader(), Namespace: o.OperatorNamespace, Connector: o.Connector}
	recorder := mgr.GetEventRecorder(v1alpha1.FieldManager)
	apps := &scimapp.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(),
		Applier: apply.Applier{Client: mgr.GetClient(), Live: mgr.GetAPIReader()},
		Tenants: tenants, Pods: o.Pods, Events: recorder, Clock: o.Clock, Jitter: jitter,
		OperatorNamespace: o.OperatorNamespace, ServiceAccount: o.ServiceAccount, EndpointImage: o.EndpointImage,
	}
	if err := apps.SetupWithManager(mgr, controller.Options{MaxConcurrentReconciles: o.MaxConcurrentReconciles, NewQueue: o.NewQueue}); err != nil {
		return err
	}
	directories := &entratenant.Reconciler{Client: mgr.GetClient(), Tenants: tenants, Events: recorder, Jitter: jitter}
	if err := directories.SetupWithManager(mgr); err != nil {
		return err
	}
	return (&attributemapping.Reconciler{Client: mgr.GetClient(), Events: recorder, Clock: o.Clock}).SetupWithManager(mgr)
}

func addProbes(mgr ctrl.Manager) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the readiness check: %w", err)
	}
	return nil
}

// cacheOptions keep in memory only what the operator made: every other pod, Service and ConfigMap of the cluster is
// none of its business.
func cacheOptions(o Options) (cache.Options, error) {
	ours, err := labels.NewRequirement(v1alpha1.LabelApp, selection.Exists, nil)
	if err != nil {
		return cache.Options{}, fmt.Errorf("selecting our objects: %w", err)
	}
	labelled := cache.ByObject{Label: labels.NewSelector().Add(*ours)}
	out := cache.Options{ByObject: map[client.Object]cache.ByObject{
		&appsv1.StatefulSet{}:           labelled,
		&appsv1.Deployment{}:            labelled,
		&policyv1.PodDisruptionBudget{}: labelled,
		&corev1.Service{}:               labelled,
		&corev1.ConfigMap{}:             labelled,
		&corev1.PersistentVolumeClaim{}: labelled,
		&corev1.Pod{}:                   labelled,
		&discoveryv1.EndpointSlice{}:    labelled,
		&networkingv1.NetworkPolicy{}:   labelled,
	}}
	if len(o.WatchNamespaces) > 0 {
		out.DefaultNamespaces = map[string]cache.Config{}
		for _, namespace := range o.WatchNamespaces {
			out.DefaultNamespaces[namespace] = cache.Config{}
		}
	}
	out.DefaultTransform = dropManagedFields
	return out, nil
}

// dropManagedFields saves memory: nothing here reads them.
func dropManagedFields(in any) (any, error) {
	if obj, ok := in.(metav1.Object); ok {
		obj.SetManagedFields(nil)
	}
	return in, nil
}

// jitter spreads periodic passes over a tenth of the interval, so that a thousand apps of one deployment do not come
// all at once.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1)) //nolint:gosec // spreading load needs no secrecy
}
