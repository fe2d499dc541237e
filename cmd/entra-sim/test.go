package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/scimcheck"
)

// testOptions are the flags of test.
type testOptions struct {
	tokenFile string
	directory string
	keep      bool
	junit     string
	json      string
}

func testCommand() *cobra.Command {
	o := &testOptions{}
	cmd := &cobra.Command{
		Use:   "test URL",
		Short: "Provision people to the SCIM server at URL as Entra would, and say what it got wrong",
		Long: "Provision people to the SCIM server at URL as Entra would, and say what it got wrong.\n\n" +
			"People and groups are created, changed, disabled and deleted there: take a server whose people nobody needs.\n" +
			"The exit code is 0 when every step passed, and 1 otherwise.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.tokenFile, "token-file", "", "file with the bearer token")
	f.StringVar(&o.directory, "directory", "", "YAML file with the people and groups (default: twelve people who are made up)")
	f.BoolVar(&o.keep, "keep", false, "leave what was made in the server, rather than delete it")
	f.StringVar(&o.junit, "junit", "", "file to write the report to as JUnit's XML")
	f.StringVar(&o.json, "json", "", "file to write the report to as JSON")
	if err := cmd.MarkFlagRequired("token-file"); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

func (o *testOptions) run(cmd *cobra.Command, address string) error {
	token, err := os.ReadFile(o.tokenFile)
	if err != nil {
		return fmt.Errorf("reading the token (--token-file): %w", err)
	}
	var people *directory.Directory
	if o.directory != "" {
		people, err = directory.Load(o.directory)
	} else {
		people, err = directory.Generate(12, 1)
	}
	if err != nil {
		return err
	}
	report, err := scimcheck.Run(cmd.Context(), scimcheck.Options{BaseAddress: address, Token: strings.TrimSpace(string(token)),
		Directory: people, Keep: o.keep})
	if err != nil {
		return err
	}
	report.Write(cmd.OutOrStdout())
	if err := errors.Join(toFile(o.junit, report.WriteJUnit), toFile(o.json, report.WriteJSON)); err != nil {
		return err
	}
	if failed := len(report.Results) - report.Count(scimcheck.Passed); failed > 0 {
		return fmt.Errorf("%d of %d steps did not pass", failed, len(report.Results))
	}
	return nil
}

// toFile lets write print into the file of that name; no name, no file.
func toFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
