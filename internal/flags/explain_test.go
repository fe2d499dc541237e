package flags

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestAFlagOrValueThatIsNotUnderstoodIsExplained(t *testing.T) {
	for arg, want := range map[string]string{
		"--stor=x":      "unknown flag: --stor: did you mean --store?",
		"--Store":       "unknown flag: --Store: did you mean --store?",
		"--verbosity":   "unknown flag: --verbosity: `endpoint serve --help` lists those that there are",
		"-x":            "unknown shorthand flag: 'x' in -x: `endpoint serve --help` lists those that there are",
		"--count=many":  `--count "many": write a whole number`,
		"--wait=5":      `--wait "5": write a time span with its unit, such as 5s or 1m30s`,
		"--force=maybe": `--force "maybe": write true or false`,
		"--level=high":  `--level "high": write a number`,
		"--from=here":   `--from "here": write a value of type ip`,
		"--wait":        "flag needs an argument: --wait",
		"--config-file": "unknown flag: --config-file: `endpoint serve --help` lists those that there are",
	} {
		root := &cobra.Command{Use: "endpoint", SilenceUsage: true, SilenceErrors: true}
		root.SetFlagErrorFunc(Explain)
		root.PersistentFlags().String("config", "", "")
		serve := &cobra.Command{Use: "serve", Run: func(*cobra.Command, []string) {}}
		serve.Flags().String("store", "", "")
		serve.Flags().Int("count", 0, "")
		serve.Flags().Duration("wait", 0, "")
		serve.Flags().Bool("force", false, "")
		serve.Flags().IP("from", nil, "")
		serve.Flags().Float64("level", 0, "")
		root.AddCommand(serve)
		root.SetArgs([]string{"serve", arg})
		if err := root.ExecuteContext(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", arg, err, want)
		}
	}
}
