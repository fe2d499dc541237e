package flags

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scim-operator/scim-operator/internal/nearest"
)

// Explain is for cobra's SetFlagErrorFunc: it says what a wrong value should be, suggests the flag that may have been meant, or
// names the command's help.
func Explain(command *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s %q: write %s", wrong.GetFlag().Name, wrong.GetValue(), Expected(wrong.GetFlag()))
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var known []string
	command.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if name, near := nearest.Name(unknown.GetSpecifiedName(), known); near {
		return fmt.Errorf("%w: did you mean --%s?", err, name)
	}
	return fmt.Errorf("%w: `%s --help` lists those that there are", err, command.CommandPath())
}
