package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A program is one binary of the control plane.
type program struct {
	name        string
	importPath  string
	linkerFlags string
	environment []string // besides the caller's
}

// programs lists what is built, in the order in which it is. Linker flags and environment are those of the end-to-end cluster,
// so that one compile cache serves both.
func programs(version string) []program {
	minor, _, _ := strings.Cut(strings.TrimPrefix(version, "v1."), ".")
	const component = "-X k8s.io/component-base/version."
	kubernetes := strings.Join([]string{"-s -w", component + "gitVersion=" + version, component + "gitMajor=1", component + "gitMinor=" + minor}, " ")
	return []program{
		{name: "etcd", importPath: "go.etcd.io/etcd/server/v3", linkerFlags: "-s -w", environment: []string{"CGO_ENABLED=0"}},
		{name: "kubectl", importPath: "k8s.io/kubernetes/cmd/kubectl", linkerFlags: kubernetes},
		{name: "kube-apiserver", importPath: "k8s.io/kubernetes/cmd/kube-apiserver", linkerFlags: kubernetes},
		{name: "kube-controller-manager", importPath: "k8s.io/kubernetes/cmd/kube-controller-manager", linkerFlags: kubernetes},
	}
}

// build compiles the program to output, and says every ten seconds that it still does. The go command's own output is shown
// only when it fails: on a fresh machine it is a thousand lines of downloads.
func (p program) build(ctx context.Context, progress io.Writer, output string) error {
	began := time.Now()
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags", p.linkerFlags, "-o", output, p.importPath)
	command.Env = append(os.Environ(), p.environment...)
	// Interrupted, the go command removes its work directory; killed, it leaves hundreds of megabytes behind.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		return fmt.Errorf("building %s: %w", p.name, err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("building %s: %w\n%s", p.name, err, bytes.TrimSpace(said.Bytes()))
			}
			fmt.Fprintf(progress, "controlplane: %s is built (%s)\n", p.name, elapsed(began))
			return nil
		case <-ticker.C:
			fmt.Fprintf(progress, "controlplane: %s is compiling (%s)\n", p.name, elapsed(began))
		}
	}
}

var kubernetesRequirement = regexp.MustCompile(`(?m)^\s*(?:require\s+)?k8s\.io/kubernetes\s+(v1\.\d+\.\d+)\s*$`)

// kubernetesVersion reads from a go.mod which Kubernetes it pins, as "v1.37.2".
func kubernetesVersion(module []byte) (string, error) {
	found := kubernetesRequirement.FindSubmatch(module)
	if found == nil {
		return "", errors.New("go.mod requires no release of k8s.io/kubernetes")
	}
	return string(found[1]), nil
}
