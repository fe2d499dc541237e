package cli

import (
	"context"
	"errors"
	"maps"

	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// labelsOf are the labels that a namespace has once the files are applied. The error says that the cluster's are not known:
// others set labels there too.
func (o *planOptions) labelsOf(ctx context.Context, read objects, name string) (map[string]string, error) {
	var ns, ofFiles corev1.Namespace
	cluster := objects{plugin: o.plugin, clusterOnly: true}
	unknown := cluster.get(ctx, "Namespace", "", name, &ns)
	labels := map[string]string{corev1.LabelMetadataName: name}
	maps.Copy(labels, ns.Labels)
	if object, ok := read.inFiles("Namespace", "", name); ok {
		if err := decode(object, &ofFiles); err != nil {
			return labels, err
		}
		maps.Copy(labels, ofFiles.Labels)
		if _, absent := errors.AsType[notInCluster](unknown); absent {
			unknown = nil // applying the files makes it
		}
	}
	return labels, unknown
}

// usersOf is how many ScimApps of the cluster use a mapping; 0 where that is not known.
func (o *planOptions) usersOf(ctx context.Context, kind v1alpha1.MappingKind, namespace, name string) int32 {
	var m v1alpha1.MappingObject = &v1alpha1.AttributeMapping{}
	if kind == v1alpha1.KindClusterAttributeMapping {
		m = &v1alpha1.ClusterAttributeMapping{}
	}
	cluster := objects{plugin: o.plugin, clusterOnly: true}
	if err := cluster.get(ctx, string(kind), namespace, name, m); err != nil || m.MappingStatus().UsedBy == nil {
		return 0
	}
	return m.MappingStatus().UsedBy.Count
}
