package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The operator's place in the cluster, as config/ has it.
const (
	operatorNamespace = "scim-operator-system"
	operatorAccount   = "scim-operator-controller-manager"
	operatorUser      = "system:serviceaccount:" + operatorNamespace + ":" + operatorAccount
)

// install applies what an installation applies, but for the Deployment: here the operator is a process. Its rights are those of config/rbac.
func (l *lab) install(ctx context.Context) error {
	for _, arguments := range [][]string{
		{"apply", "--server-side", "-f", "config/manager/namespace.yaml", "-f", "config/manager/service_account.yaml"},
		{"apply", "--server-side", "-k", "config/crd"},
		{"apply", "--server-side", "-k", "config/rbac"},
		{"wait", "--for=condition=Established", "--timeout=30s", "-f", "config/crd/bases"},
	} {
		if _, err := l.kubectl(ctx, "", arguments...); err != nil {
			return err
		}
	}
	_, err := l.client.CoreV1().Secrets(operatorNamespace).Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "contoso-client"},
		StringData: map[string]string{"clientSecret": l.simulator.clientSecret},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("creating the Secret contoso-client: %w", err)
	}
	return nil
}

// kubectl runs the real kubectl as administrator and returns its output; its error holds what it said.
func (l *lab) kubectl(ctx context.Context, input string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, filepath.Join(l.assets, "kubectl"), arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+l.cluster.Kubeconfig)
	command.Stdin = strings.NewReader(input)
	var output, said bytes.Buffer
	command.Stdout, command.Stderr = &output, &said
	if err := command.Run(); err != nil {
		return output.String(), fmt.Errorf("kubectl %s: %w\n%s", strings.Join(arguments, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return output.String(), nil
}
