package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/admission"
	"github.com/scim-operator/scim-operator/internal/cli/lint"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/version"
)

// lintOptions are the flags of lint.
type lintOptions struct {
	*plugin
	files     []string
	recursive bool
	output    string
	failOn    string
}

const lintHelp = `Find everything that is wrong with manifests, offline: what the API server would refuse, in its words; what the
operator would refuse; and what works otherwise than it looks. Objects of other API groups are passed over.

Exit status: 0 no errors, 1 errors (with --fail-on warning: anything at all), 2 the files could not be read.`

const lintExample = `  # before a commit
  kubectl scim lint -f manifests/ -R

  # the output of a template
  kustomize build overlays/production | kubectl scim lint -f -

  # for GitHub's code scanning
  kubectl scim lint -f manifests/ -R -o sarif > lint.sarif`

func lintCommand(p *plugin) *cobra.Command {
	o := &lintOptions{plugin: p}
	cmd := &cobra.Command{
		Use:     "lint -f FILE...",
		Short:   "Find what is wrong with manifests, offline",
		Long:    lintHelp,
		Example: lintExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.files, "filename", "f", nil, "file or directory to check, or - for the input stream; repeatable")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "look into the directories below too")
	f.StringVarP(&o.output, "output", "o", "text", "text, json or sarif")
	f.StringVar(&o.failOn, "fail-on", "error", "the least severity that gives exit status 1: error or warning")
	_ = cmd.MarkFlagRequired("filename") // it exists
	return cmd
}

func (o *lintOptions) run(cmd *cobra.Command) error {
	if o.failOn != string(lint.Error) && o.failOn != string(lint.Warning) {
		return fmt.Errorf("--fail-on %s: it has to be error or warning", o.failOn)
	}
	objects, problems, err := manifest.Read(o.In, o.files, o.recursive)
	if err != nil {
		return err
	}
	validator, err := admission.NewValidator()
	if err != nil {
		return err
	}
	found, checked := lint.Check(cmd.Context(), validator, objects, problems)
	if checked == 0 && len(found) == 0 {
		return errors.New("the files have no object of scim-operator.io, so nothing was checked; name others with -f")
	}
	if err := o.write(found, checked); err != nil {
		return err
	}
	if found.Count(lint.Error) > 0 || o.failOn == string(lint.Warning) && len(found) > 0 {
		return errFound
	}
	return nil
}

func (o *lintOptions) write(found lint.Findings, checked int) error {
	switch o.output {
	case "text":
		lint.WriteText(o.Out, found, checked)
		return nil
	case "json":
		return lint.WriteJSON(o.Out, found, checked)
	case "sarif":
		return lint.WriteSARIF(o.Out, found, version.String())
	default:
		return fmt.Errorf("--output %s: it has to be text, json or sarif", o.output)
	}
}
