package envtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// assets names the variable with the folder of etcd and kube-apiserver.
const assets = "KUBEBUILDER_ASSETS"

// Server is a running API server, without the controllers of kube-controller-manager.
type Server struct {
	// Config connects as an administrator.
	Config *rest.Config
	// Client knows the kinds of Kubernetes and ours, and refuses members that no schema has.
	Client client.Client

	environment *envtest.Environment
}

// Start starts an API server that has our CRDs. Stop has to follow.
func Start() (*Server, error) {
	if os.Getenv(assets) == "" {
		return nil, fmt.Errorf("%s is not set: run `make test`, which builds etcd and kube-apiserver and sets it, or set it to a folder that has both", assets)
	}
	root, err := Root()
	if err != nil {
		return nil, err
	}
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
		// Nothing depends on these but how soon a broken test ends.
		ControlPlaneStartTimeout: 2 * time.Minute, ControlPlaneStopTimeout: 2 * time.Minute,
	}
	config, err := environment.Start()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the API server of %s: %w", os.Getenv(assets), err), environment.Stop())
	}
	s := &Server{Config: config, environment: environment}
	plain, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the API server: %w", err), s.Stop())
	}
	s.Client = client.WithFieldValidation(plain, "Strict")
	return s, nil
}

// Stop ends the API server and removes its data.
func (s *Server) Stop() error { return s.environment.Stop() }

// Scheme knows the kinds of Kubernetes and ours.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
}

// Root is the folder of the repository, found from the folder of the running test.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the repository: no folder above this one has the file PROJECT")
		}
		dir = parent
	}
}
