package envtest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/test/envtest"
	"github.com/scim-operator/scim-operator/test/gen"
)

var server *envtest.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/envtest:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if server, err = envtest.Start(); err != nil {
		return 0, err
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: gen.Namespace}}
	if err := server.Client.Create(context.Background(), namespace); err != nil {
		return 0, errors.Join(fmt.Errorf("creating namespace %s: %w", gen.Namespace, err), server.Stop())
	}
	return m.Run(), server.Stop()
}
