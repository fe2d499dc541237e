package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scim-operator/scim-operator/internal/flags"
)

// envPrefix begins the name of every environment variable that stands in for a flag.
const envPrefix = "SCIM_ENDPOINT_"

// envName is the variable of a flag: drain-delay is SCIM_ENDPOINT_DRAIN_DELAY.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets the flags of a command that were not given from the environment; an empty variable counts as
// none. Other variables with the prefix are left alone: Kubernetes makes some for a Service of that name. The errors
// never repeat a value, which may be a secret.
func fromEnvironment(command *cobra.Command) error {
	var wrong error
	command.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(envName(f.Name))
		if f.Changed || value == "" || f.Name == "help" || wrong != nil {
			return
		}
		if command.Flags().Set(f.Name, value) != nil {
			wrong = fmt.Errorf("%s is no value for --%s: write %s", envName(f.Name), f.Name, flags.Expected(f))
		}
	})
	return wrong
}

// describeEnvironment names each flag's variable in the help.
func describeEnvironment(command *cobra.Command) {
	command.Flags().VisitAll(func(f *pflag.Flag) { f.Usage += " [" + envName(f.Name) + "]" })
	for _, child := range command.Commands() {
		describeEnvironment(child)
	}
}
