package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// adminFlag names the running simulator that a command talks to.
func adminFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("admin", "127.0.0.1:8444", "address of the admin API of the running simulator")
}

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the state of a running simulator to standard output, secrets included; --state reads it",
		Args:  cobra.NoArgs,
	}
	admin := adminFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return ask(cmd.Context(), http.MethodGet, "http://"+*admin+"/sim/export", nil, cmd.OutOrStdout())
	}
	return cmd
}

func importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Replace the state of a running simulator by that on standard input, which export wrote",
		Args:  cobra.NoArgs,
	}
	admin := adminFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return ask(cmd.Context(), http.MethodPost, "http://"+*admin+"/sim/import", cmd.InOrStdin(), cmd.OutOrStdout())
	}
	return cmd
}

// ask makes a request to the admin API and copies the answer.
func ask(ctx context.Context, method, address string, body io.Reader, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return fmt.Errorf("asking the simulator (--admin): %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the simulator (--admin): %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		text, _ := io.ReadAll(response.Body) // what came of it is said as far as it goes
		return fmt.Errorf("the simulator refuses it: %s", strings.TrimSpace(string(text)))
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("copying the state: %w", err)
	}
	return nil
}
