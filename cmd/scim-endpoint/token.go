package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
)

func tokenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print a new token, for the client, and its hash, for --token-hashes",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			token := auth.NewToken()
			_, err := fmt.Fprintf(command.OutOrStdout(), "token: %s\nhash:  %s\n", token, auth.HashOf(token))
			return err
		},
	}
}
