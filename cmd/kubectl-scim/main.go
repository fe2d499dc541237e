// Command kubectl-scim is the kubectl plugin: with it on the PATH, `kubectl scim` checks mappings and shows what they would do.
// It owns streams, signals and the exit status, and never a command.
// Run by people and by CI.
// Calls internal/cli, and picks internal/entra/graph as its way to Entra.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/cli"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
)

func main() {
	os.Exit(run())
}

// run returns the exit status, so that its deferred calls come before the exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return cli.ExitFailed
	}
	command := cli.NewCommand(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
		Connector: connector,
	})
	return cli.Run(ctx, command, os.Stderr)
}
