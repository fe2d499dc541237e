package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/cli/export"
	"github.com/scim-operator/scim-operator/internal/entra"
)

// exportOptions are the flags of export.
type exportOptions struct {
	*plugin
	directoryFlags
	servicePrincipal string
	name             string
}

const exportHelp = `Write manifests of what an application has in Entra now: a ScimApp that takes it up (creationPolicy: AdoptOnly), and an
AttributeMapping for each object type whose mapping is not Entra's default. Applied as they are they change nothing but the
operator's mark on the application; kubectl scim plan -f shows that. What cannot be written as a manifest is a comment in
it, and a warning on the error stream.

It asks Entra as yourself, needs Application.Read.All and Synchronization.ReadWrite.All (Entra shows the provisioning
settings to nobody else), and writes nothing there. The token of the SCIM server cannot be read: you have it.

Exit status: 0 the manifests are all of it, 1 applying them would change something, as the warnings say, 2 it could not run.`

const exportExample = `  # an application of the directory of EntraTenant contoso
  kubectl scim export --tenant contoso --service-principal 5a3c8b9e-... -n docs > wiki.yaml
  kubectl scim plan -f wiki.yaml

  # without a cluster
  kubectl scim export --tenant contoso --tenant-id 6babcaad-... --service-principal 5a3c8b9e-... -n docs`

func exportCommand(p *plugin) *cobra.Command {
	o := &exportOptions{plugin: p}
	cmd := &cobra.Command{
		Use:     "export --tenant NAME --service-principal ID",
		Short:   "Write manifests of what an application has in Entra now",
		Long:    exportHelp,
		Example: exportExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.add(cmd.Flags())
	cmd.Flags().StringVar(&o.servicePrincipal, "service-principal", "", "object ID of the enterprise application")
	cmd.Flags().StringVar(&o.name, "name", "", "name of the ScimApp (default: made of the application's name)")
	_ = cmd.MarkFlagRequired("service-principal") // it exists
	return cmd
}

func (o *exportOptions) run(ctx context.Context) error {
	if o.tenantName == "" {
		return errors.New("--tenant is needed: the ScimApp names its EntraTenant; with --tenant-id it need not exist yet")
	}
	namespace, err := o.namespace()
	if err != nil {
		return err
	}
	d, err := o.directory(ctx, &o.directoryFlags)
	if err != nil {
		return err
	}
	source, err := o.read(ctx, d)
	if err != nil {
		return err
	}
	source.Namespace = namespace
	manifests, err := export.New(source)
	if err != nil {
		return err
	}
	if err := export.Write(o.Out, manifests); err != nil {
		return err
	}
	differs := false
	for _, note := range manifests.Notes {
		if note.Differs {
			differs = true
			fmt.Fprintln(o.ErrOut, "warning:", note.Message)
		}
	}
	if differs {
		return errFound
	}
	return nil
}

// read asks Entra for all that is exported.
func (o *exportOptions) read(ctx context.Context, d entra.Directory) (export.Source, error) {
	found, err := readProvisioned(ctx, d, o.servicePrincipal)
	if err != nil {
		return export.Source{}, err
	}
	source := export.Source{
		Name: o.name, Tenant: o.tenantName,
		ServicePrincipal: found.principal, Application: found.registration, Job: found.job, Live: found.live, Template: found.template,
	}
	if source.Name == "" {
		source.Name = export.AppName(found.principal.DisplayName)
	}
	if source.Secrets, err = d.Secrets(ctx, found.principal.ID); err != nil {
		return source, err
	}
	source.Assignments, err = d.ListAssignments(ctx, found.principal.ID)
	return source, err
}
