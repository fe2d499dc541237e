package cli

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

var update = flag.Bool("update", false, "write the golden files anew")

// execution is what a command line said.
type execution struct {
	status      int
	out, errors string
}

// execute runs the plugin without any way to Entra.
func execute(t *testing.T, in string, args ...string) execution {
	t.Helper()
	var out, errs bytes.Buffer
	command := NewCommand(Options{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(in), Out: &out, ErrOut: &errs}})
	command.SetArgs(args)
	status := Run(t.Context(), command, &errs)
	return execution{status, out.String(), errs.String()}
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", file, d)
	}
}

func TestCommandLinesThatCannotRun(t *testing.T) {
	t.Setenv("KUBECONFIG", "testdata/no-kubeconfig")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"an unknown command":                {[]string{"why"}, `unknown command "why"`},
		"lint without files":                {[]string{"lint"}, `required flag(s) "filename" not set`},
		"lint of a file that is not there":  {[]string{"lint", "-f", "testdata/missing.yaml"}, "no such file"},
		"lint of nothing of ours":           {[]string{"lint", "-f", "-"}, "nothing was checked; name others with -f"},
		"lint of a folder without files":    {[]string{"lint", "-f", "export"}, "add -R to look into the directories below"},
		"lint in an unknown form":           {[]string{"lint", "-f", "testdata/lint/good.yaml", "-o", "xml"}, "it has to be text, json or sarif"},
		"lint with an unknown severity":     {[]string{"lint", "-f", "testdata/lint/good.yaml", "--fail-on", "info"}, "it has to be error or warning"},
		"plan of nothing":                   {[]string{"plan"}, "name either a ScimApp of the cluster or files with -f"},
		"plan of an app and of files":       {[]string{"plan", "wiki", "-f", "testdata/lint/good.yaml"}, "name either a ScimApp of the cluster or files with -f"},
		"plan of mappings without an app":   {[]string{"plan", "-f", "testdata/lint/good.yaml"}, "the files have no ScimApp"},
		"plan in an unknown form":           {[]string{"plan", "wiki", "-o", "sarif"}, "it has to be text or json"},
		"export without an application":     {[]string{"export", "--tenant", "contoso"}, `required flag(s) "service-principal" not set`},
		"export without an EntraTenant":     {[]string{"export", "--service-principal", "x"}, "--tenant is needed"},
		"a file of certificates is missing": {[]string{"export", "--tenant", "contoso", "--tenant-id", "x", "--ca-file", "testdata/missing.pem", "--service-principal", "x"}, "reading --ca-file"},
	} {
		t.Run(name, func(t *testing.T) {
			got := execute(t, "", c.args...)
			if got.status != ExitFailed || !strings.HasPrefix(got.errors, "error: ") || !strings.Contains(got.errors, c.says) {
				t.Errorf("status %d, errors %q; want %d and %q", got.status, got.errors, ExitFailed, c.says)
			}
			if strings.Count(got.errors, "\n") != 1 || got.out != "" {
				t.Errorf("more than one line:\n%s%s", got.out, got.errors)
			}
		})
	}
}

func TestVersionIsOneLine(t *testing.T) {
	if got := execute(t, "", "version"); got.status != ExitOK || strings.Count(got.out, "\n") != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestCompletionIsForKubectl(t *testing.T) {
	if got := execute(t, "", "__complete", "lint", "--out"); got.status != ExitOK || !strings.Contains(got.out, "--output") {
		t.Errorf("got %+v", got)
	}
}

func TestAnErrorIsOneLine(t *testing.T) {
	var stderr strings.Builder
	command := &cobra.Command{SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		return errors.New("no token: server response error:\n Get \"https://login.example.com\": no such host.  Visit us")
	}}
	command.SetArgs(nil)
	want := "error: no token: server response error: Get \"https://login.example.com\": no such host.  Visit us\n"
	if status := Run(t.Context(), command, &stderr); status != ExitFailed || stderr.String() != want {
		t.Errorf("status %d: %q, want %q", status, stderr.String(), want)
	}
}
