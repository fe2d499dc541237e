package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func main() {
	// The lab's own clients have nothing to log; without a logger they would complain, with a stack trace.
	log.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var options options
	c := &cobra.Command{
		Use:           "lab",
		Short:         "Run a control plane, a simulated Entra tenant and the operator on this machine, and tell the story of one manifest",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			options.out, options.progress = c.OutOrStdout(), c.ErrOrStderr()
			return run(c.Context(), options)
		},
	}
	c.Flags().BoolVar(&options.once, "once", false, "tell the whole story unattended, check each step and exit; without it the lab stays until Ctrl-C")
	c.Flags().StringVar(&options.directory, "directory", "", "where state and logs go; kept afterwards (default: a temporary directory, removed unless the story fails)")
	return c
}
