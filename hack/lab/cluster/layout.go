package cluster

import (
	"fmt"
	"path/filepath"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/scim-operator/scim-operator/hack/lab/pki"
)

// layout is where the files and ports of one control plane are.
type layout struct {
	directory, logs, certs, kubeconfig, auditLog string

	// host:port of etcd for clients and for peers, of the API server and of the controller manager.
	etcd, etcdPeer, api, manager string

	authority *pki.Authority
	audited   bool
}

func (l *layout) file(name string) string { return filepath.Join(l.certs, name) }

func (l *layout) auditPolicy() string { return filepath.Join(l.directory, "audit-policy.json") }

// controllers are those that something in the lab needs. Those that watch over nodes stay out: the agent renews no Lease, and they would
// evict its pods.
var controllers = []string{
	"clusterrole-aggregation-controller",
	"cronjob-controller",
	"daemonset-controller",
	"deployment-controller",
	"disruption-controller",
	"endpointslice-controller",
	"garbage-collector-controller",
	"job-controller",
	"namespace-controller",
	"persistentvolume-binder-controller",
	"persistentvolume-protection-controller",
	"persistentvolumeclaim-protection-controller",
	"replicaset-controller",
	"resourcequota-controller",
	"root-ca-certificate-publisher-controller",
	"serviceaccount-controller",
	"statefulset-controller",
}

// arguments returns a program's command line.
func (l *layout) arguments(program string) []string {
	switch program {
	case "etcd":
		return l.etcdArguments()
	case "kube-apiserver":
		return l.apiServerArguments()
	default:
		return l.controllerManagerArguments()
	}
}

// etcdArguments trade durability for speed: the state lives as long as the lab.
func (l *layout) etcdArguments() []string {
	client, peer := "http://"+l.etcd, "http://"+l.etcdPeer
	return []string{
		"--data-dir=" + filepath.Join(l.directory, "etcd"),
		"--unsafe-no-fsync",
		"--log-level=warn",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
	}
}

func (l *layout) apiServerArguments() []string {
	arguments := []string{
		"--etcd-servers=http://" + l.etcd,
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port(l.api),
		// The API server refuses loopback addresses in endpoints, its own included.
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=RBAC",
		"--client-ca-file=" + l.file("ca.crt"),
		"--tls-cert-file=" + l.file("apiserver.crt"), "--tls-private-key-file=" + l.file("apiserver.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + l.file("service-account.crt"),
		"--service-account-signing-key-file=" + l.file("service-account.key"),
		"--kubelet-certificate-authority=" + l.file("ca.crt"),
		"--kubelet-client-certificate=" + l.file("kubelet-client.crt"), "--kubelet-client-key=" + l.file("kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
	}
	if l.audited {
		arguments = append(arguments, "--audit-policy-file="+l.auditPolicy(), "--audit-log-path="+l.auditLog)
	}
	return arguments
}

func (l *layout) controllerManagerArguments() []string {
	return []string{
		"--kubeconfig=" + l.kubeconfig,
		"--leader-elect=false",
		"--bind-address=127.0.0.1", "--secure-port=" + port(l.manager),
		"--root-ca-file=" + l.file("ca.crt"),
		"--service-account-private-key-file=" + l.file("service-account.key"),
		"--controllers=" + strings.Join(controllers, ","),
	}
}

// port is the port of an address that was made here.
func port(address string) string {
	_, port, _ := strings.Cut(address, ":")
	return port
}

func (l *layout) writeKubeconfig() error {
	config := api.Config{
		Clusters: map[string]*api.Cluster{"lab": {
			Server:               "https://" + l.api,
			CertificateAuthority: l.file("ca.crt"),
		}},
		AuthInfos:      map[string]*api.AuthInfo{"admin": {ClientCertificate: l.file("admin.crt"), ClientKey: l.file("admin.key")}},
		Contexts:       map[string]*api.Context{"lab": {Cluster: "lab", AuthInfo: "admin"}},
		CurrentContext: "lab",
	}
	if err := clientcmd.WriteToFile(config, l.kubeconfig); err != nil {
		return fmt.Errorf("writing the administrator's kubeconfig: %w", err)
	}
	return nil
}

// clientConfig lifts client-go's rate limit: the lab is the only client that matters to this API server.
func (l *layout) clientConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", l.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading the administrator's kubeconfig: %w", err)
	}
	config.QPS = -1
	return config, nil
}
