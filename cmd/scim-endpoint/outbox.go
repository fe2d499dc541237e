package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// deadLetterPage is how many dead letters are read at once.
const deadLetterPage = 500

// deadLetter is a line of `outbox list`.
type deadLetter struct {
	Sequence  int64       `json:"sequence"`
	Event     store.Event `json:"event"`
	Type      string      `json:"resourceType"`
	ID        string      `json:"id"`
	At        time.Time   `json:"time"`
	Attempts  int         `json:"attempts"`
	DeadAt    time.Time   `json:"deadAt"`
	LastError string      `json:"lastError"`
}

func outboxCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "outbox", Short: "What the app was not told: list it, and send it again",
		// Without these a misspelt command would print the help and count as done.
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: outbox list or outbox replay")
		},
	}
	command.AddCommand(outboxListCommand(), outboxReplayCommand())
	return command
}

func outboxListCommand() *cobra.Command {
	return storeCommand(true, &cobra.Command{
		Use:   "list",
		Short: "Print the dead letters as JSON lines; an endpoint may serve the store meanwhile",
		Args:  cobra.NoArgs,
	}, func(command *cobra.Command, _ []string, s store.Store) error {
		encoder := json.NewEncoder(command.OutOrStdout())
		for after := int64(0); ; {
			page, err := s.DeadLetters(command.Context(), after, deadLetterPage)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, q := range page {
				after = q.Sequence
				err := encoder.Encode(deadLetter{
					Sequence: q.Sequence, Event: q.Event, Type: q.Type, ID: q.ID, At: q.At, Attempts: q.Attempts, DeadAt: q.DeadAt, LastError: q.LastError,
				})
				if err != nil {
					return err
				}
			}
		}
	})
}

func outboxReplayCommand() *cobra.Command {
	return storeCommand(true, &cobra.Command{
		Use:   "replay [SEQUENCE...]",
		Short: "Send dead letters again, those of the sequences or all; the endpoint that serves the store does so",
	}, func(command *cobra.Command, args []string, s store.Store) error {
		sequences := make([]int64, len(args))
		for i, arg := range args {
			var err error
			if sequences[i], err = strconv.ParseInt(arg, 10, 64); err != nil {
				return fmt.Errorf("%q is no sequence: write those that `scim-endpoint outbox list` prints", arg)
			}
		}
		count, err := s.Replay(command.Context(), time.Now(), sequences...)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(command.OutOrStdout(), "%d dead letters wait to be sent again\n", count)
		return err
	})
}
