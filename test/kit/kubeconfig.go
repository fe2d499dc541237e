package kit

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Kubectl is the kubectl of the same build as the API server.
func (c *Cluster) Kubectl(t testing.TB) string {
	t.Helper()
	path := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("there is no kubectl beside the API server: %v", err)
	}
	return path
}

// Kubeconfig writes a file that connects as an administrator.
func (c *Cluster) Kubeconfig(t testing.TB) string {
	t.Helper()
	return writeKubeconfig(t, c.Config, rest.ImpersonationConfig{})
}

func writeKubeconfig(t testing.TB, config *rest.Config, as rest.ImpersonationConfig) string {
	t.Helper()
	const name = "test"
	out := clientcmdapi.Config{
		CurrentContext: name,
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData,
			Impersonate: as.UserName, ImpersonateGroups: as.Groups,
		}},
		Contexts: map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(out, path); err != nil {
		t.Fatal(err)
	}
	return path
}
