// Command userroles writes the ClusterRoles scim-viewer and scim-editor from the CRDs: userroles CRDS OUT.
//
// Owns: which verbs a user gets on which kind. Never does: the operator's own Role (controller-gen writes it).
// Called by: make generate. Calls: nothing but the file system.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: userroles CRDS OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "userroles:", err)
		os.Exit(1)
	}
}

func run(crds, out string) error {
	kinds, err := read(crds)
	if err != nil {
		return err
	}
	for file, role := range map[string]rbacv1.ClusterRole{
		"scim_viewer_role.yaml": viewer(kinds),
		"scim_editor_role.yaml": editor(kinds),
	} {
		content, err := yaml.Marshal(role)
		if err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(out, file), append([]byte("---\n"), content...), 0o644); err != nil {
			return fmt.Errorf("writing the role: %w", err)
		}
	}
	return nil
}

func read(directory string) ([]apiextensionsv1.CustomResourceDefinitionSpec, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("looking for CRDs: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("no CRDs in " + directory)
	}
	var kinds []apiextensionsv1.CustomResourceDefinitionSpec
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a CRD: %w", err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(content, &crd); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		kinds = append(kinds, crd.Spec)
	}
	return kinds, nil
}

// viewer reads everything. It holds no Secret: tokens are in the operator's namespace.
func viewer(kinds []apiextensionsv1.CustomResourceDefinitionSpec) rbacv1.ClusterRole {
	all := resources(kinds, apiextensionsv1.NamespaceScoped, apiextensionsv1.ClusterScoped)
	return clusterRole("scim-viewer", []string{"view", "edit", "admin"}, rule(all, "get", "list", "watch"))
}

// editor writes what lives in a namespace. A cluster-scoped kind says what each namespace may do, so an editor of one
// namespace must not write it, and only reads it here; cluster-admin writes it.
func editor(kinds []apiextensionsv1.CustomResourceDefinitionSpec) rbacv1.ClusterRole {
	return clusterRole("scim-editor", []string{"edit", "admin"},
		rule(resources(kinds, apiextensionsv1.NamespaceScoped), "get", "list", "watch", "create", "update", "patch", "delete"),
		rule(resources(kinds, apiextensionsv1.ClusterScoped), "get", "list", "watch"))
}

func resources(kinds []apiextensionsv1.CustomResourceDefinitionSpec, scopes ...apiextensionsv1.ResourceScope) []string {
	var names []string
	for _, kind := range kinds {
		if slices.Contains(scopes, kind.Scope) {
			names = append(names, kind.Names.Plural)
		}
	}
	slices.Sort(names)
	return names
}

func rule(resources []string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{"scim-operator.io"}, Resources: resources, Verbs: verbs}
}

// clusterRole makes a role that Kubernetes adds to its own roles named in aggregateTo.
func clusterRole(name string, aggregateTo []string, rules ...rbacv1.PolicyRule) rbacv1.ClusterRole {
	labels := map[string]string{"app.kubernetes.io/name": "scim-operator"}
	for _, role := range aggregateTo {
		labels["rbac.authorization.k8s.io/aggregate-to-"+role] = "true"
	}
	return rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Rules:      rules,
	}
}
