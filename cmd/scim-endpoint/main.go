// Command scim-endpoint is a SCIM 2.0 server for Microsoft Entra ID and everybody else.
// It owns flags, environment, signals and exit codes, and never the protocol.
// Run by the operator as the default workload behind a ScimApp, or alone.
// Calls internal/scim/endpoint, internal/scim/transfer and internal/scim/auth.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/flags"
)

func main() {
	os.Exit(run())
}

// run returns the exit code, so that its deferred calls come before the exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	collectSeldom()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}

// collectSeldom lets the heap grow to five times what is in use. So little is in use that the usual twofold would have the
// garbage collector take a tenth of the processor under load. GOGC in the environment wins.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "scim-endpoint",
		Short: "A SCIM 2.0 server that Microsoft Entra ID provisions users and groups into",
		Long: "A SCIM 2.0 server that Microsoft Entra ID provisions users and groups into.\n\n" +
			"Every flag can also be given by the environment variable that its description ends with; the flag wins.",
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(command *cobra.Command, _ []string) error { return fromEnvironment(command) },
	}
	root.AddCommand(serveCommand(), tokenCommand(), migrateCommand(), exportCommand(), importCommand(), eraseCommand(), outboxCommand(), versionCommand())
	describeEnvironment(root)
	root.SetFlagErrorFunc(flags.Explain)
	return root
}
