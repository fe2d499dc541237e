package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/scim-operator/scim-operator/test/envtest"
	"github.com/scim-operator/scim-operator/test/gen"
)

const operatorNamespace = envtest.OperatorNamespace

var (
	server *envtest.Server
	// operatorConfig connects with the operator's rights, server.Client with all.
	operatorConfig *rest.Config
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/envtest/controllers:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if server, err = envtest.Start(); err != nil {
		return 0, err
	}
	for _, name := range []string{gen.Namespace, operatorNamespace} {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := server.Client.Create(context.Background(), namespace); err != nil {
			return 0, errors.Join(fmt.Errorf("creating namespace %s: %w", name, err), server.Stop())
		}
	}
	if operatorConfig, err = server.AsOperator(context.Background()); err != nil {
		return 0, errors.Join(err, server.Stop())
	}
	return m.Run(), server.Stop()
}
