package envtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// OperatorNamespace is where the installation puts the operator; its Secrets may be read there only.
	OperatorNamespace = "scim-operator-system"
	serviceAccount    = "scim-operator-controller-manager"
)

// AsOperator gives the operator the rights of config/rbac, which are generated from the controllers' markers, and connects as
// its ServiceAccount: what a controller lacks there, it lacks in the test. OperatorNamespace has to exist.
func (s *Server) AsOperator(ctx context.Context) (*rest.Config, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"role.yaml", "role_binding.yaml"} {
		if err := s.create(ctx, filepath.Join(root, "config", "rbac", name)); err != nil {
			return nil, fmt.Errorf("giving the operator its rights: %w", err)
		}
	}
	config := rest.CopyConfig(s.Config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + OperatorNamespace + ":" + serviceAccount,
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + OperatorNamespace, "system:authenticated"},
	}
	return config, nil
}

// create makes every object of a file; one that exists is an error.
func (s *Server) create(ctx context.Context, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), len(content))
	for {
		object := &unstructured.Unstructured{}
		err := documents.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		if len(object.Object) == 0 {
			continue
		}
		if err := s.Client.Create(ctx, object, client.FieldOwner("test")); err != nil {
			return fmt.Errorf("creating %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
}
