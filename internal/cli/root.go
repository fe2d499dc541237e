package cli

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/flags"
)

// Options are what the plugin is given by main, and by tests.
type Options struct {
	genericiooptions.IOStreams
	// Connector opens a directory in Entra.
	Connector entra.Connector
}

// plugin is what the commands share.
type plugin struct {
	Options
	kube *genericclioptions.ConfigFlags
}

const longHelp = `Attribute mappings of Microsoft Entra ID as manifests: check them, see what they would do, take over what is there.

plan, export and eval --user ask Microsoft Graph as yourself: with the environment variables of the Azure SDK
(AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate) where they are set, else as who is logged in to the
Azure CLI. None of them writes anything, and none uses the operator's credentials.

Exit status: 0 it ran, 1 it ran and what it looked at is at fault, 2 it could not run.`

// NewCommand is the whole plugin.
func NewCommand(o Options) *cobra.Command {
	p := &plugin{Options: o, kube: genericclioptions.NewConfigFlags(true)}
	// kubectl's own --user names a user of the kubeconfig; here it names a person.
	p.kube.AuthInfoName = nil
	root := &cobra.Command{
		Use:           "kubectl-scim",
		Short:         "Attribute mappings of Microsoft Entra ID as manifests",
		Long:          longHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl scim"},
	}
	root.SetIn(o.In)
	root.SetOut(o.Out)
	root.SetErr(o.ErrOut)
	root.SetFlagErrorFunc(flags.Explain)
	p.kube.AddFlags(root.PersistentFlags())
	root.AddCommand(evalCommand(p), exportCommand(p), lintCommand(p), planCommand(p), versionCommand(p))
	return root
}
