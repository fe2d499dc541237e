package flags

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestAFlagThatIsNotKnownIsExplained(t *testing.T) {
	for arg, want := range map[string]string{
		"--stor=x":      "unknown flag: --stor: did you mean --store?",
		"--Store":       "unknown flag: --Store: did you mean --store?",
		"--verbosity":   "unknown flag: --verbosity: `endpoint serve --help` lists those that there are",
		"-x":            "unknown shorthand flag: 'x' in -x: `endpoint serve --help` lists those that there are",
		"--count=many":  `invalid argument "many" for "--count" flag: strconv.ParseInt: parsing "many": invalid syntax`,
		"--config-file": "unknown flag: --config-file: `endpoint serve --help` lists those that there are",
	} {
		root := &cobra.Command{Use: "endpoint", SilenceUsage: true, SilenceErrors: true}
		root.SetFlagErrorFunc(Explain)
		root.PersistentFlags().String("config", "", "")
		serve := &cobra.Command{Use: "serve", Run: func(*cobra.Command, []string) {}}
		serve.Flags().String("store", "", "")
		serve.Flags().Int("count", 0, "")
		root.AddCommand(serve)
		root.SetArgs([]string{"serve", arg})
		if err := root.ExecuteContext(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", arg, err, want)
		}
	}
}
