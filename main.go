// Command manager is the operator: it connects applications on Kubernetes to Microsoft Entra ID, as ScimApp manifests
// say.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap/zapcore"
	_ "golang.org/x/crypto/x509roots/fallback" // the image is empty but for this binary: it brings the CA roots
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/scim-operator/scim-operator/internal/entra/graph"
	"github.com/scim-operator/scim-operator/internal/manager"
	"github.com/scim-operator/scim-operator/internal/version"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}

func run() error {
	options, logging := flags()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))
	ctrl.Log.Info("starting", "version", version.String())

	connector, err := graph.NewConnector(graph.Options{Registerer: metrics.Registry})
	if err != nil {
		return err
	}
	options.Connector = connector
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster: %w", err)
	}
	ctx := ctrl.SetupSignalHandler()
	mgr, err := manager.New(ctx, config, options)
	if err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running: %w", err)
	}
	return nil
}

func flags() (manager.Options, zap.Options) {
	options := manager.Options{}
	// A stack trace says nothing of a fault that Graph or the cluster reported; it is kept for a panic.
	logging := zap.Options{StacktraceLevel: zapcore.PanicLevel}
	namespaces := flag.String("watch-namespaces", "", "the namespaces whose ScimApps are managed, separated by commas; empty means all")
	flag.StringVar(&options.OperatorNamespace, "operator-namespace", "scim-operator-system", "the namespace of the operator's own Secrets and its Lease")
	flag.StringVar(&options.ServiceAccount, "service-account", "scim-operator-controller-manager", "the operator's own ServiceAccount, named in advice about RoleBindings")
	flag.StringVar(&options.EndpointImage, "endpoint-image", "scim-operator/scim-endpoint:dev", "the default image of managed SCIM endpoints")
	flag.IntVar(&options.MaxConcurrentReconciles, "max-concurrent-reconciles", 4, "how many ScimApps are worked on at a time")
	flag.BoolVar(&options.LeaderElection, "leader-elect", false, "let several replicas agree on one that acts")
	flag.StringVar(&options.MetricsAddress, "metrics-bind-address", ":8080", "where to serve metrics; 0 switches them off")
	flag.StringVar(&options.ProbeAddress, "health-probe-bind-address", ":8081", "where to serve /healthz and /readyz; 0 switches them off")
	logging.BindFlags(flag.CommandLine)
	flag.Parse()
	if *namespaces != "" {
		options.WatchNamespaces = strings.Split(*namespaces, ",")
	}
	return options, logging
}
