package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// BuildManager builds the operator's binary.
func (c *Cluster) BuildManager(t testing.TB) string { return c.build(t, ".") }

// BuildPlugin builds the kubectl plugin's binary.
func (c *Cluster) BuildPlugin(t testing.TB) string { return c.build(t, "./cmd/kubectl-scim") }

// build uses the flags of `make build`, so that the compile cache serves both.
func (c *Cluster) build(t testing.TB, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	command := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w", "-o", path, source)
	command.Dir = c.root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", source, err, output)
	}
	return path
}

// Process is an operator in a process of its own, in real time.
type Process struct {
	child *process.Child
}

// StartProcess starts the operator's binary in the world. The EntraTenant has to name an address that can be reached.
// An operator in its own process is shown every EntraTenant, so no other world may be there.
func (w *World) StartProcess(t testing.TB, binary string) *Process {
	t.Helper()
	log := filepath.Join(t.TempDir(), "manager.log")
	child, err := process.Start(process.Command{
		Path: binary,
		Args: []string{
			"--operator-namespace=" + w.OperatorNamespace, "--watch-namespaces=" + w.Namespace, "--service-account=" + serviceAccount,
			"--metrics-bind-address=0", "--health-probe-bind-address=0", "--zap-log-level=5", "--zap-encoder=json",
		},
		Environment: append(os.Environ(), "KUBECONFIG="+writeKubeconfig(t, w.cluster.Config, impersonation(w.OperatorNamespace))),
		Log:         log,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{child: child}
	t.Cleanup(func() {
		p.Kill()
		w.cluster.Logs.take(t, log)
	})
	return p
}

// Kill ends the process as nobody can prevent, and returns when it is gone.
func (p *Process) Kill() {
	p.child.Signal(syscall.SIGKILL)
	<-p.child.Done()
}
