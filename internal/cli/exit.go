package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/spf13/cobra"
)

// The exit statuses of every command.
const (
	// ExitOK: the command ran, and found nothing that it is asked to fail on.
	ExitOK = 0
	// ExitFound: the command ran, and what it looked at is at fault. The findings are its output.
	ExitFound = 1
	// ExitFailed: the command could not do its work. The reason is on the error stream.
	ExitFailed = 2
)

var lineBreaks = regexp.MustCompile(`\s*\n\s*`)

// onOneLine is an error of a library on one line, as all others are.
func onOneLine(err error) string { return lineBreaks.ReplaceAllString(err.Error(), " ") }

// errFound ends a command with ExitFound: everything has been said already.
var errFound = errors.New("errors were found")

// Run executes the command line and gives the exit status. An error is one line on the error stream.
func Run(ctx context.Context, command *cobra.Command, stderr io.Writer) int {
	err := command.ExecuteContext(ctx)
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, errFound):
		return ExitFound
	default:
		fmt.Fprintln(stderr, "error:", onOneLine(err))
		return ExitFailed
	}
}
