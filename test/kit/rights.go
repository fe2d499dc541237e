package kit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// serviceAccount is the operator's name, whose rights are exactly those of config/rbac.
const serviceAccount = "scim-operator-controller-manager"

const (
	managerRole = "scim-operator-manager-role"
	// AppSecretsRole lets the operator read the Secrets of a namespace whose owner binds it there.
	AppSecretsRole = "scim-operator-app-secrets"
)

// rights are the generated rules for the operator.
type rights struct {
	everywhere *rbacv1.ClusterRole
	inside     *rbacv1.Role // in its own namespace
	appSecrets *rbacv1.ClusterRole
}

// grantRights puts what holds for the whole cluster there, and remembers what holds in the operators' namespaces.
func (c *Cluster) grantRights(ctx context.Context) error {
	r := &c.rights
	r.everywhere, r.inside, r.appSecrets = &rbacv1.ClusterRole{}, &rbacv1.Role{}, &rbacv1.ClusterRole{}
	if err := errors.Join(c.readRole("role.yaml", r.everywhere, r.inside), c.readRole("app_secrets_role.yaml", r.appSecrets)); err != nil {
		return err
	}
	for _, role := range []client.Object{r.everywhere, r.appSecrets} {
		if err := c.Client.Create(ctx, role); err != nil {
			return fmt.Errorf("granting the operator's rights: %w", err)
		}
	}
	return nil
}

// readRole reads the documents of a file of config/rbac.
func (c *Cluster) readRole(file string, into ...client.Object) error {
	content, err := os.ReadFile(filepath.Join(c.root, "config", "rbac", file))
	if err != nil {
		return fmt.Errorf("reading the operator's rights: %w", err)
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for _, obj := range into {
		document, err := documents.Read()
		if err != nil {
			return fmt.Errorf("reading the operator's rights in %s: %w", file, err)
		}
		if err := yaml.UnmarshalStrict(document, obj); err != nil {
			return fmt.Errorf("reading the operator's rights in %s: %w", file, err)
		}
	}
	if _, err := documents.Read(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s has more documents than the %d that are known here", file, len(into))
	}
	return nil
}

// bindRights gives the operator of one namespace its rights.
func (c *Cluster) bindRights(ctx context.Context, namespace string) error {
	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: serviceAccount}}
	inside := c.rights.inside.DeepCopy()
	inside.Namespace = namespace
	ref := func(kind string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: managerRole}
	}
	for _, obj := range []client.Object{
		inside,
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: managerRole}, RoleRef: ref("Role"), Subjects: subjects},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: managerRole + "-" + namespace}, RoleRef: ref("ClusterRole"), Subjects: subjects},
	} {
		if err := c.Client.Create(ctx, obj); err != nil {
			return fmt.Errorf("granting the operator's rights in %s: %w", namespace, err)
		}
	}
	return nil
}

// impersonation acts as the operator's ServiceAccount.
func impersonation(namespace string) rest.ImpersonationConfig {
	return rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + namespace + ":" + serviceAccount,
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
	}
}
