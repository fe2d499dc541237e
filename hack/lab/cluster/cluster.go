package cluster

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/scim-operator/scim-operator/hack/lab/pki"
	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// Options say what a control plane is made of.
type Options struct {
	// Binaries holds etcd, kube-apiserver and kube-controller-manager.
	Binaries string
	// Directory takes state, certificates and logs; it must be fresh, and the caller removes it.
	Directory string
	// AuditedUsers are the users whose writes are recorded in the audit log.
	AuditedUsers []string
}

// A Cluster is a running control plane.
type Cluster struct {
	// Authority signs for everybody in this cluster, the node agent's serving certificate included.
	Authority *pki.Authority
	// Kubeconfig is the path of an administrator's kubeconfig; Config is the same for client-go.
	Kubeconfig string
	Config     *rest.Config
	// Logs is the directory of the processes' logs.
	Logs string
	// AuditLog is the path of the audit log, one JSON event a line.
	AuditLog string

	children []*process.Child
}

// Start starts a control plane and returns when it answers. What was started is stopped again on an error.
func Start(ctx context.Context, options Options) (_ *Cluster, err error) {
	layout, err := prepare(options)
	if err != nil {
		return nil, fmt.Errorf("preparing the control plane: %w", err)
	}
	c := &Cluster{
		Authority:  layout.authority,
		Kubeconfig: layout.kubeconfig,
		Logs:       layout.logs,
		AuditLog:   layout.auditLog,
	}
	defer func() {
		if err != nil {
			c.Stop()
		}
	}()
	if c.Config, err = layout.clientConfig(); err != nil {
		return nil, err
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager"} {
		child, err := process.Start(process.Command{
			Path:        filepath.Join(options.Binaries, name),
			Args:        layout.arguments(name),
			Directory:   options.Directory,
			Environment: os.Environ(),
			Log:         filepath.Join(layout.logs, name+".log"),
		})
		if err != nil {
			return nil, err
		}
		c.children = append(c.children, child)
	}
	return c, c.waitReady(ctx)
}

// Stop stops the control plane, in the order opposite to the start.
func (c *Cluster) Stop() {
	for _, child := range slices.Backward(c.children) {
		child.Stop(3 * time.Second)
	}
}

// waitReady waits until the API server reports ready, or one of the processes has ended.
func (c *Cluster) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("the API server is not ready after two minutes"))
	defer cancel()
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		if client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the control plane (logs in %s): %w", c.Logs, context.Cause(ctx))
		case <-c.children[0].Done():
			return fmt.Errorf("etcd ended; see %s", filepath.Join(c.Logs, "etcd.log"))
		case <-c.children[1].Done():
			return fmt.Errorf("kube-apiserver ended; see %s", filepath.Join(c.Logs, "kube-apiserver.log"))
		case <-ticker.C:
		}
	}
}

// prepare makes directories, certificates, keys and files before anything is started.
func prepare(options Options) (*layout, error) {
	l := &layout{
		directory:  options.Directory,
		logs:       filepath.Join(options.Directory, "logs"),
		certs:      filepath.Join(options.Directory, "pki"),
		kubeconfig: filepath.Join(options.Directory, "kubeconfig"),
		auditLog:   filepath.Join(options.Directory, "logs", "audit.log"),
		audited:    len(options.AuditedUsers) > 0,
	}
	for _, directory := range []string{l.logs, l.certs} {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return nil, err
		}
	}
	addresses, err := process.FreeAddresses(4)
	if err != nil {
		return nil, err
	}
	l.etcd, l.etcdPeer, l.api, l.manager = addresses[0], addresses[1], addresses[2], addresses[3]
	if l.audited {
		if err := os.WriteFile(l.auditPolicy(), auditPolicy(options.AuditedUsers), 0o644); err != nil {
			return nil, err
		}
	}
	return l, l.writeCredentials()
}

// writeCredentials makes the authority, what it signs, the key of service account tokens and the administrator's kubeconfig.
func (l *layout) writeCredentials() error {
	authority, err := pki.NewAuthority()
	if err != nil {
		return err
	}
	l.authority = authority
	if err := os.WriteFile(l.file("ca.crt"), authority.CertificatePEM(), 0o644); err != nil {
		return err
	}
	subjects := map[string]pkix.Name{
		"apiserver":       {CommonName: "kube-apiserver"},
		"kubelet-client":  {CommonName: "kube-apiserver-kubelet-client"},
		"service-account": {CommonName: "service-account"},
		"admin":           {CommonName: "admin", Organization: []string{"system:masters"}},
	}
	for name, subject := range subjects {
		if _, err := authority.IssueTo(l.certs, name, subject, "kubernetes.default.svc"); err != nil {
			return err
		}
	}
	return l.writeKubeconfig()
}
