package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// parsed runs the part of a command that comes before its work, and returns the flags of serve.
func parsed(t *testing.T, args ...string) (map[string]string, error) {
	t.Helper()
	root := newCommand()
	values := map[string]string{}
	serve, _, err := root.Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	serve.RunE = func(command *cobra.Command, _ []string) error {
		for _, name := range []string{"listen", "store", "drain-delay", "feature-gates"} {
			values[name] = command.Flags().Lookup(name).Value.String()
		}
		return nil
	}
	root.SetArgs(append([]string{"serve"}, args...))
	return values, root.ExecuteContext(t.Context())
}

func TestAFlagComesFromTheEnvironmentUnlessItIsGiven(t *testing.T) {
	t.Setenv("SCIM_ENDPOINT_LISTEN", ":1")
	t.Setenv("SCIM_ENDPOINT_STORE", "postgres://scim:Hunter2@db/scim")
	t.Setenv("SCIM_ENDPOINT_DRAIN_DELAY", "7s")
	t.Setenv("SCIM_ENDPOINT_FEATURE_GATES", "EntraTokens=true,Other=false")
	// Kubernetes makes these for a Service that is called scim-endpoint.
	t.Setenv("SCIM_ENDPOINT_PORT", "tcp://10.0.0.1:80")
	t.Setenv("SCIM_ENDPOINT_SERVICE_HOST", "10.0.0.1")
	for name, c := range map[string]struct {
		args []string
		want map[string]string
	}{
		"nothing given": {nil, map[string]string{
			"listen": ":1", "store": "postgres://scim:Hunter2@db/scim", "drain-delay": "7s", "feature-gates": "[EntraTokens=true,Other=false]",
		}},
		"flags win": {[]string{"--listen=:2", "--drain-delay", "1s"}, map[string]string{"listen": ":2", "drain-delay": (time.Second).String()}},
	} {
		got, err := parsed(t, c.args...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for flag, want := range c.want {
			if got[flag] != want {
				t.Errorf("%s: --%s is %q, want %q", name, flag, got[flag], want)
			}
		}
	}
}

func TestAnEmptyVariableIsNone(t *testing.T) {
	t.Setenv("SCIM_ENDPOINT_LISTEN", "")
	if got, err := parsed(t); err != nil || got["listen"] != ":8080" {
		t.Errorf("--listen is %q, %v; want the default", got["listen"], err)
	}
}

func TestAWrongVariableIsNamedAndNotRepeated(t *testing.T) {
	t.Setenv("SCIM_ENDPOINT_DRAIN_DELAY", "Hunter2")
	_, err := parsed(t)
	if err == nil || !strings.Contains(err.Error(), "SCIM_ENDPOINT_DRAIN_DELAY") || !strings.Contains(err.Error(), "--drain-delay: write a time span with its unit") || strings.Contains(err.Error(), "Hunter2") {
		t.Errorf("error %v, want variable, flag and form in it and not the value", err)
	}
	if _, err := parsed(t, "--drain-delay=1s"); err != nil {
		t.Errorf("where the flag is given the variable does not count: %v", err)
	}
}

func TestTheHelpNamesTheVariables(t *testing.T) {
	for _, command := range []string{"serve", "export", "import", "erase", "migrate"} {
		if out, err := execute(t, command, "--help"); err != nil || !strings.Contains(out, "[SCIM_ENDPOINT_STORE]") {
			t.Errorf("%s --help: %v: %s", command, err, out)
		}
	}
}

func TestTheGuideNamesEveryFlagWithItsVariable(t *testing.T) {
	content, err := os.ReadFile("../../docs/guides/scim-endpoint.md")
	if err != nil {
		t.Fatal(err)
	}
	flags := 0
	serveCommand().Flags().VisitAll(func(f *pflag.Flag) {
		flags++
		if row := "| `--" + f.Name + "` | `" + envName(f.Name) + "` |"; !strings.Contains(string(content), row) {
			t.Errorf("the guide lacks the row %s", row)
		}
	})
	if flags == 0 {
		t.Error("serve has no flags")
	}
}
