// Command scim-endpoint is a SCIM 2.0 server for Microsoft Entra ID and everybody else.
// It owns flags, signals and exit codes, and never the protocol.
// Run by the operator as the default workload behind a ScimApp, or alone.
// Calls internal/scim/endpoint and internal/scim/auth.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run())
}

// run returns the exit code, so that its deferred calls come before the exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "scim-endpoint",
		Short:         "A SCIM 2.0 server that Microsoft Entra ID provisions users and groups into",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), tokenCommand(), versionCommand())
	return root
}
