package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/version"
)

func versionCommand(p *plugin) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the plugin",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.Out, version.String())
			return err
		},
	}
}
