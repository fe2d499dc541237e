package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/tenant"
)

// directoryFlags say which directory is asked.
type directoryFlags struct {
	tenantName, tenantID, cloud    string
	graphURL, authorityURL, caFile string
}

func (f *directoryFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.tenantName, "tenant", "", "name of the EntraTenant in the cluster whose directory is asked")
	flags.StringVar(&f.tenantID, "tenant-id", "", "ID of the directory, to ask it without a cluster")
	flags.StringVar(&f.cloud, "cloud", "", "with --tenant-id: Public (default), USGovernment, USGovernmentDoD, China or Custom")
	flags.StringVar(&f.graphURL, "graph-url", "", "with --cloud Custom: root of Microsoft Graph, such as the simulator's")
	flags.StringVar(&f.authorityURL, "authority-url", "", "with --cloud Custom: root of the token service")
	flags.StringVar(&f.caFile, "ca-file", "", "with --cloud Custom: file with the certificates to trust")
}

// connection is what the flags say; false where they do not name a directory by its ID.
func (f *directoryFlags) connection() (entra.Connection, bool, error) {
	if f.tenantID == "" {
		return entra.Connection{}, false, nil
	}
	c := entra.Connection{TenantID: f.tenantID, Cloud: entra.Cloud(f.cloud), GraphURL: f.graphURL, AuthorityURL: f.authorityURL}
	if f.caFile != "" {
		bundle, err := os.ReadFile(f.caFile)
		if err != nil {
			return c, false, fmt.Errorf("reading --ca-file: %w", err)
		}
		c.CABundle = bundle
	}
	return c, true, nil
}

// directory opens the directory that the flags name, as the caller.
func (p *plugin) directory(ctx context.Context, f *directoryFlags) (entra.Directory, error) {
	c, given, err := f.connection()
	switch {
	case err != nil:
		return nil, err
	case given:
		return p.connect(ctx, c)
	case f.tenantName == "":
		return nil, errors.New("no directory is named; give --tenant with an EntraTenant of the cluster, or --tenant-id")
	}
	t, err := p.tenant(ctx, f.tenantName)
	if err != nil {
		return nil, err
	}
	return p.connect(ctx, tenant.Directory(t.Spec))
}

// connect opens a directory as the caller.
func (p *plugin) connect(ctx context.Context, c entra.Connection) (entra.Directory, error) {
	c.Caller = true
	return p.Connector.Connect(ctx, c)
}

// tenant reads an EntraTenant of the cluster.
func (p *plugin) tenant(ctx context.Context, name string) (*v1alpha1.EntraTenant, error) {
	c, err := p.cluster()
	if err != nil {
		return nil, err
	}
	t := &v1alpha1.EntraTenant{}
	err = c.Get(ctx, client.ObjectKey{Name: name}, t)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("the cluster has no EntraTenant %q; correct the name, or name the directory with --tenant-id", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading EntraTenant %s: %w", name, err)
	}
	return t, nil
}
