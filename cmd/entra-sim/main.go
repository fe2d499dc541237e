// Command entra-sim serves a simulated Entra tenant: Microsoft Graph, the token endpoint and the provisioning engine.
// It never talks to Microsoft.
// It is started by hack/lab, by the e2e suite, and by anybody who wants to test manifests without a tenant.
// It calls internal/entrasim.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/flags"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "entra-sim:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := serveCommand()
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetFlagErrorFunc(flags.Explain)
	root.AddCommand(testCommand(), exportCommand(), importCommand(), unconfirmedCommand())
	return root
}
