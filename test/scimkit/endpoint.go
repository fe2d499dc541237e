package scimkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/scim-operator/scim-operator/hack/lab/process"
	"github.com/scim-operator/scim-operator/internal/scim/auth"
)

// Options say which endpoint is started.
type Options struct {
	// Binary is what Build returned.
	Binary string
	// Folder gets the files of the endpoint and its log.
	Folder string
	// Store is the value of --store.
	Store string
	// Dialect is entra or strict; entra when empty.
	Dialect string
	// Config is the content of the configuration file.
	Config string
	// Environment is added to the environment of this process.
	Environment []string
}

// Endpoint is a scim-endpoint at one address, whose process can end and begin again.
type Endpoint struct {
	// URL is the SCIM base, ManagementURL the management port; neither ends in a slash.
	URL, ManagementURL string
	// Token is accepted with scope write.
	Token string
	// HashesFile may be rewritten with WriteFile; the endpoint re-reads it.
	HashesFile string
	// Log is the file with all that the processes printed.
	Log string

	command process.Command
	child   *process.Child
}

// Start starts an endpoint and returns when it is ready.
func Start(ctx context.Context, o Options) (*Endpoint, error) {
	addresses, err := process.FreeAddresses(2)
	if err != nil {
		return nil, err
	}
	if o.Dialect == "" {
		o.Dialect = "entra"
	}
	// A folder of its own for what the endpoint watches: the log beside it would wake the watch with every line.
	watched := filepath.Join(o.Folder, "watched")
	if err := os.MkdirAll(watched, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for the endpoint's files: %w", err)
	}
	e := &Endpoint{
		URL: "http://" + addresses[0] + "/scim/v2", ManagementURL: "http://" + addresses[1], Token: auth.NewToken(),
		HashesFile: filepath.Join(watched, "hashes"), Log: filepath.Join(o.Folder, "endpoint.log"),
	}
	config := filepath.Join(watched, "config.yaml")
	if err := errors.Join(e.Accept(e.Token), WriteFile(config, o.Config)); err != nil {
		return nil, err
	}
	e.command = process.Command{
		// Nobody has to be told that the endpoint will end: a test sends no new request when it ends one.
		Path: o.Binary, Log: e.Log, Environment: append(append(os.Environ(), "SCIM_ENDPOINT_DRAIN_DELAY=0s"), o.Environment...),
		Args: []string{
			"serve", "--listen=" + addresses[0], "--management-listen=" + addresses[1], "--store=" + o.Store,
			"--token-hashes=" + e.HashesFile, "--config=" + config, "--dialect=" + o.Dialect,
		},
	}
	return e, e.Start(ctx)
}

// Start starts the process again after Kill or Stop, and returns when it is ready.
func (e *Endpoint) Start(ctx context.Context) error {
	child, err := process.Start(e.command)
	if err != nil {
		return err
	}
	e.child = child
	if err := Await(ctx, child.Done(), e.Ready); err != nil {
		e.Kill()
		return fmt.Errorf("starting scim-endpoint: %w\n%s", err, e.Tail())
	}
	return nil
}

// Kill ends the process as nobody can prevent, and returns when it is gone.
func (e *Endpoint) Kill() {
	e.child.Signal(syscall.SIGKILL)
	<-e.child.Done()
}

// Stop ends the process as a kubelet does, and returns when it is gone.
func (e *Endpoint) Stop() {
	e.child.Signal(syscall.SIGTERM)
	<-e.child.Done()
}

// PID is that of the running process.
func (e *Endpoint) PID() int { return e.child.PID() }

// Accept makes these tokens the accepted ones, each with scope write.
func (e *Endpoint) Accept(tokens ...string) error {
	var lines strings.Builder
	for i, token := range tokens {
		fmt.Fprintf(&lines, "%s scope=write id=token-%d\n", auth.HashOf(token), i)
	}
	return WriteFile(e.HashesFile, lines.String())
}

// Tail returns the end of the log.
func (e *Endpoint) Tail() string {
	const most = 4000
	content, err := os.ReadFile(e.Log)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-most):])
}

// WriteFile writes a file as a kubelet does: complete at once, by renaming.
func WriteFile(path, content string) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
