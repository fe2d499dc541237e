package index

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// The indexed fields of ScimApp, for client.MatchingFields.
const (
	ScimAppTenant         = "spec.tenantRef.name"
	ScimAppMapping        = "spec.attributeMappings.name"
	ScimAppClusterMapping = "spec.attributeMappings.clusterName"
)

// Register adds the indexes to the manager's cache. It is called once, before the manager starts.
func Register(ctx context.Context, mgr interface{ GetFieldIndexer() client.FieldIndexer }) error {
	for field, values := range map[string]client.IndexerFunc{
		ScimAppTenant:         tenantName,
		ScimAppMapping:        mappingNames(func(ref v1alpha1.AttributeMappingReference) string { return ref.Name }),
		ScimAppClusterMapping: mappingNames(func(ref v1alpha1.AttributeMappingReference) string { return ref.ClusterName }),
	} {
		if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.ScimApp{}, field, values); err != nil {
			return fmt.Errorf("indexing ScimApps by %s: %w", field, err)
		}
	}
	return nil
}

func tenantName(obj client.Object) []string {
	app, ok := obj.(*v1alpha1.ScimApp)
	if !ok {
		return nil
	}
	return []string{app.Spec.TenantRef.Name}
}

func mappingNames(of func(v1alpha1.AttributeMappingReference) string) client.IndexerFunc {
	return func(obj client.Object) []string {
		app, ok := obj.(*v1alpha1.ScimApp)
		if !ok {
			return nil
		}
		var names []string
		for _, ref := range app.Spec.AttributeMappings {
			if name := of(ref); name != "" {
				names = append(names, name)
			}
		}
		return names
	}
}

// AppsOfTenant gives the ScimApps that name the EntraTenant, from all namespaces, in the order of namespace and name.
// Those that are being deleted are among them until they are gone.
func AppsOfTenant(ctx context.Context, reader client.Reader, tenant string) ([]v1alpha1.ScimApp, error) {
	return list(ctx, reader, client.MatchingFields{ScimAppTenant: tenant})
}

// AppsOfMapping gives the ScimApps that name the mapping, in the order of namespace and name: those of its namespace for
// an AttributeMapping, those of all namespaces for a ClusterAttributeMapping.
func AppsOfMapping(ctx context.Context, reader client.Reader, m v1alpha1.MappingObject) ([]v1alpha1.ScimApp, error) {
	if m.MappingKind() == v1alpha1.KindClusterAttributeMapping {
		return list(ctx, reader, client.MatchingFields{ScimAppClusterMapping: m.GetName()})
	}
	return list(ctx, reader, client.InNamespace(m.GetNamespace()), client.MatchingFields{ScimAppMapping: m.GetName()})
}

// NameForMapping is how the status of the mapping names the ScimApp: with its namespace where the mapping has none.
func NameForMapping(m v1alpha1.MappingObject, app *v1alpha1.ScimApp) string {
	if m.MappingKind() == v1alpha1.KindClusterAttributeMapping {
		return app.Namespace + "/" + app.Name
	}
	return app.Name
}

func list(ctx context.Context, reader client.Reader, opts ...client.ListOption) ([]v1alpha1.ScimApp, error) {
	apps := &v1alpha1.ScimAppList{}
	if err := reader.List(ctx, apps, opts...); err != nil {
		return nil, fmt.Errorf("listing ScimApps: %w", err)
	}
	slices.SortFunc(apps.Items, func(a, b v1alpha1.ScimApp) int {
		return slices.Compare([]string{a.Namespace, a.Name}, []string{b.Namespace, b.Name})
	})
	return apps.Items, nil
}

// maxExamples is the limit of status.usedBy.examples.
const maxExamples = 10

// UsedBy sums up the users of an object for its status, or gives nil when there are none.
func UsedBy(apps []v1alpha1.ScimApp, name func(app v1alpha1.ScimApp) string) *v1alpha1.UsedBy {
	if len(apps) == 0 {
		return nil
	}
	used := &v1alpha1.UsedBy{Count: int32(len(apps))}
	for _, app := range apps[:min(len(apps), maxExamples)] {
		used.Examples = append(used.Examples, name(app))
	}
	return used
}
