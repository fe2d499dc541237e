package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// unconfirmedCommand lists where the simulator had to choose.
func unconfirmedCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unconfirmed",
		Short: "List the behaviours that no source confirms, and the values of those that serve --switch can change",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tPOINT\tDEFAULT\tOTHERS\tWHAT")
			for _, u := range entrasim.UnconfirmedBehaviours() {
				others := "-"
				if len(u.Values) > 1 {
					others = strings.Join(u.Values[1:], ", ")
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.Name, u.Point, u.Default(), others, u.What)
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("printing the list: %w", err)
			}
			return nil
		},
	}
}
