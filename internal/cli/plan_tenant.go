package cli

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/tenant"
)

// home says where the directory of an EntraTenant is, and gives the EntraTenant; nil where the flags name the directory and
// no EntraTenant was read.
func (o *planOptions) home(ctx context.Context, read objects, name string) (entra.Connection, *v1alpha1.EntraTenant, error) {
	connection, given, err := o.connection()
	if err != nil {
		return connection, nil, err
	}
	t := &v1alpha1.EntraTenant{}
	switch err := read.get(ctx, "EntraTenant", "", name, t); {
	case err != nil && given:
		return connection, nil, nil
	case err != nil:
		return connection, nil, fmt.Errorf("%w; or name the directory with --tenant-id", err)
	case given:
		return connection, t, nil
	}
	if _, ofFiles := read.inFiles("EntraTenant", "", name); ofFiles && isCustom(t.Spec) {
		connection, err = o.trusted(ctx, t)
		return connection, t, err
	}
	return tenant.Directory(t.Spec), t, nil
}

func isCustom(spec v1alpha1.EntraTenantSpec) bool {
	return spec.Cloud == v1alpha1.CloudCustom || spec.Custom != nil
}

// trusted is where the cluster's EntraTenant of that name leads. The caller's credentials go to the addresses of a
// connection, and whoever writes a pull request writes the files: what they say of addresses is not followed.
func (o *planOptions) trusted(ctx context.Context, ofFiles *v1alpha1.EntraTenant) (entra.Connection, error) {
	t, err := o.tenant(ctx, ofFiles.Name)
	if err == nil {
		return tenant.Directory(t.Spec), nil
	}
	said := tenant.Directory(ofFiles.Spec)
	return entra.Connection{}, fmt.Errorf("EntraTenant %s of the files is of cloud Custom, with graphURL %q and authorityURL %q, and your own credentials are not sent where a file says; "+
		"the cluster's EntraTenant of that name was not read (%w); apply it there, or give --tenant-id, --cloud Custom, --graph-url and --authority-url (and --ca-file)",
		ofFiles.Name, said.GraphURL, said.AuthorityURL, err)
}
