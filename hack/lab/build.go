package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// build builds what runs: the product's binaries into bin/, and the control plane, which is cached.
func (l *lab) build(ctx context.Context) error {
	if _, err := os.Stat("hack/controlplane/go.mod"); err != nil {
		return errors.New("run the lab in the root of a checkout: go run ./hack/lab")
	}
	binaries, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	l.binaries = binaries
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return l.buildProduct(ctx) })
	group.Go(func() error {
		l.assets, err = l.buildControlPlane(ctx)
		return err
	})
	return group.Wait()
}

// buildProduct builds with the flags of `make build`, so that one compile cache serves both.
func (l *lab) buildProduct(ctx context.Context) error {
	done := make(chan struct{})
	defer close(done)
	go l.stillBuilding(done)
	for _, arguments := range [][]string{
		{"-o", filepath.Join(l.binaries, "manager"), "."},
		{"-o", l.binaries + string(filepath.Separator), "./cmd/scim-endpoint", "./cmd/entra-sim"},
	} {
		command := goCommand(ctx, append([]string{"build", "-ldflags", "-s -w"}, arguments...)...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
		var said bytes.Buffer
		command.Stdout, command.Stderr = &said, &said
		if err := command.Run(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(said.Bytes()))
		}
	}
	return nil
}

// stillBuilding says every ten seconds that the build goes on: compiling the Graph SDK takes minutes the first time.
func (l *lab) stillBuilding(done <-chan struct{}) {
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			l.say("still building the product; the first time the Graph SDK alone takes minutes")
		}
	}
}

// buildControlPlane returns the directory of etcd, kube-apiserver, kube-controller-manager and kubectl.
func (l *lab) buildControlPlane(ctx context.Context) (string, error) {
	command := goCommand(ctx, "-C", "hack/controlplane", "run", ".")
	command.Stderr = l.progress
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("hack/controlplane: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1], nil
}

// goCommand ends with the context in a way that lets the go command clean up after itself.
func goCommand(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	return command
}
