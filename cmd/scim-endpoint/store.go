package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/transfer"
)

// storeCommand makes a command that works on a store and then exits. existing refuses a SQLite file that is not there,
// which would be made.
func storeCommand(existing bool, command *cobra.Command, work func(*cobra.Command, []string, store.Store) error) *cobra.Command {
	address := storeFlag(command)
	command.RunE = func(command *cobra.Command, args []string) (err error) {
		open := endpoint.OpenStore
		if existing {
			open = endpoint.OpenExistingStore
		}
		s, err := open(command.Context(), *address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		return work(command, args, s)
	}
	return command
}

func storeFlag(command *cobra.Command) *string {
	return command.Flags().String("store", "", "where resources are kept: sqlite:///absolute/path/to/scim.db or "+
		"postgres://user:password@host/database; give a password by environment, so that no list of processes shows it")
}

func migrateCommand() *cobra.Command {
	return storeCommand(false, &cobra.Command{
		Use:   "migrate",
		Short: "Bring the store's schema up to date and exit; serve does so too",
		Args:  cobra.NoArgs,
	}, func(command *cobra.Command, _ []string, s store.Store) error {
		id, err := identity(command.Context(), s)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(command.OutOrStdout(), "store %s is up to date\n", id.StoreID)
		return err
	})
}

func identity(ctx context.Context, s store.Store) (store.Identity, error) {
	if err := s.Ready(ctx); err != nil {
		return store.Identity{}, err
	}
	return s.Identity(ctx)
}

func exportCommand() *cobra.Command {
	return storeCommand(true, &cobra.Command{
		Use:   "export",
		Short: "Write the whole store to standard output, as JSON lines; an endpoint may serve it meanwhile",
		Args:  cobra.NoArgs,
	}, func(command *cobra.Command, _ []string, s store.Store) error {
		counts, err := transfer.Export(command.Context(), s, command.OutOrStdout())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(command.ErrOrStderr(), "exported %d users and %d groups\n", counts.Users, counts.Groups)
		return err
	})
}

func importCommand() *cobra.Command {
	return storeCommand(false, &cobra.Command{
		Use:   "import",
		Short: "Fill an empty store from standard input, which export wrote; no endpoint may serve it meanwhile",
		Args:  cobra.NoArgs,
	}, func(command *cobra.Command, _ []string, s store.Store) error {
		counts, err := transfer.Import(command.Context(), s, command.InOrStdin())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(command.ErrOrStderr(), "imported %d users and %d groups\n", counts.Users, counts.Groups)
		return err
	})
}

func eraseCommand() *cobra.Command {
	return storeCommand(true, &cobra.Command{
		Use:   "erase ID",
		Short: "Remove a user or group and every value of it that is kept elsewhere; an endpoint may serve the store meanwhile",
		Args:  cobra.ExactArgs(1),
	}, func(command *cobra.Command, args []string, s store.Store) error {
		err := s.Erase(command.Context(), args[0], store.Mutation{
			Operation: store.Delete, At: time.Now().UTC(), Change: store.Change{Event: store.EventDelete, Actor: "erase"},
		})
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("no user or group has or had the id %s: look it up with a filter on userName or externalId", args[0])
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(command.OutOrStdout(), "erased %s\n", args[0])
		return err
	})
}
