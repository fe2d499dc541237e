package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

const managerManifest = "config/manager/manager.yaml"

// An operator is the running manager.
type operator struct {
	command   process.Command
	healthURL string
	child     *process.Child
	stopping  *atomic.Bool // of that child
	crashed   chan error   // gets one error when a process ends unasked
}

// startOperator runs the manager with the arguments of its Deployment and the rights of its ServiceAccount.
func (l *lab) startOperator(ctx context.Context) error {
	kubeconfig, err := l.operatorKubeconfig(ctx)
	if err != nil {
		return err
	}
	arguments, err := managerArguments()
	if err != nil {
		return err
	}
	addresses, err := process.FreeAddresses(2)
	if err != nil {
		return err
	}
	health, metrics := addresses[0], addresses[1]
	// The last one of a flag counts.
	arguments = append(arguments, "--health-probe-bind-address="+health, "--metrics-bind-address="+metrics)
	l.operator = &operator{
		command: process.Command{
			Path: filepath.Join(l.binaries, "manager"),
			Args: arguments,
			Environment: append(l.proxyEnvironment(),
				"KUBECONFIG="+kubeconfig, "POD_NAMESPACE="+operatorNamespace, "SSL_CERT_FILE="+l.simulator.caFile, "HOME="+l.directory),
			Log: filepath.Join(l.logs(), "manager.log"),
		},
		healthURL: "http://" + health,
		crashed:   make(chan error, 1),
	}
	l.onStop(func() { l.operator.stop() })
	return l.operator.start(ctx)
}

// managerArguments reads the Deployment, so that the lab runs what an installation runs.
func managerArguments() ([]string, error) {
	content, err := os.ReadFile(managerManifest)
	if err != nil {
		return nil, err
	}
	var deployment appsv1.Deployment
	if err := yaml.UnmarshalStrict(content, &deployment); err != nil {
		return nil, fmt.Errorf("reading %s: %w", managerManifest, err)
	}
	var arguments []string
	for _, argument := range deployment.Spec.Template.Spec.Containers[0].Args {
		arguments = append(arguments, strings.ReplaceAll(argument, "$(POD_NAMESPACE)", operatorNamespace))
	}
	return arguments, nil
}

// operatorKubeconfig holds a token of the operator's own ServiceAccount and no other right.
func (l *lab) operatorKubeconfig(ctx context.Context) (string, error) {
	token, err := l.client.CoreV1().ServiceAccounts(operatorNamespace).CreateToken(ctx, operatorAccount, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64((24 * time.Hour).Seconds()))},
	}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("asking for a token of the operator's ServiceAccount: %w", err)
	}
	path := filepath.Join(l.directory, "manager.kubeconfig")
	err = clientcmd.WriteToFile(api.Config{
		Clusters: map[string]*api.Cluster{"lab": {
			Server: l.cluster.Config.Host, CertificateAuthorityData: l.cluster.Authority.CertificatePEM(),
		}},
		AuthInfos:      map[string]*api.AuthInfo{"manager": {Token: token.Status.Token}},
		Contexts:       map[string]*api.Context{"lab": {Cluster: "lab", AuthInfo: "manager", Namespace: operatorNamespace}},
		CurrentContext: "lab",
	}, path)
	if err != nil {
		return "", fmt.Errorf("writing the operator's kubeconfig: %w", err)
	}
	return path, nil
}

// start starts the process and waits until it reports ready.
func (o *operator) start(ctx context.Context) error {
	child, err := process.Start(o.command)
	if err != nil {
		return err
	}
	stopping := &atomic.Bool{}
	o.child, o.stopping = child, stopping
	go func() {
		<-child.Done()
		if stopping.Load() {
			return
		}
		code, _ := child.Exit()
		select {
		case o.crashed <- fmt.Errorf("the operator ended with code %d:\n%s", code, tail(o.command.Log)):
		default:
		}
	}()
	return poll(ctx, time.Minute, func() error {
		select {
		case <-child.Done():
			return terminal{fmt.Errorf("it ended:\n%s", tail(o.command.Log))}
		default:
			return answers(ctx, o.healthURL+"/readyz")
		}
	})
}

// stop ends the process as a kubelet would.
func (o *operator) stop() {
	if o.child != nil {
		o.stopping.Store(true)
		o.child.Stop(10 * time.Second)
	}
}

// restart is a rollout of the operator: the old process ends before the new one starts.
func (o *operator) restart(ctx context.Context) error {
	o.stop()
	return o.start(ctx)
}

// tail returns the end of a log, to be shown as a reason.
func tail(path string) string {
	const lines = 20
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
